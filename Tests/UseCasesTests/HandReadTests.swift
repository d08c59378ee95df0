import Metering
import Registry
import TestSupport
import Testing
import Units
import UseCases

/// Meters read by hand: what their use shows, and what a file of their registers may say twice.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct HandReadTests {
    @Test func `usage holds what the old meter used up to its exchange`() async throws {
        let house = try await BillingStory.begin(connected: "2026-09-01")
        try await house.read("2026-10-05", kWh: 100)
        _ = try await house.office.useCases.registerMeter(
            RegisterMeter.Input(serial: "m-new"),
            by: house.office.manager
        )
        try await house.office.useCases.replaceMeter(
            ReplaceMeter.Input(
                serviceNumber: house.service,
                newSerial: "m-new",
                at: try #require(Instant("2026-10-20T06:00:00Z")),
                closingRegister: Energy(wattHours: 140_000),
                openingRegister: Energy(wattHours: 7_000)
            ),
            by: house.office.manager
        )
        try await house.read("2026-10-31", kWh: 37, of: "m-new")
        let months = try await house.office.useCases.showUsage(
            serviceNumber: house.service,
            by: .month,
            from: try #require(CivilDate("2026-09-01")),
            to: try #require(CivilDate("2026-10-31")),
            caller: house.office.manager
        )
        #expect(months.compactMap(\.energy).reduce(.zero, +).wattHours == 170_000)
        let days = try await house.office.useCases.showUsage(
            serviceNumber: house.service,
            by: .day,
            from: try #require(CivilDate("2026-10-19")),
            to: try #require(CivilDate("2026-10-31")),
            caller: house.office.manager
        )
        #expect(
            days.map { $0.energy?.wattHours ?? 0 } == [0, 40_000] + [Int64](repeating: 0, count: 10)
                + [30_000]
        )
    }

    @Test
    func `one instant with two registers in a file is named by line; the same row is harmless`()
        async throws
    {
        let office = try await TestOffice.make()
        _ = try await office.connect("a")
        let at = try #require(Instant("2026-10-31T18:30:00Z"))
        func row(_ line: Int, _ wattHours: Int64) -> ReadingImportRow {
            ReadingImportRow(
                line: line,
                meter: "m-a",
                value: .register(at, Energy(wattHours: wattHours), isEstimated: false)
            )
        }
        let refused = try await #require(throws: InvalidInput.self) {
            try await office.useCases.importReadings(
                [row(2, 5_000), row(3, 5_000), row(4, 6_000)],
                options: ImportReadings.Options(),
                by: office.manager
            )
        }
        #expect(refused.faults.map(\.field) == ["line 4"])
        #expect(refused.faults[0].detail.contains("stands on line 2 already"))
        let report = try await office.useCases.importReadings(
            [row(2, 5_000), row(3, 5_000)],
            options: ImportReadings.Options(),
            by: office.manager
        )
        #expect((report.stored, report.duplicates, report.conflicts) == (1, 1, 0))
    }
}
