-- Makes rows of what was delivered as JSON. fuse.duckdb.sql does the same; how JSON is read is all that engines differ in.

truncate fused_shareholder, identity_link, fused_invoice_month, fused_insured_month, fused_power_month;

insert into fused_shareholder
select uscc, holder.name, holder."sharePercent", holder.enterprise ->> 'uscc'
from enterprise_record cross join lateral jsonb_to_recordset(cast(shareholders as jsonb))
  as holder(name varchar, "sharePercent" double precision, enterprise jsonb);

insert into identity_link
select uscc, link.system, link."localKey", link.method, link.confidence
from enterprise_record cross join lateral jsonb_to_recordset(cast(identity_links as jsonb))
  as link(system varchar, "localKey" varchar, method varchar, confidence double precision);

insert into fused_invoice_month
select uscc, taxpayer_id, each.month, cast(substr(each.month, 1, 4) as integer) * 12 + cast(substr(each.month, 6, 2) as integer),
  each.count, each."amountCny"
from enterprise_record cross join lateral jsonb_to_recordset(cast(invoices as jsonb))
  as each(month varchar, count integer, "amountCny" double precision);

insert into fused_insured_month
select uscc, unit_no, each.month, cast(substr(each.month, 1, 4) as integer) * 12 + cast(substr(each.month, 6, 2) as integer), each.insured
from enterprise_record cross join lateral jsonb_to_recordset(cast(headcounts as jsonb)) as each(month varchar, insured integer);

insert into fused_power_month
select uscc, customer."customerNo", each.month,
  cast(substr(each.month, 1, 4) as integer) * 12 + cast(substr(each.month, 6, 2) as integer), each.kwh
from enterprise_record
cross join lateral jsonb_to_recordset(cast(power_customers as jsonb)) as customer("customerNo" varchar, usage jsonb)
cross join lateral jsonb_to_recordset(customer.usage) as each(month varchar, kwh double precision);

analyze enterprise_record, published_figure, fused_shareholder, identity_link, fused_invoice_month, fused_insured_month, fused_power_month;
