-- Photos of meters leave some time after the decision about their reading; the reading stays.

alter table office
    add column photo_days int4 not null default 400,
    add constraint office_photo_days_range check (photo_days between 1 and 36500);
comment on column office.photo_days is 'How long the photo of a reading is kept after the decision about it, in days.';

alter table manual_reading
    add column photo_removed_at timestamptz;
comment on column manual_reading.photo_removed_at is 'When its photo left; the register and the decision stay.';

grant delete on manual_reading_photo to vidyut_app;
