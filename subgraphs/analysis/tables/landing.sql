-- What dispatches deliver, a table each, with a column for each of theirs: see feeds/. Lists are texts of JSON, as they are delivered.

create table if not exists enterprise_record (
  uscc varchar primary key,
  name varchar,
  status varchar,
  industry varchar,
  registered_address varchar,
  established_on varchar,
  registered_capital_cny double precision,
  representative_pid varchar,
  shareholders varchar,
  identity_links varchar,
  taxpayer_id varchar,
  declared_headcount integer,
  invoices varchar,
  unit_no varchar,
  headcounts varchar,
  power_customers varchar
);

create table if not exists published_figure (
  figure_id varchar primary key,
  indicator varchar not null,
  name varchar,
  part varchar not null,
  period varchar not null,
  value double precision,
  unit varchar
);
