-- What people decided about meters' closed days: versions that are added and undone, never changed.

create table day_version (
    tenant_id int4 not null,
    meter_id int4 not null,
    day date not null,
    number int8 not null,
    kind text not null,
    blocks int2[],
    energy_wh int8[],
    method text,
    reading_at timestamptz,
    undoes int8,
    block_minutes int2,
    first_block int2,
    before_wh int4[],
    before_quality int2[],
    before_readings int2[],
    before_registers_wh int8[],
    made_by text not null,
    reason text not null,
    made_at timestamptz not null,
    constraint day_version_pkey primary key (tenant_id, meter_id, day, number),
    constraint day_version_number_range check (number > 3),
    constraint day_version_kind_known check (kind in ('set', 'accept', 'estimate',
        'accept_reading', 'reject_reading', 'final', 'undo')),
    constraint day_version_blocks check ((kind in ('set', 'accept', 'estimate'))
        = (blocks is not null and cardinality(blocks) > 0)),
    constraint day_version_energies check ((kind in ('set', 'estimate')) = (energy_wh is not null)
        and (energy_wh is null or cardinality(energy_wh) = cardinality(blocks))),
    constraint day_version_method check ((kind = 'estimate') = (method is not null)),
    constraint day_version_reading check ((kind in ('accept_reading', 'reject_reading'))
        = (reading_at is not null and before_registers_wh is not null)),
    constraint day_version_undoes check ((kind = 'undo') = (undoes is not null)
        and (undoes is null or undoes < number)),
    constraint day_version_ground check ((kind in ('set', 'accept', 'estimate', 'final'))
        = (block_minutes is not null and first_block is not null and before_wh is not null
            and before_quality is not null and before_readings is not null)),
    constraint day_version_made_by_present check (length(made_by) > 0),
    constraint day_version_reason_present check (length(reason) between 1 and 500),
    constraint day_version_meter_fkey foreign key (tenant_id, meter_id)
        references meter (tenant_id, meter_id),
    constraint day_version_undoes_fkey foreign key (tenant_id, meter_id, day, undoes)
        references day_version (tenant_id, meter_id, day, number)
);
comment on table day_version is 'What people did to meters'' closed days, append-only: with the readings all that a day is made from.';
comment on column day_version.number is 'From 4: versions 1 to 3 (raw, validated, estimated) are made from the readings whenever they are asked for.';
comment on column day_version.energy_wh is 'Of a set the energies of the blocks; of an estimate their shape, of which registers keep the sum.';
comment on column day_version.before_wh is 'The blocks from first_block on as they stood: when the readings make them otherwise, the version lapses.';
comment on column day_version.before_registers_wh is 'What was read at reading_at, ascending.';

create trigger day_version_immutable before update or delete on day_version
    for each row execute function refuse_change();

alter table day_version enable row level security;
alter table day_version force row level security;
create policy tenant on day_version using (tenant_id = nullif(current_setting('vidyut.tenant', true), '')::int4);
revoke all on day_version from public;
grant select, insert on day_version to vidyut_app;
