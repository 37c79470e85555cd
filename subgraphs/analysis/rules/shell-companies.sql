/*
id: shell-companies
version: 1
title: Shell companies
finds: Enterprise
text: >-
  An active enterprise that invoices a lot, insures nobody and uses next to no power, at an address or under a representative of many; none that
  is new, holds shares of others, rests for a season, has its payroll at its owner, or declares a staff that no unit is known of.
context: [power-of-the-middle, at-address, by-representative]
parameters:
  months: { value: 6, unit: months, text: how far back is looked }
  season_months: { value: 12, unit: months, text: who insured somebody within these rests for a season }
  power_share: { value: 0.1, unit: of the median, text: under this share of the power that an enterprise in the middle of its section uses }
  invoiced_cny: { value: 1000000, unit: CNY, text: over this much invoiced }
  shared_by: { value: 5, unit: enterprises, text: from so many on an address or a representative is one of many }
  young_days: { value: 90, unit: days, text: who is younger is new }
  majority_percent: { value: 50, unit: percent, text: who holds more is the owner }
  declared_below: { value: 10, unit: persons, text: who declares so many to the tax bureau has a staff; no unit of theirs is a gap in the links }
  shown: { value: 20, unit: records, text: of records that share something so many are named }
*/
with
parameter as (
  select
    cast($months as integer) as months,
    cast($season_months as integer) as season_months,
    cast($power_share as double precision) as power_share,
    cast($invoiced_cny as double precision) as invoiced_cny,
    cast($shared_by as integer) as shared_by,
    cast($young_days as integer) as young_days,
    cast($majority_percent as double precision) as majority_percent,
    cast($declared_below as integer) as declared_below,
    cast($shown as integer) as shown
),
-- The newest month that all three departments have told of, so that one who is late makes nobody look idle.
newest as (
  select least(
    (select max(month_no) from insured_month),
    (select max(month_no) from power_month),
    (select max(month_no) from invoice_month)
  ) as month_no
),
clock as (
  select parameter.*, newest.month_no as last_no, newest.month_no - months + 1 as first_no, newest.month_no - season_months + 1 as season_no,
    -- The first day after the newest month.
    make_date(cast(floor((newest.month_no - 1) / 12.0) as integer), (newest.month_no - 1) % 12 + 1, 1) + interval '1 month' as until
  from newest cross join parameter
),
-- Sums are of decimals, so that they are the same in whatever order.
people as (
  select uscc, sum(insured) as insured_in_season, sum(case when month_no >= first_no then insured else 0 end) as insured
  from insured_month cross join clock
  where month_no between season_no and last_no
  group by uscc
),
power as (
  select uscc, cast(sum(cast(kwh as decimal(18, 2))) as double precision) as kwh
  from power_month cross join clock
  where month_no between first_no and last_no
  group by uscc
),
invoiced as (
  select uscc, cast(sum(cast(amount_cny as decimal(18, 2))) as double precision) as amount_cny
  from invoice_month cross join clock
  where month_no between first_no and last_no
  group by uscc
),
-- The median is the use of an enterprise, so that it too leads to records.
used as (
  select industry, uscc, kwh,
    row_number() over (partition by industry order by kwh, uscc) as place,
    count(*) over (partition by industry) as members
  from enterprise join power using (uscc)
  where status = 'ACTIVE'
),
middle as (
  select industry, uscc as middle_uscc, kwh as median_kwh, members
  from used where 2 * place between members and members + 1
),
premises as (
  select enterprise.*,
    count(*) over (partition by house) as at_address,
    count(*) over (partition by representative_pid) as by_representative
  from enterprise
),
-- One that holds shares of another, however few.
holder as (
  select distinct holder_uscc from shareholder where holder_uscc is not null
),
paid_by_owner as (
  select distinct shareholder.uscc
  from shareholder join people on people.uscc = holder_uscc cross join clock
  where share_percent > majority_percent and people.insured > 0
),
candidate as (
  select premises.uscc, house, representative_pid, established_on, at_address, by_representative, middle_uscc, median_kwh, members,
    coalesce(power.kwh, 0) as kwh, invoiced.amount_cny, taxpayer.declared_headcount, taxpayer.record_id as taxpayer_id, clock.*,
    people.uscc is not null as has_unit, power.uscc is not null as has_meter
  from premises
  cross join clock
  join middle using (industry)
  join invoiced on invoiced.uscc = premises.uscc
  join taxpayer on taxpayer.uscc = premises.uscc
  left join people on people.uscc = premises.uscc
  left join power on power.uscc = premises.uscc
  left join holder on holder.holder_uscc = premises.uscc
  left join paid_by_owner on paid_by_owner.uscc = premises.uscc
  where status = 'ACTIVE'
    and coalesce(people.insured_in_season, 0) = 0
    and coalesce(power.kwh, 0) < power_share * median_kwh
    and invoiced.amount_cny > invoiced_cny
    and (at_address >= shared_by or by_representative >= shared_by)
    and established_on <= until - young_days * interval '1 day'
    and holder.holder_uscc is null
    and paid_by_owner.uscc is null
    and coalesce(taxpayer.declared_headcount, 0) < declared_below
),
-- What each term comes from.
origin as (
  select uscc, 1 as place, 'market' as system, 'Enterprise' as record_type, uscc as record_id, cast(null as varchar) as as_of from candidate
  union all
  select uscc, 2, system, record_type, record_id, as_of
  from candidate join insured_month using (uscc) where month_no between first_no and last_no
  union all
  select uscc, 2, 'identity', 'Enterprise', uscc, null from candidate where not has_unit
  union all
  select uscc, 3, system, record_type, record_id, as_of
  from candidate join insured_month using (uscc) where month_no between season_no and last_no
  union all
  select uscc, 3, 'identity', 'Enterprise', uscc, null from candidate where not has_unit
  union all
  select uscc, 4, system, record_type, record_id, as_of
  from candidate join power_month using (uscc) where month_no between first_no and last_no
  union all
  select uscc, 4, 'identity', 'Enterprise', uscc, null from candidate where not has_meter
  union all
  select candidate.uscc, 5, system, record_type, record_id, as_of
  from candidate join power_month on power_month.uscc = middle_uscc where power_month.month_no between first_no and last_no
  union all
  select uscc, 6, system, record_type, record_id, as_of
  from candidate join invoice_month using (uscc) where month_no between first_no and last_no
  union all
  select uscc, 7, system, record_type, record_id, as_of
  from (
    select candidate.uscc, system, record_type, record_id, as_of, shown,
      row_number() over (partition by candidate.uscc order by enterprise.uscc) as nth
    from candidate join enterprise on enterprise.house = candidate.house where at_address >= shared_by
  ) neighbour where nth <= shown
  union all
  select uscc, 8, system, record_type, record_id, as_of
  from (
    select candidate.uscc, system, record_type, record_id, as_of, shown,
      row_number() over (partition by candidate.uscc order by enterprise.uscc) as nth
    from candidate join enterprise on enterprise.representative_pid = candidate.representative_pid
    where by_representative >= shared_by
  ) fellow where nth <= shown
  union all
  select uscc, 9, 'market', 'Enterprise', uscc, null from candidate
  union all
  select uscc, 10, 'market', 'Enterprise', uscc, null from candidate
  union all
  select uscc, 11, 'tax', 'Taxpayer', taxpayer_id, null from candidate
),
term as (
  select uscc, 1 as place, 'status' as term, cast(null as double precision) as value, 'ACTIVE' as text,
    cast(null as double precision) as threshold, 'EQUAL' as comparison, cast(null as varchar) as unit, cast(null as bigint) as row_count
  from candidate
  union all
  select uscc, 2, 'insured', 0, null, 0, 'EQUAL', 'persons', null from candidate
  union all
  select uscc, 3, 'insured-in-season', 0, null, 0, 'EQUAL', 'persons', null from candidate
  union all
  select uscc, 4, 'power', kwh, null, power_share * median_kwh, 'BELOW', 'kWh', null from candidate
  union all
  select uscc, 5, 'power-of-the-middle', median_kwh, null, null, null, 'kWh', members from candidate
  union all
  select uscc, 6, 'invoiced', amount_cny, null, invoiced_cny, 'ABOVE', 'CNY', null from candidate
  union all
  select uscc, 7, 'at-address', at_address, null, shared_by, 'AT_LEAST', 'enterprises', at_address
  from candidate where at_address >= shared_by
  union all
  select uscc, 8, 'by-representative', by_representative, null, shared_by, 'AT_LEAST', 'enterprises', by_representative
  from candidate where by_representative >= shared_by
  union all
  select uscc, 9, 'age', cast(cast(until as date) - established_on as double precision), null, young_days, 'AT_LEAST', 'days', null
  from candidate
  union all
  select uscc, 10, 'shares-held', 0, null, 0, 'EQUAL', 'enterprises', null from candidate
  union all
  select uscc, 11, 'declared-headcount', declared_headcount, null, declared_below, 'BELOW', 'persons', null from candidate
)
select candidate.uscc as subject, true as holds,
  -- What rests on records counts for more than what rests on there being none.
  0.6 + case when has_unit then 0.1 else 0 end + case when has_meter then 0.1 else 0 end
    + case when at_address >= shared_by then 0.1 else 0 end + case when by_representative >= shared_by then 0.1 else 0 end as score,
  place, term, value, text, threshold, comparison, unit, row_count,
  origin.system, record_type, record_id, as_of, method, confidence
from candidate
join term using (uscc)
join origin using (uscc, place)
left join identity_link on local_key = record_id
  and key_system = case origin.system when 'tax' then 'TAX' when 'social-security' then 'SOCIAL_SECURITY' when 'power' then 'POWER' end
