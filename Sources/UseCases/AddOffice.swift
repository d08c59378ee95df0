package import Registry
package import Store
import Units

/// Adds an office to the installation.
package struct AddOffice: Sendable {
    /// What an office needs; everything else has a default.
    package struct Input: Sendable {
        package var code: String
        package var name: String
        package var timeZone: String
        package var language: String
        package var cycleMonths: Int
        package var cycleDay: Int
        package var cycleEndsInEvenMonth: Bool
        package var oldestReadingDays: Int

        package init(
            code: String,
            name: String,
            timeZone: String? = nil,
            language: String? = nil,
            cycleMonths: Int? = nil,
            cycleDay: Int? = nil,
            cycleEndsInEvenMonth: Bool? = nil,
            oldestReadingDays: Int? = nil
        ) {
            self.code = code
            self.name = name
            self.timeZone = timeZone ?? "Asia/Kolkata"
            self.language = language ?? "en"
            self.cycleMonths = cycleMonths ?? 2
            self.cycleDay = cycleDay ?? 1
            self.cycleEndsInEvenMonth = cycleEndsInEvenMonth ?? true
            self.oldestReadingDays = oldestReadingDays ?? 395
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Adds the office and gives it back.
    package func callAsFunction(_ input: Input) async throws -> Office {
        var faults = FaultCollector()
        faults.checkPresent(input.code, "code", maximum: 31)
        faults.checkPresent(input.name, "name")
        let language = Language(rawValue: input.language)
        faults.check(language != nil, "language", "unknown", "one of en, ta, hi")
        faults.check([1, 2].contains(input.cycleMonths), "cycleMonths", "out_of_range", "1 or 2")
        faults.check((1...31).contains(input.cycleDay), "cycleDay", "out_of_range", "1 to 31")
        faults.check(
            (1...36_500).contains(input.oldestReadingDays),
            "oldestReadingDays",
            "out_of_range",
            "1 to 36500"
        )
        let zoneName = input.timeZone
        let (id, offset) = try await store.withoutTenant { transaction in
            (try transaction.nextOfficeID(), try transaction.fixedOffset(zone: zoneName))
        }
        faults.check(
            offset != nil,
            "timeZone",
            "unknown",
            "a zone without summer time that PostgreSQL knows, such as Asia/Kolkata"
        )
        try faults.finish()
        let office = Office(
            id: id,
            code: input.code,
            name: input.name.trimmed,
            zone: OfficeZone(name: input.timeZone, offsetSeconds: offset ?? 0),
            language: language ?? .english,
            cycle: CycleRule(
                months: input.cycleMonths,
                day: input.cycleDay,
                endsInEvenMonth: input.cycleEndsInEvenMonth
            ),
            oldestReadingDays: input.oldestReadingDays
        )
        try await store.withTenant(id) { try $0.insert(office) }
        return office
    }
}

/// Finds offices by code, and lists them.
package struct FindOffices: Sendable {
    let store: Store

    package init(store: Store) { self.store = store }

    /// The office of this code.
    package func callAsFunction(code: String) async throws -> Office {
        guard let id = try await store.withoutTenant({ try $0.officeID(code: code) }) else {
            throw NotFound("office '\(code)'")
        }
        return try await self(id)
    }

    /// The office of this key.
    package func callAsFunction(_ id: Office.ID) async throws -> Office {
        try await store.withTenant(id, readOnly: true) { try $0.office() }
    }

    /// Every office, one transaction each: no query joins across offices.
    package func all() async throws -> [Office] {
        var offices: [Office] = []
        for id in try await store.withoutTenant({ try $0.officeIDs() }) {
            offices.append(try await self(id))
        }
        return offices
    }
}
