-- How the clocks of meters stand: how long the quickest reading of each six hours took to come.

create table meter_clock (
    tenant_id int4 not null,
    meter_id int4 not null,
    received_on date not null,
    delay_0_s int4,
    delay_6_s int4,
    delay_12_s int4,
    delay_18_s int4,
    constraint meter_clock_pkey primary key (tenant_id, meter_id, received_on),
    constraint meter_clock_meter_fkey foreign key (tenant_id, meter_id)
        references meter (tenant_id, meter_id)
);
comment on table meter_clock is 'How late by its own clock the quickest reading of a meter came, by the six hours in which it came; a reading comes late for many reasons and early for none but its clock.';
comment on column meter_clock.received_on is 'The day of receipt in UTC.';
comment on column meter_clock.delay_0_s is 'Of what came from 0 to 6 h UTC, whole seconds; negative when the clock was ahead; null when nothing came.';

alter table meter_clock enable row level security;
alter table meter_clock force row level security;
create policy tenant on meter_clock using (tenant_id = nullif(current_setting('vidyut.tenant', true), '')::int4);
revoke all on meter_clock from public;
grant select, insert, update on meter_clock to vidyut_app;
