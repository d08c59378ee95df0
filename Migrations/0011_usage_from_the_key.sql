-- What usage is made of stands in the key of the days itself. A meter's days are written one a night
-- and lie on as many pages: three years of them were a thousand pages to fetch, and are a dozen of the
-- key.

alter table consumption_day
    drop constraint consumption_day_pkey,
    add constraint consumption_day_pkey primary key (tenant_id, meter_id, day)
        include (energy_wh, last_at, last_register_wh, quality, readings);
