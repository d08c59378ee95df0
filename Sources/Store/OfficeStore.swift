import Postgres
package import Registry
import Units

extension LookupTransaction {
    /// The office of this code; nil when there is none.
    package func officeID(code: String) throws -> Office.ID? {
        let value: Int32? = try connection.query("select office_by_code(\(code))").first?[0]
        return value.map { Office.ID($0) }
    }

    /// All offices, in the order they were added.
    package func officeIDs() throws -> [Office.ID] {
        try connection.query("select office_ids()").map { Office.ID(try $0[0]) }
    }

    /// A key for an office that is about to be added.
    package func nextOfficeID() throws -> Office.ID {
        let value: Int64? = try connection.query(
            "select nextval(pg_get_serial_sequence('office', 'tenant_id'))"
        ).first?[0]
        return Office.ID(Int32(value ?? 0))
    }

    /// The offset of a zone in seconds when it is the same all year round, by PostgreSQL's zone
    /// tables; nil for an unknown zone or one with summer time.
    package func fixedOffset(zone: String) throws -> Int32? {
        let rows = try connection.query(
            """
            select distinct extract(epoch from
                (t at time zone z.name) - (t at time zone 'UTC'))::int4
            from pg_timezone_names z,
                generate_series(timestamptz '2005-01-01 00:00Z', '2045-01-01 00:00Z', '30 days') t
            where z.name = \(zone)
            """
        )
        return rows.count == 1 ? try rows[0][0] : nil
    }
}

extension TenantTransaction {
    /// Adds the office this transaction is for.
    package func insert(_ office: Office) throws {
        try connection.execute(
            """
            insert into office (tenant_id, code, name, time_zone, utc_offset_seconds, language,
                cycle_months, cycle_day, cycle_ends_in_even_month, oldest_reading_days,
                late_reading_policy, approval, maker_checker, bill_limit_paise,
                usual_high_percent, usual_low_percent)
            values (\(tenant.value), \(office.code), \(office.name), \(office.zone.name),
                \(office.zone.offsetSeconds), \(office.language.rawValue),
                \(Int16(clamping: office.cycle.months)), \(Int16(clamping: office.cycle.day)),
                \(office.cycle.endsInEvenMonth), \(Int32(clamping: office.oldestReadingDays)),
                \(office.billing.lateReadings.rawValue), \(office.billing.approval.rawValue),
                \(office.billing.makerChecker), \(office.billing.billLimit?.paise),
                \(Int32(clamping: office.billing.usualHighPercent)),
                \(Int32(clamping: office.billing.usualLowPercent)))
            """
        )
        try announceChange()
    }

    /// Changes how the office bills from now on.
    package func update(_ billing: OfficeBilling) throws {
        try connection.execute(
            """
            update office set late_reading_policy = \(billing.lateReadings.rawValue),
                approval = \(billing.approval.rawValue), maker_checker = \(billing.makerChecker),
                bill_limit_paise = \(billing.billLimit?.paise),
                usual_high_percent = \(Int32(clamping: billing.usualHighPercent)),
                usual_low_percent = \(Int32(clamping: billing.usualLowPercent))
            where tenant_id = \(tenant.value)
            """
        )
        try announceChange()
    }

    /// Adds a billing group, or changes its cycle for bills not yet made.
    package func upsert(_ group: BillingGroup) throws {
        try connection.execute(
            """
            insert into billing_group (tenant_id, code, cycle_months, cycle_day,
                cycle_ends_in_even_month)
            values (\(tenant.value), \(group.code), \(Int16(clamping: group.cycle.months)),
                \(Int16(clamping: group.cycle.day)), \(group.cycle.endsInEvenMonth))
            on conflict on constraint billing_group_code_unique do update set
                cycle_months = excluded.cycle_months, cycle_day = excluded.cycle_day,
                cycle_ends_in_even_month = excluded.cycle_ends_in_even_month
            """
        )
    }

    /// The office's billing groups by code.
    package func billingGroups() throws -> [BillingGroup] {
        try connection.query(
            """
            select code, cycle_months, cycle_day, cycle_ends_in_even_month from billing_group
            where tenant_id = \(tenant.value) order by code
            """
        ).map { row in
            BillingGroup(
                code: try row[0],
                cycle: CycleRule(
                    months: Int(try row[1] as Int16),
                    day: Int(try row[2] as Int16),
                    endsInEvenMonth: try row[3]
                )
            )
        }
    }

    /// The office this transaction is for.
    package func office() throws -> Office {
        let rows = try connection.query(
            """
            select code, name, time_zone, utc_offset_seconds, language, cycle_months, cycle_day,
                cycle_ends_in_even_month, oldest_reading_days, late_reading_policy, approval,
                maker_checker, bill_limit_paise, usual_high_percent, usual_low_percent,
                block_minutes, reading_interval_seconds, validation_rules,
                (select max(a.month) from reading_archive a where a.tenant_id = \(tenant.value)),
                climate, climate_celsius, photo_days
            from office where tenant_id = \(tenant.value)
            """
        )
        guard let row = rows.first else { throw NotFound("office") }
        let limit: Int64? = try row[12]
        let archived: CivilDate? = try row[18]
        return Office(
            id: tenant,
            code: try row[0],
            name: try row[1],
            zone: OfficeZone(name: try row[2], offsetSeconds: try row[3]),
            language: Language(rawValue: try row[4]) ?? .english,
            cycle: CycleRule(
                months: Int(try row[5] as Int16),
                day: Int(try row[6] as Int16),
                endsInEvenMonth: try row[7]
            ),
            oldestReadingDays: Int(try row[8] as Int32),
            billing: OfficeBilling(
                lateReadings: try known(LateReadingPolicy.self, try row[9]),
                approval: try known(ApprovalRule.self, try row[10]),
                makerChecker: try row[11],
                billLimit: limit.map { Money(paise: $0) },
                usualHighPercent: Int(try row[13] as Int32),
                usualLowPercent: Int(try row[14] as Int32)
            ),
            metering: OfficeMetering(
                blockMinutes: Int(try row[15] as Int16),
                readingIntervalSeconds: Int(try row[16] as Int32),
                validationRules: keyValues(try row[17]),
                photoDays: Int(try row[21] as Int32)
            ),
            forecasting: OfficeForecasting(
                climate: try row[19],
                monthlyCelsius: try row.decode(20, as: [Double]?.self)
            ),
            archivedThrough: archived?.month
        )
    }

    /// Changes how the office's days are made from now on, and how long photos stay; days that are made
    /// already stay until they are made again.
    package func update(_ metering: OfficeMetering) throws {
        let text = metering.validationRules.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        try connection.execute(
            """
            update office set block_minutes = \(Int16(clamping: metering.blockMinutes)),
                reading_interval_seconds = \(Int32(clamping: metering.readingIntervalSeconds)),
                validation_rules = \(text), photo_days = \(Int32(clamping: metering.photoDays))
            where tenant_id = \(tenant.value)
            """
        )
        try announceChange()
    }
}

extension TenantTransaction {
    /// Changes what the office's forecasts rest on from the next night on.
    package func update(_ forecasting: OfficeForecasting) throws {
        try connection.execute(
            """
            update office set climate = \(forecasting.climate),
                climate_celsius = \(forecasting.monthlyCelsius)
            where tenant_id = \(tenant.value)
            """
        )
        try announceChange()
    }
}

/// `key=value` lines as a table.
private func keyValues(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1)
        if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
    }
    return result
}
