/*
id: bulletin-figures
version: 1
title: Figures of the bulletin, from their records
finds: BulletinFigure
text: >-
  Each figure of market regulation's bulletin is worked out again from the records of the register, and found where it differs from what was published.
parameters:
  tolerance: { value: 0.005, unit: of the figure's unit, text: less is no difference }
  shown: { value: 20, unit: records, text: of the records of a figure so many are named }
*/
with
parameter as (
  select cast($tolerance as double precision) as tolerance, cast($shown as integer) as shown
),
-- Which figure each record is part of.
counted as (
  select 'active-enterprises' as indicator, industry as part, 1 as amount, uscc, system, record_type, record_id, as_of
  from enterprise where status = 'ACTIVE'
  union all
  select 'registered-capital', substr(uscc, 3, 6), registered_capital_cny, uscc, system, record_type, record_id, as_of
  from enterprise where status = 'ACTIVE'
),
recomputed as (
  select indicator, part, cast(sum(cast(amount as decimal(24, 2))) as double precision) as value, count(*) as records from counted group by indicator, part
),
compared as (
  select bulletin_figure.*, coalesce(recomputed.value, 0) as again, coalesce(records, 0) as records, shown,
    abs(bulletin_figure.value - coalesce(recomputed.value, 0)) > tolerance as holds
  from bulletin_figure cross join parameter left join recomputed using (indicator, part)
),
nth as (
  select counted.*, row_number() over (partition by indicator, part order by uscc) as nth from counted
)
select figure_id as subject, holds, 1.0 as score, 1 as place, 'published' as term, value, cast(null as varchar) as text,
  cast(null as double precision) as threshold, cast(null as varchar) as comparison, unit, cast(1 as bigint) as row_count,
  system, record_type, record_id, as_of, cast(null as varchar) as method, cast(null as double precision) as confidence
from compared
union all
select figure_id, holds, 1.0, 2, 'recomputed', again, null, compared.value, 'EQUAL', unit, records,
  nth.system, nth.record_type, nth.record_id, nth.as_of, null, null
from compared left join nth on nth.indicator = compared.indicator and nth.part = compared.part and nth.nth <= compared.shown
