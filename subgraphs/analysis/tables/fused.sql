-- The fused records: a row for each row of a department, under the enterprise whose it is. fuse.*.sql fills the tables out of what was
-- delivered, and the views say of each row where it came from: the department, its own key of the record, and the time that the row is about.

create table if not exists fused_shareholder (
  uscc varchar not null, name varchar, share_percent double precision, holder_uscc varchar
);
create table if not exists identity_link (
  uscc varchar not null, key_system varchar not null, local_key varchar not null, method varchar not null, confidence double precision
);
create table if not exists fused_invoice_month (
  uscc varchar not null, taxpayer_id varchar, month varchar not null, month_no integer not null, invoices integer, amount_cny double precision
);
create table if not exists fused_insured_month (
  uscc varchar not null, unit_no varchar, month varchar not null, month_no integer not null, insured integer
);
create table if not exists fused_power_month (
  uscc varchar not null, customer_no varchar, month varchar not null, month_no integer not null, kwh double precision
);

create or replace view enterprise as
select uscc, name, status, industry, registered_address, cast(established_on as date) as established_on,
  registered_capital_cny, representative_pid,
  -- The house, without the room.
  regexp_replace(regexp_replace(registered_address, '^Room [0-9]+, ', ''), '[0-9]+室$', '') as house,
  'market' as system, 'Enterprise' as record_type, uscc as record_id, cast(null as varchar) as as_of
from enterprise_record;

create or replace view shareholder as
select fused_shareholder.*,
  'market' as system, 'Enterprise' as record_type, uscc as record_id, cast(null as varchar) as as_of
from fused_shareholder;

create or replace view taxpayer as
select uscc, taxpayer_id, declared_headcount,
  'tax' as system, 'Taxpayer' as record_type, taxpayer_id as record_id, cast(null as varchar) as as_of
from enterprise_record where taxpayer_id is not null;

create or replace view invoice_month as
select uscc, month, month_no, invoices, amount_cny,
  'tax' as system, 'Taxpayer' as record_type, taxpayer_id as record_id, month as as_of
from fused_invoice_month;

create or replace view insured_month as
select uscc, month, month_no, insured,
  'social-security' as system, 'InsuredUnit' as record_type, unit_no as record_id, month as as_of
from fused_insured_month;

create or replace view power_month as
select uscc, month, month_no, kwh,
  'power' as system, 'PowerCustomer' as record_type, customer_no as record_id, month as as_of
from fused_power_month;

create or replace view bulletin_figure as
select figure_id, indicator, name, part, period, value, unit,
  'market' as system, 'BulletinFigure' as record_type, figure_id as record_id, period as as_of
from published_figure;
