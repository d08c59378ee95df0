-- Services of one tariff family and category: what like services use is looked up for first bills.

create index service_kind on service (tenant_id, tariff_family, category, service_id);
