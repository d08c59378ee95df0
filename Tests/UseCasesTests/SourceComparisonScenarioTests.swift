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
}
