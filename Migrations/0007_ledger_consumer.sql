-- The ledger knows who owes: after a move the former consumer's arrears stay theirs.

alter table ledger_entry add column consumer_id int4;
comment on column ledger_entry.consumer_id is 'The consumer of the document that was booked; null on entries whose document names none.';

-- The owner of the tables is under row-level security too, so what fills rows of every office has to
-- step outside for a moment; the transaction puts it back. Migration 6 did not, and left offices that
-- had services before it without occupancies and consumers on their bills.
do $$
declare
    name text;
    tables text[] := array['ledger_entry', 'ledger_transaction', 'bill', 'bill_note', 'service',
        'consumer', 'occupancy'];
begin
    foreach name in array tables loop
        execute format('alter table %I no force row level security', name);
    end loop;
    insert into occupancy (tenant_id, service_id, from_date, to_date, consumer_id)
        select tenant_id, service_id, connected_on, closed_on, consumer_id from service s
        where not exists (select from occupancy o
            where o.tenant_id = s.tenant_id and o.service_id = s.service_id);
    alter table bill disable trigger bill_immutable;
    update bill b set consumer_id = c.consumer_id from consumer c
        where b.consumer_id is null and c.tenant_id = b.tenant_id and c.number = b.consumer_number;
    alter table bill enable trigger bill_immutable;
    alter table ledger_entry disable trigger ledger_entry_immutable;
    update ledger_entry e set consumer_id = coalesce(b.consumer_id, n.consumer_id)
        from ledger_transaction t
        left join bill b on b.tenant_id = t.tenant_id and b.bill_id = t.bill_id
        left join bill_note n on n.tenant_id = t.tenant_id and n.note_id = t.note_id
        where t.tenant_id = e.tenant_id and t.transaction_id = e.transaction_id;
    alter table ledger_entry enable trigger ledger_entry_immutable;
    foreach name in array tables loop
        execute format('alter table %I force row level security', name);
    end loop;
end $$;
