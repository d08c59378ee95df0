-- Forecasts: the climate of an office, what was forecast each night, what the fleet has taught, and
-- how well it went.

alter table office
    add column climate text not null default 'india',
    add column climate_celsius float8[],
    add constraint office_climate_present check (length(climate) between 1 and 40),
    add constraint office_climate_months check (cardinality(climate_celsius) = 12);
comment on column office.climate is 'Station or climate zone of the program''s table; what cooling and heating follow in a forecast.';
comment on column office.climate_celsius is 'The office''s own monthly mean temperatures, January first; they go before the table''s.';

-- What usage and forecasts are made of stands in the key of the days itself. A meter's days are written
-- one a night and lie on as many pages; years of them are a few pages of the key.
alter table consumption_day
    drop constraint consumption_day_pkey,
    add constraint consumption_day_pkey primary key (tenant_id, meter_id, day)
        include (energy_wh, last_at, last_register_wh, quality, readings, estimated_blocks);

create table forecast_run (
    tenant_id int4 not null,
    origin date not null,
    previous_origin date,
    state_origin date not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    services int4 not null default 0,
    forecasts int4 not null default 0,
    constraint forecast_run_pkey primary key (tenant_id, origin),
    constraint forecast_run_in_order check (previous_origin < origin and state_origin < origin),
    constraint forecast_run_office_fkey foreign key (tenant_id) references office (tenant_id)
);
comment on table forecast_run is 'One night of forecasts of an office; origin is the last day that was known.';
comment on column forecast_run.previous_origin is 'The night before; what fell due since is scored. Null on the first.';
comment on column forecast_run.state_origin is 'The night of whose forecast_fleet these forecasts were made.';
comment on column forecast_run.services is 'Services the night set out to look at; forecasts: those that got one.';

create table forecast_part (
    tenant_id int4 not null,
    origin date not null,
    part int4 not null,
    first_service int4 not null,
    last_service int4 not null,
    done_at timestamptz,
    result text,
    constraint forecast_part_pkey primary key (tenant_id, origin, part),
    constraint forecast_part_done check ((done_at is null) = (result is null)),
    constraint forecast_part_run_fkey foreign key (tenant_id, origin)
        references forecast_run (tenant_id, origin)
);
comment on table forecast_part is 'Some hundred services of a night, claimed by whoever works on it; removed when the night is finished.';
comment on column forecast_part.result is 'What the part''s services said together and how older forecasts went, as JSON, until it is merged.';

create table forecast (
    tenant_id int4 not null,
    service_id int4 not null,
    origin date not null,
    known_days int2 not null,
    silent_days int2 not null,
    naive_kwh float4,
    day_scale float8 not null,
    total_scale float8 not null,
    means float4[] not null,
    constraint forecast_pkey primary key (tenant_id, service_id, origin),
    constraint forecast_horizon check (cardinality(means) between 1 and 62),
    constraint forecast_scales_positive check (day_scale > 0 and total_scale > 0),
    constraint forecast_service_fkey foreign key (tenant_id, service_id)
        references service (tenant_id, service_id)
);
comment on table forecast is 'What was forecast for a service on the evening of a day: what is needed to show it and to score it.';
comment on column forecast.known_days is 'Days with a reading that were looked at; silent_days: days since the last of them.';
comment on column forecast.naive_kwh is 'Mean of the last seven known days, the naive forecast to be measured by; null without one.';
comment on column forecast.day_scale is 'Size of the error of a day as a logarithm; total_scale: of a total. Quantiles in these units are in forecast_fleet.';
comment on column forecast.means is 'Kilowatt-hours of each day after the origin.';

create table forecast_fleet (
    tenant_id int4 not null,
    tariff_family text not null,
    origin date not null,
    state text not null,
    constraint forecast_fleet_pkey primary key (tenant_id, tariff_family, origin),
    constraint forecast_fleet_office_fkey foreign key (tenant_id) references office (tenant_id)
);
comment on table forecast_fleet is 'What the services of a tariff family taught together up to a night, as JSON: the next night''s forecasts rest on it.';

create table forecast_score (
    tenant_id int4 not null,
    tariff_family text not null,
    book text not null,
    constraint forecast_score_pkey primary key (tenant_id, tariff_family),
    constraint forecast_score_office_fkey foreign key (tenant_id) references office (tenant_id)
);
comment on table forecast_score is 'Errors of all forecasts that came due, counted, as JSON: bounds of new ones come from it.';

create table forecast_sum (
    tenant_id int4 not null,
    origin date not null,
    transformer_id int4 not null,
    part int4 not null,
    services int4 not null,
    means float8[] not null,
    spreads float8[] not null,
    constraint forecast_sum_pkey primary key (tenant_id, origin, transformer_id, part),
    constraint forecast_sum_horizon check (cardinality(means) = 62 and cardinality(spreads) = 4)
);
comment on table forecast_sum is 'Forecasts of a part''s services on one transformer, added up; 0 for those on none.';
comment on column forecast_sum.spreads is 'The total of a month, the same times the services'' scales of days and of totals, and the sum of squares of the latter.';

create table forecast_accuracy (
    tenant_id int4 not null,
    kind text not null,
    first_day date not null,
    last_day date not null,
    sums float8[] not null,
    constraint forecast_accuracy_pkey primary key (tenant_id, kind, first_day, last_day),
    constraint forecast_accuracy_kind_known check (kind in ('month', 'cycle')),
    constraint forecast_accuracy_span check (last_day >= first_day),
    constraint forecast_accuracy_office_fkey foreign key (tenant_id) references office (tenant_id)
);
comment on table forecast_accuracy is 'How the forecasts made on the evening before a month or a cycle went, in sums over services; kept for ever.';
comment on column forecast_accuracy.sums is 'In the order of the program''s ForecastScore: services, kilowatt-hours, errors, hits, paise.';

do $$
declare name text;
begin
    foreach name in array array['forecast_run', 'forecast_part', 'forecast', 'forecast_fleet',
        'forecast_score', 'forecast_sum', 'forecast_accuracy']
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy tenant on %I using (tenant_id = nullif(current_setting(''vidyut.tenant'', true), '''')::int4)',
            name);
        execute format('revoke all on %I from public', name);
        execute format('grant select, insert, update, delete on %I to vidyut_app', name);
    end loop;
end $$;
