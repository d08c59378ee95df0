import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Registers that people read where something else tells the register, too.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct SourceComparisonScenarioTests {
    @Test func `where the meter reports, registers are compared; a person may bill one`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a")
        let meter = try await office.useCases.showMeters.show(serial: "m-a", by: office.manager)
            .meter
        let now = office.clock.now
        _ = try await office.store.withTenant(office.office.id) { transaction in
            try transaction.insert(
                [(-900, 100_000), (900, 101_000)].map { offset, register in
                    ReadingInsertion(
                        meter: meter.id,
                        reading: AcceptedReading(
                            at: now.adding(seconds: Int64(offset)),
                            epoch: 0,
                            sequence: Int32(offset + 1_000),
                            main: ChannelReading(energyWattHours: Int64(register))
                        )
                    )
                }
            )
        }
        let assessor = try await office.visit("a", 101).reading
        #expect(assessor.state == .held || assessor.state == .accepted)
        #expect(assessor.isComparison)
        let consumer = try await office.sendOwn("a", 115).reading
        #expect(consumer.isComparison)
        #expect(try await office.ledger("m-a").count == 2)

        let rows = try await office.useCases.compareSources(
            serviceNumber: "S-a",
            by: office.manager
        )
        let row = try #require(rows.first)
        #expect(rows.count == 1 && row.comparison.verdict == .differs)
        #expect(row.comparison.assessor?.difference?.wattHours == 500)
        #expect(row.comparison.assessor?.verdict == .agrees)
        #expect(row.comparison.consumer?.difference?.wattHours == 14_500)
        #expect(row.comparison.consumer?.verdict == .differs)

        let id = "\(assessor.id.value)"
        let billed = try await office.useCases.decideReading.accept(
            id,
            reason: "the register of the meter's radio is wrong",
            forBilling: true,
            by: office.engineer
        )
        #expect(!billed.isComparison && billed.state == .accepted)
        #expect(
            try await office.ledger("m-a").map(\.main.energyWattHours) == [
                100_000, 101_000, 101_000,
            ]
        )
        await #expect(throws: StateConflict.self) {
            try await office.useCases.decideReading.accept(
                id,
                reason: "again",
                forBilling: true,
                by: office.engineer
            )
        }
    }

    @Test func `accepted against a stored register of the same instant, it stands as a correction`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a")
        let at = try #require(Instant("2026-10-31T18:30:00Z"))
        _ = try await office.useCases.importReadings(
            [
                ReadingImportRow(
                    line: 2,
                    meter: "m-a",
                    value: .register(at, Energy(wattHours: 380_000), isEstimated: false)
                )
            ],
            options: ImportReadings.Options(),
            by: office.manager
        )
        let entered = try await office.visit("a", 308, at: at.description).reading
        #expect(entered.findings.map(\.code) == [.differsFromStored])
        _ = try await office.useCases.decideReading.accept(
            "\(entered.id.value)",
            reason: "digits exchanged",
            by: office.engineer
        )
        let stored = try await office.ledger("m-a")
        #expect(stored.map(\.main.energyWattHours) == [308_000])
        #expect(stored.first?.flags.contains(.corrected) == true)
        #expect(try await office.billRound()["S-a"]?.outcome == .issued)
        #expect(try await office.billedUnits("S-a") == "308")
    }

    // MARK: Beside a working meter

    /// A meter that reported 100 Wh every quarter of an hour from the first to the last of them.
    private func reporting(_ name: String, _ quarters: [Int], days: Int = 2) async throws
        -> (office: TestOffice, meter: Meter, start: Instant)
    {
        let office = try await TestOffice.make()
        let first = office.office.zone.date(of: office.clock.now).adding(days: -days)
        let (_, registered) = try await office.connect(
            name,
            on: first.description,
            openingRegisterWattHours: 100_000
        )
        let start = office.office.zone.start(of: first)
        try await report(quarters, of: registered.meter, office, start)
        return (office, registered.meter, start)
    }

    private func report(
        _ quarters: [Int],
        of meter: Meter,
        _ office: TestOffice,
        _ start: Instant
    ) async throws {
        try await office.put(
            quarters.map { quarter in
                SentReading(
                    at: start.adding(seconds: Int64(quarter) * 900),
                    sequence: Int64(quarter),
                    wattHours: 100_000 + Int64(quarter) * 100
                )
            },
            of: meter
        )
    }

    private func kept(_ office: TestOffice, _ meter: Meter) async throws -> [String] {
        let today = office.office.zone.date(of: office.clock.now)
        return try await office.keptDays(of: meter, from: today.adding(days: -5), to: today)
    }

    @Test func `a register read in a silence steps aside when late reports come around it`()
        async throws
    {
        // Nothing is known of the first day and a half when the assessor comes, but then all of it.
        let (office, meter, start) = try await reporting("late", [])
        let now = office.clock.now
        office.clock.now = start.adding(seconds: 36 * 900 + 400)
        let entered = try await office.visit("late", 104).reading
        #expect(entered.state == .accepted && !entered.isComparison)
        office.clock.now = now
        try await report(Array(1...192), of: meter, office, start)
        _ = try await office.useCases.rollUpDays(office: office.office)

        let (plain, other, _) = try await reporting("plain", Array(1...192))
        _ = try await plain.useCases.rollUpDays(office: plain.office)
        #expect(try await kept(office, meter) == kept(plain, other))
        // It is there all the same, and compared.
        #expect(
            try await office.ledger("m-late").contains { $0.flags.contains(.readByAssessor) }
        )
        let rows = try await office.useCases.compareSources(
            serviceNumber: "S-late",
            by: office.manager
        )
        #expect(rows.count == 1)

        // A person may still say that it is what the register was; what came since is told first.
        func accept() async throws {
            _ = try await office.useCases.decideReading.accept(
                "\(entered.id.value)",
                reason: "seen on the photo",
                forBilling: true,
                by: office.engineer
            )
        }
        await #expect(throws: StateConflict.self) { try await accept() }
        try await accept()
        _ = try await office.useCases.rollUpDays(office: office.office)
        #expect(try await kept(office, meter) != kept(plain, other))
        let days = try await office.store.withTenant(office.office.id) { transaction in
            let today = office.office.zone.date(of: office.clock.now)
            return try transaction.days(of: meter.id, from: today.adding(days: -5), to: today)
        }
        #expect(days.map { $0.energy?.wattHours } == [9_600, 9_600])
    }

    @Test func `a register off the meter's path is billed when a person says so`() async throws {
        let (office, meter, start) = try await reporting("off", Array(1...192))
        let now = office.clock.now
        _ = try await office.useCases.rollUpDays(office: office.office)
        let before = try await kept(office, meter)
        // Far above what the quarter of an hour allows; the meter shows 118.4 kWh.
        office.clock.now = start.adding(seconds: 184 * 900 + 400)
        let entered = try await office.visit("off", 139).reading
        #expect(entered.isComparison)
        office.clock.now = now
        _ = try await office.useCases.rollUpDays(office: office.office)
        #expect(try await kept(office, meter) == before)

        _ = try await office.useCases.decideReading.accept(
            "\(entered.id.value)",
            reason: "the meter's radio is wrong, the display was photographed",
            forBilling: true,
            by: office.engineer
        )
        _ = try await office.useCases.rollUpDays(office: office.office)
        let days = try await office.store.withTenant(office.office.id) { transaction in
            let today = office.office.zone.date(of: office.clock.now)
            return try transaction.days(of: meter.id, from: today.adding(days: -5), to: today)
        }
        #expect(days.map { $0.energy?.wattHours } == [9_600, 29_400])
        #expect(days.last?.last?.register.wattHours == 139_000)
        let found = try await office.useCases.reviewExceptions.list(
            ReviewExceptions.Query(),
            page: try PageRequest(limit: 100),
            by: office.manager
        ).items.map(\.exception)
        #expect(!found.contains { $0.rule == .spike || $0.rule == .negative }, "\(found)")
        let report = try await office.useCases.rebuildDays(
            from: office.office.zone.date(of: start),
            onlyCompares: true,
            by: office.manager
        )
        #expect(report.differing.isEmpty, "\(report)")
    }
}
