-- A service that is not connected in a cycle, not yet or no more, is nothing that a run refuses.

alter table bill_run_outcome
    drop constraint bill_run_outcome_known,
    add constraint bill_run_outcome_known check (outcome in
        ('drafted', 'held', 'issued', 'existing', 'refused', 'not_connected'));
