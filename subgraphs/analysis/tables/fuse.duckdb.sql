-- Makes rows of what was delivered as JSON, as fuse.postgres.sql does.

delete from fused_shareholder;
delete from identity_link;
delete from fused_invoice_month;
delete from fused_insured_month;
delete from fused_power_month;

insert into fused_shareholder
select uscc, holder.name, holder."sharePercent", holder.enterprise.uscc
from (
  select uscc, unnest(from_json(shareholders, '[{"name":"VARCHAR","sharePercent":"DOUBLE","enterprise":{"uscc":"VARCHAR"}}]')) as holder
  from enterprise_record
);

insert into identity_link
select uscc, link.system, link."localKey", link.method, link.confidence
from (
  select uscc,
    unnest(from_json(identity_links, '[{"system":"VARCHAR","localKey":"VARCHAR","method":"VARCHAR","confidence":"DOUBLE"}]')) as link
  from enterprise_record
);

insert into fused_invoice_month
select uscc, taxpayer_id, each.month, cast(substr(each.month, 1, 4) as integer) * 12 + cast(substr(each.month, 6, 2) as integer),
  each.count, each."amountCny"
from (
  select uscc, taxpayer_id, unnest(from_json(invoices, '[{"month":"VARCHAR","count":"INTEGER","amountCny":"DOUBLE"}]')) as each
  from enterprise_record
);

insert into fused_insured_month
select uscc, unit_no, each.month, cast(substr(each.month, 1, 4) as integer) * 12 + cast(substr(each.month, 6, 2) as integer), each.insured
from (
  select uscc, unit_no, unnest(from_json(headcounts, '[{"month":"VARCHAR","insured":"INTEGER"}]')) as each from enterprise_record
);

insert into fused_power_month
select uscc, customer_no, each.month, cast(substr(each.month, 1, 4) as integer) * 12 + cast(substr(each.month, 6, 2) as integer), each.kwh
from (
  select uscc, customer."customerNo" as customer_no, unnest(customer.usage) as each
  from (
    select uscc,
      unnest(from_json(power_customers, '[{"customerNo":"VARCHAR","usage":[{"month":"VARCHAR","kwh":"DOUBLE"}]}]')) as customer
    from enterprise_record
  )
);
