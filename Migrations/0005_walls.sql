-- The walls between offices: the same forced policy on every table, and what the application's
-- role may do. It owns nothing and changes no issued thing.

do $$
declare name text;
begin
    for name in
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and c.relname <> 'migration'
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy tenant on %I using (tenant_id = nullif(current_setting(''vidyut.tenant'', true), '''')::int4)',
            name);
    end loop;
end $$;

-- The owner's functions look these up before the office is known, and move waiting readings.
create policy lookup on office for select to vidyut_owner using (true);
create policy lookup on user_account for select to vidyut_owner using (true);
create policy lookup on user_session for select to vidyut_owner using (true);
create policy lookup on meter for select to vidyut_owner using (true);
create policy move on reading_default to vidyut_owner using (true);

revoke all on all tables in schema public from public;
grant usage on schema public to vidyut_app;
grant select, insert, update, delete on
    office, user_account, user_session, idempotency_key, consumer, feeder, transformer, service,
    meter, installation, reading, reading_extra, reading_conflict, reading_placement,
    reading_rejection, meter_latest, consumption_day, consumption_dirty, bill_run,
    bill_run_outcome, bill, bill_segment, bill_line, bill_slab, bill_number_series
    to vidyut_app;
grant select, insert on tariff_document, ledger_transaction, ledger_entry to vidyut_app;
grant usage on all sequences in schema public to vidyut_app;
grant select on migration to vidyut_app;
