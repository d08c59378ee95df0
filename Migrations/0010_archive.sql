-- Readings by the year: imports that go on after a kill, and months that leave for files and come
-- back from them.

create table reading_import (
    tenant_id int4 not null,
    digest bytea not null,
    file text not null,
    rows int8 not null,
    position int8 not null,
    stored int8 not null,
    duplicates int8 not null,
    conflicts int8 not null,
    state text not null,
    started_at timestamptz not null,
    updated_at timestamptz not null,
    constraint reading_import_pkey primary key (tenant_id, digest),
    constraint reading_import_state_known check (state in ('storing', 'stored')),
    constraint reading_import_position_range check (position between 0 and rows)
);
comment on table reading_import is 'Files of readings and how far each is stored, so that an import that was killed goes on where it stood.';
comment on column reading_import.digest is 'SHA-256 of what the file holds, unpacked, and of which meters are taken from it.';
comment on column reading_import.position is 'Readings settled, in order of meter and time; written in the transaction of the readings.';

create table reading_archive (
    tenant_id int4 not null,
    month date not null,
    file text not null,
    rows int8 not null,
    first_at timestamptz,
    last_at timestamptz,
    bytes int8 not null,
    file_digest bytea not null,
    content_digest bytea not null,
    state text not null,
    changed_at timestamptz not null,
    constraint reading_archive_pkey primary key (tenant_id, month),
    constraint reading_archive_month_first check (extract(day from month) = 1),
    constraint reading_archive_state_known
        check (state in ('verified', 'archived', 'attached'))
);
comment on table reading_archive is 'Months of an office''s readings that are kept in a file.';
comment on column reading_archive.file is 'Name within the folder of archives.';
comment on column reading_archive.content_digest is 'SHA-256 of the lines before they were packed.';
comment on column reading_archive.state is 'verified: the file was read back and equals the rows, which are still here; archived: the rows are in the file only; attached: brought back from the file, to be read only.';

do $$
declare name text;
begin
    foreach name in array array['reading_import', 'reading_archive'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy tenant on %I using (tenant_id = nullif(current_setting(''vidyut.tenant'', true), '''')::int4)',
            name);
    end loop;
    -- The owner's functions count what they are about to drop, whosever it is.
    for name in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'reading'::regclass and c.relname <> 'reading_default'
    loop
        execute format('create policy keep on %I for select to vidyut_owner using (true)', name);
    end loop;
end $$;
create policy keep on reading_archive to vidyut_owner using (true);
create policy keep on consumption_dirty for select to vidyut_owner using (true);
grant select, insert, update on reading_import, reading_archive to vidyut_app;

create function refuse_archived_reading() returns trigger
    language plpgsql set search_path = public, pg_temp
    as $$
declare
    touched record;
    touched_month date;
begin
    if tg_op = 'DELETE' then touched := old; else touched := new; end if;
    touched_month := date_trunc('month', touched.at at time zone 'UTC')::date;
    if tg_argv[0] = 'all' or exists (
        select from reading_archive a
        where a.tenant_id = touched.tenant_id and a.month = touched_month)
    then
        raise exception 'the readings of % are in the archive: nothing is added to them or changed',
            to_char(touched_month, 'YYYY-MM')
            using errcode = '55000', constraint = 'month_archived';
    end if;
    return touched;
end $$;
comment on function refuse_archived_reading is 'Keeps a month as its archive has it: every row of the partition, or those of offices that have archived it.';

create trigger archived before insert on reading_default
    for each row execute function refuse_archived_reading('archived');

create or replace function make_reading_partition(month date) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    first_day date := date_trunc('month', month)::date;
    next_month date := (first_day + interval '1 month')::date;
    name text := 'reading_' || to_char(first_day, 'YYYY_MM');
begin
    if first_day > now() + interval '4 months' or first_day < now() - interval '40 years' then
        raise exception 'no partition is made for %: outside what an office may hold', first_day
            using errcode = '22023';
    end if;
    perform pg_advisory_xact_lock(hashtext('make_reading_partition'));
    if to_regclass(name) is not null then
        return false;
    end if;
    -- Readings that came before their partition wait in the default one and are moved along.
    lock table reading_default in access exclusive mode;
    execute format('create table %I (like reading including defaults including constraints including indexes)', name);
    execute format(
        'with moved as (delete from reading_default where at >= %L and at < %L returning *) insert into %I select * from moved',
        first_day || ' 00:00+00', next_month || ' 00:00+00', name);
    perform dress_reading_partition(name, first_day);
    if exists (select from reading_archive a where a.month = first_day) then
        execute format('create trigger archived before insert or update or delete on %I for each row execute function refuse_archived_reading(''archived'')', name);
    end if;
    execute format('alter table reading attach partition %I for values from (%L) to (%L)',
        name, first_day || ' 00:00+00', next_month || ' 00:00+00');
    return true;
end $$;

comment on function make_reading_partition is 'Makes the partition of a month and moves waiting readings into it; true when it was new. A wrong clock cannot make thousands: only within 40 years back and four months ahead.';

create function dress_reading_partition(name text, first_day date) returns void
    language plpgsql set search_path = public, pg_temp
    as $$
begin
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''vidyut.tenant'', true), '''')::int4)', name);
    execute format('create policy keep on %I for select to vidyut_owner using (true)', name);
    execute format('comment on table %I is %L', name, 'Readings of ' || to_char(first_day, 'YYYY-MM') || ', UTC.');
end $$;
comment on function dress_reading_partition is 'The walls of a new partition; only its owner can.';

create function waiting_reading_months() returns table (month date)
    language sql stable security definer set search_path = public, pg_temp
    as $$
        select distinct date_trunc('month', at at time zone 'UTC')::date from reading_default
        order by 1 $$;
comment on function waiting_reading_months is 'Months of which readings wait for a partition in the default one.';

create function reading_months() returns table (month date, is_closed boolean)
    language sql stable set search_path = public, pg_temp
    as $$
        select to_date(substr(c.relname, 9), 'YYYY_MM'),
            exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'closed')
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'reading'::regclass and c.relname ~ '^reading_\d{4}_\d{2}$'
        order by 1 $$;
comment on function reading_months is 'The months with a partition, and whether each is closed to every change.';

create function require_expired_month(first_day date) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    -- A week for readings under way, and for local days that lie across two months.
    kept_days int4 := 7 + (select max(oldest_reading_days) from office where tenant_id > 0);
begin
    if (first_day + interval '1 month')::date + kept_days > (now() at time zone 'UTC')::date then
        raise exception 'the readings of % are not older than what every office keeps (% days)',
            to_char(first_day, 'YYYY-MM'), kept_days
            using errcode = '55000', constraint = 'month_not_expired';
    end if;
end $$;
comment on function require_expired_month is 'Refuses a month that some office still keeps, by the database''s own clock.';

create function close_reading_month(month date) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    first_day date := date_trunc('month', month)::date;
    name text := 'reading_' || to_char(first_day, 'YYYY_MM');
begin
    if to_regclass(name) is null then
        return false;
    end if;
    if exists (select from pg_trigger where tgrelid = to_regclass(name) and tgname = 'closed') then
        return true;
    end if;
    perform require_expired_month(first_day);
    -- Waits for whoever is writing there, so that what is exported is all there is.
    execute format('create trigger closed before insert or update or delete on %I for each row execute function refuse_archived_reading(''all'')', name);
    return true;
end $$;
comment on function close_reading_month is 'Closes the partition of an expired month to every change; false where there is none.';

create function drop_reading_month(month date) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    first_day date := date_trunc('month', month)::date;
    next_month date := (first_day + interval '1 month')::date;
    name text := 'reading_' || to_char(first_day, 'YYYY_MM');
    lacking int4;
begin
    perform pg_advisory_xact_lock(hashtext('make_reading_partition'));
    if to_regclass(name) is null then
        return false;
    end if;
    perform require_expired_month(first_day);
    if not exists (select from pg_trigger where tgrelid = to_regclass(name) and tgname = 'closed') then
        raise exception 'the readings of % are not closed', to_char(first_day, 'YYYY-MM')
            using errcode = '55000', constraint = 'month_open';
    end if;
    execute format(
        'select c.tenant_id from (select tenant_id, count(*) as rows from %I group by tenant_id) c
         left join reading_archive a on a.tenant_id = c.tenant_id and a.month = %L
         where a.rows is distinct from c.rows limit 1', name, first_day) into lacking;
    if lacking is not null then
        raise exception 'not every reading of % is in a verified archive (office %)',
            to_char(first_day, 'YYYY-MM'), lacking
            using errcode = '55000', constraint = 'month_not_archived';
    end if;
    if exists (select from consumption_dirty d
        where d.day between first_day - 1 and next_month + 1)
    then
        raise exception 'days of % are still to be made from its readings',
            to_char(first_day, 'YYYY-MM')
            using errcode = '55000', constraint = 'month_not_rolled_up';
    end if;
    execute format('alter table reading detach partition %I', name);
    execute format('drop table %I', name);
    update reading_archive a set state = 'archived', changed_at = now() where a.month = first_day;
    return true;
end $$;
comment on function drop_reading_month is 'Drops a closed, expired month of which every office''s rows are counted in a verified archive; false where there is none.';

create function begin_reading_restore(month date) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    first_day date := date_trunc('month', month)::date;
    next_month date := (first_day + interval '1 month')::date;
    label text := 'Readings of ' || to_char(first_day, 'YYYY-MM') || ', UTC.';
begin
    perform pg_advisory_xact_lock(hashtext('make_reading_partition'));
    if not exists (select from reading_archive a
        where a.month = first_day and a.state = 'archived')
    then
        raise exception 'no archive of % waits to be brought back', to_char(first_day, 'YYYY-MM')
            using errcode = '55000', constraint = 'month_without_archive';
    end if;
    if to_regclass('reading_restore') is not null then
        if obj_description('reading_restore'::regclass, 'pg_class') = label then
            return;
        end if;
        drop table reading_restore;
    end if;
    create table reading_restore (like reading including defaults including constraints including indexes);
    execute format('alter table reading_restore add constraint reading_restore_month check (at >= %L and at < %L)',
        first_day || ' 00:00+00', next_month || ' 00:00+00');
    perform dress_reading_partition('reading_restore', first_day);
    grant select, insert on reading_restore to vidyut_app;
end $$;
comment on function begin_reading_restore is 'Makes the table into which the files of an archived month are read; one month at a time.';

create function finish_reading_restore(month date) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    first_day date := date_trunc('month', month)::date;
    next_month date := (first_day + interval '1 month')::date;
    name text := 'reading_' || to_char(first_day, 'YYYY_MM');
    lacking int4;
begin
    perform pg_advisory_xact_lock(hashtext('make_reading_partition'));
    if obj_description('reading_restore'::regclass, 'pg_class')
        is distinct from 'Readings of ' || to_char(first_day, 'YYYY-MM') || ', UTC.'
    then
        raise exception 'another month is being brought back'
            using errcode = '55000', constraint = 'month_incomplete';
    end if;
    -- Nobody adds to it while it is counted.
    lock table reading_restore in share row exclusive mode;
    select coalesce(a.tenant_id, c.tenant_id) into lacking
    from (select * from reading_archive r where r.month = first_day) a
    full join (select r.tenant_id, count(*) as rows from reading_restore r group by r.tenant_id) c
        on a.tenant_id = c.tenant_id
    where a.rows is distinct from c.rows limit 1;
    if lacking is not null then
        raise exception 'the readings of % that were read are not those of its archives (office %)',
            to_char(first_day, 'YYYY-MM'), lacking
            using errcode = '55000', constraint = 'month_incomplete';
    end if;
    revoke all on reading_restore from vidyut_app;
    if to_regclass(name) is not null then
        -- Made anew meanwhile for offices that have no archive of the month: theirs move along.
        execute format('alter table reading detach partition %I', name);
        alter table reading_restore no force row level security;
        execute format('insert into reading_restore select * from %I', name);
        alter table reading_restore force row level security;
        execute format('drop table %I', name);
    end if;
    lock table reading_default in access exclusive mode;
    execute format('alter table reading_restore rename to %I', name);
    execute format('create trigger closed before insert or update or delete on %I for each row execute function refuse_archived_reading(''all'')', name);
    execute format('alter table reading attach partition %I for values from (%L) to (%L)',
        name, first_day || ' 00:00+00', next_month || ' 00:00+00');
    execute format('alter table %I drop constraint reading_restore_month', name);
    update reading_archive a set state = 'attached', changed_at = now() where a.month = first_day;
end $$;
comment on function finish_reading_restore is 'Attaches a month that was read from its files, closed to every change, once every office''s rows are there.';

revoke all on function require_expired_month, dress_reading_partition from public;
