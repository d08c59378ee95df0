import Metering
package import Registry
package import Store

/// Says how an office's meters report and how their days are judged.
package struct SetMetering: Sendable {
    /// What changes; nil leaves it as it is.
    package struct Input: Sendable {
        package var blockMinutes: Int?
        package var readingIntervalSeconds: Int?
        /// Thresholds by their keys; an empty value goes back to the default.
        package var rules: [String: String]
        /// Days that photos of readings stay after the decision.
        package var photoDays: Int?

        package init(
            blockMinutes: Int? = nil,
            readingIntervalSeconds: Int? = nil,
            rules: [String: String] = [:],
            photoDays: Int? = nil
        ) {
            self.blockMinutes = blockMinutes
            self.readingIntervalSeconds = readingIntervalSeconds
            self.rules = rules
            self.photoDays = photoDays
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Changes how days are made from now on; what is made already stays until it is made again.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> Office {
        try caller.require(.manager, .engineer)
        return try await store.withTenant(caller.office) { transaction in
            try transaction.update(try input.applied(to: transaction.office().metering))
            return try transaction.office()
        }
    }
}

extension SetMetering.Input {
    fileprivate func applied(to standing: OfficeMetering) throws -> OfficeMetering {
        var faults = FaultCollector()
        var metering = standing
        if let blockMinutes {
            faults.check(
                (5...60).contains(blockMinutes) && 1_440 % blockMinutes == 0,
                "blockMinutes",
                "out_of_range",
                "5 to 60, dividing the day: 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 30 … 60"
            )
            metering.blockMinutes = blockMinutes
        }
        if let readingIntervalSeconds {
            faults.check(
                (1...86_400).contains(readingIntervalSeconds),
                "readingIntervalSeconds",
                "out_of_range",
                "1 to 86400"
            )
            metering.readingIntervalSeconds = readingIntervalSeconds
        }
        if let photoDays {
            faults.check(
                (1...36_500).contains(photoDays),
                "photoDays",
                "out_of_range",
                "1 to 36500"
            )
            metering.photoDays = photoDays
        }
        for (key, value) in rules {
            metering.validationRules[key] = value.isEmpty ? nil : value
        }
        for fault in ValidationRules.reading(rules.filter { !$0.value.isEmpty }).faults {
            faults.check(false, "rules.\(fault.key)", "invalid", fault.detail)
        }
        try faults.finish()
        return metering
    }
}
