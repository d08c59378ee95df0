-- A night of forecasts keeps the settings it began with, and one sum a transformer once it is finished.

alter table forecast_run add column settings text;
comment on column forecast_run.settings is 'Climate, cycles, families and blocks of the office when the night began, as JSON: whoever goes on with it takes these. Null on nights that began before they were kept.';

comment on table forecast_sum is 'Forecasts of the services on one transformer, added up; 0 for those on none. While a night runs there is a row for each of its parts, once it is finished one: part -1.';
