-- What like services use on an average day, for gaps of meters that have no like days of their own.

create table peer_profile (
    tenant_id int4 not null,
    tariff_family text not null,
    month date not null,
    block_minutes int2 not null,
    services int4 not null,
    energy_wh int8[] not null,
    constraint peer_profile_pkey primary key (tenant_id, tariff_family, month, block_minutes),
    constraint peer_profile_month_first check (extract(day from month) = 1),
    constraint peer_profile_services_positive check (services > 0),
    constraint peer_profile_whole check (cardinality(energy_wh) = 1440 / block_minutes)
);
comment on table peer_profile is 'The average day of the services of a tariff family in a month, by block: put down once when the month is over and never changed, so that estimates drawn from it come out the same whenever they are made.';
comment on column peer_profile.services is 'How many services it is the average of; a family with few has none.';
create trigger peer_profile_immutable before update or delete on peer_profile
    for each row execute function refuse_change();
alter table peer_profile enable row level security;
alter table peer_profile force row level security;
create policy tenant on peer_profile
    using (tenant_id = nullif(current_setting('vidyut.tenant', true), '')::int4);
revoke all on peer_profile from public;
grant select, insert on peer_profile to vidyut_app;

create index consumption_day_pending on consumption_day (tenant_id, meter_id, day) where is_pending;
