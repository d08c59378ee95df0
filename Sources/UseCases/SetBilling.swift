package import Billing
package import Registry
package import Store
import Tariffs
import Units

/// Says how an office bills: its rules, its billing groups, its monthly tariff parameters.
package struct SetBilling: Sendable {
    /// What shall change; nil leaves it as it is.
    package struct Input: Sendable {
        package var lateReadings: String?
        package var approval: String?
        package var makerChecker: Bool?
        /// Paise; zero for no limit.
        package var billLimitPaise: Int?
        package var usualHighPercent: Int?
        package var usualLowPercent: Int?

        package init(
            lateReadings: String? = nil,
            approval: String? = nil,
            makerChecker: Bool? = nil,
            billLimitPaise: Int? = nil,
            usualHighPercent: Int? = nil,
            usualLowPercent: Int? = nil
        ) {
            self.lateReadings = lateReadings
            self.approval = approval
            self.makerChecker = makerChecker
            self.billLimitPaise = billLimitPaise
            self.usualHighPercent = usualHighPercent
            self.usualLowPercent = usualLowPercent
        }

        /// The rules with the changes, or everything that is wrong with them.
        func applied(to standing: OfficeBilling) throws -> OfficeBilling {
            var faults = FaultCollector()
            var billing = standing
            if let lateReadings {
                let policy = LateReadingPolicy(rawValue: lateReadings)
                faults.check(
                    policy != nil,
                    "lateReadings",
                    "unknown",
                    "one of days, cycle_split, as_printed"
                )
                billing.lateReadings = policy ?? billing.lateReadings
            }
            if let approval {
                let rule = ApprovalRule(rawValue: approval)
                faults.check(rule != nil, "approval", "unknown", "held or all")
                billing.approval = rule ?? billing.approval
            }
            if let makerChecker { billing.makerChecker = makerChecker }
            if let billLimitPaise {
                faults.check(billLimitPaise >= 0, "billLimitPaise", "out_of_range", "0 or more")
                billing.billLimit =
                    billLimitPaise > 0 ? Money(paise: Int64(billLimitPaise)) : nil
            }
            if let usualHighPercent {
                faults.check(
                    (101...100_000).contains(usualHighPercent),
                    "usualHighPercent",
                    "out_of_range",
                    "101 to 100000"
                )
                billing.usualHighPercent = usualHighPercent
            }
            if let usualLowPercent {
                faults.check(
                    (0...99).contains(usualLowPercent),
                    "usualLowPercent",
                    "out_of_range",
                    "0 to 99"
                )
                billing.usualLowPercent = usualLowPercent
            }
            try faults.finish()
            return billing
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Changes the rules for bills not yet made.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> Office {
        try caller.require(.manager)
        return try await store.withTenant(caller.office) { transaction in
            try transaction.update(try input.applied(to: transaction.office().billing))
            return try transaction.office()
        }
    }

    /// Adds a billing group, or changes its cycle.
    package func group(
        code: String,
        cycleMonths: Int,
        cycleDay: Int,
        cycleEndsInEvenMonth: Bool,
        by caller: Caller
    ) async throws -> BillingGroup {
        try caller.require(.manager)
        var faults = FaultCollector()
        faults.checkPresent(code, "code", maximum: 31)
        faults.check([1, 2].contains(cycleMonths), "cycleMonths", "out_of_range", "1 or 2")
        faults.check((1...31).contains(cycleDay), "cycleDay", "out_of_range", "1 to 31")
        try faults.finish()
        let group = BillingGroup(
            code: code,
            cycle: CycleRule(
                months: cycleMonths,
                day: cycleDay,
                endsInEvenMonth: cycleEndsInEvenMonth
            )
        )
        try await store.withTenant(caller.office) { try $0.upsert(group) }
        return group
    }

    /// The office's billing groups.
    package func groups(by caller: Caller) async throws -> [BillingGroup] {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) {
            try $0.billingGroups()
        }
    }

    /// Publishes the windows of a series file, all or none; those published already are passed
    /// over.
    /// - Returns: how many were new.
    package func publishParameters(_ json: [UInt8], by caller: Caller) async throws -> Int {
        try caller.require(.manager)
        let rows: [ParameterWindowRow]
        do { rows = try ParameterWindowRow.rows(json: json) } catch {
            throw InvalidInput("file", "invalid", "\(error)")
        }
        guard !rows.isEmpty else {
            throw InvalidInput("file", "missing", "the file has no window")
        }
        return try await store.withTenant(caller.office) { transaction in
            let documents = try transaction.tariffs().map {
                try TariffDocument.load(Array($0.body.utf8))
            }
            for row in rows {
                let isRead = documents.contains { document in
                    document.utility == row.utility
                        && (row.family.isEmpty || document.family == row.family)
                        && document.parameterNames.contains(row.parameter)
                }
                guard !isRead else { continue }
                throw InvalidInput(
                    "file",
                    "unknown",
                    "no published tariff of \(row.utility)\(row.family.isEmpty ? "" : " (\(row.family))") "
                        + "reads \"\(row.parameter)\"; publish the tariff first, or put the name right"
                )
            }
            return try transaction.publish(rows, by: caller.name)
        }
    }

    /// The published windows.
    package func parameters(by caller: Caller) async throws -> [ParameterWindowRow] {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) {
            try $0.parameterWindows()
        }
    }
}
