-- What the department keeps itself: the rules that were published, and what they found.

create table if not exists published_rule (
  id varchar not null,
  version integer not null,
  title varchar not null,
  text varchar not null,
  finds varchar not null,
  parameters varchar not null,
  statement varchar not null,
  hash varchar not null,
  published_at varchar not null,
  primary key (id, version)
);

create table if not exists finding (
  id varchar primary key,
  rule varchar not null,
  version integer not null,
  hash varchar not null,
  subject_type varchar not null,
  subject_key varchar not null,
  state varchar not null,
  score double precision not null,
  terms varchar not null,
  digest varchar not null,
  found_at varchar not null,
  ended_at varchar,
  superseded_by varchar
);

create index if not exists finding_of_rule on finding (rule, state, id);
create index if not exists finding_of_subject on finding (subject_type, subject_key);

-- Of rules that look at everything of a kind, what they said last, whether or not it is a finding.
create table if not exists last_check (
  rule varchar not null,
  version integer not null,
  subject_type varchar not null,
  subject_key varchar not null,
  holds boolean not null,
  terms varchar not null,
  checked_at varchar not null,
  primary key (subject_type, subject_key, rule)
);
