import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// A first register that cannot be, or is not usual, is not billed unseen.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct FirstBillTests {
    @Test func `a wild first register is held with its figures`() async throws {
        // An extra digit: 52,000 kWh in 61 days on 5 kW.
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-10-31", kWh: 52_000)
        let outcome = try await house.run("2024-10")
        #expect(outcome.outcome == .held)
        let bill = try await house.bill("2024-10")
        #expect(bill.state == .held && bill.holds.map(\.code) == [.abovePossible])
        #expect(
            bill.holds.first?.reason
                == "852.459 kWh a day; 5 kW of sanctioned load allow 240 kWh a day at most, which is "
                + "200 % of it for 24 hours"
        )
    }

    @Test func `a first bill of a high load factor is held, an ordinary one is issued`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-10-31", kWh: 5_500)
        #expect(try await house.run("2024-10").outcome == .held)
        let bill = try await house.bill("2024-10")
        #expect(bill.holds.map(\.code) == [.high])
        #expect(bill.holds.first?.reason.contains("load factor of 75 %") == true)
        // A person may say that it is right, and the office that it is usual.
        _ = try await house.office.useCases.setMetering(
            SetMetering.Input(rules: ["first_load_factor": "80"]),
            by: house.office.manager
        )
        #expect(try await house.run("2024-10").outcome == .drafted)
        #expect(try await house.run("2024-10").outcome == .issued)
    }

    @Test func `like services tell what is usual for a first bill and a first register`()
        async throws
    {
        let now = try #require(Instant("2026-11-01T06:00:00Z"))
        let office = try await TestOffice.make(at: now)
        try await office.publish(family: "tneb-lt1a")
        let zone = office.office.zone
        func read(_ name: String, _ day: String, kWh: Int64) async throws {
            let date = try #require(CivilDate(day))
            _ = try await office.useCases.importReadings(
                [
                    ReadingImportRow(
                        line: 2,
                        meter: "m-\(name)",
                        value: .register(
                            zone.start(of: date.adding(days: 1)),
                            Energy(wattHours: kWh * 1_000),
                            isEstimated: false
                        )
                    )
                ],
                options: ImportReadings.Options(),
                by: office.manager
            )
        }
        for number in 1...11 {
            _ = try await office.connect("old\(number)", on: "2026-07-01")
            // 62 days at 4 to 9 kWh.
            try await read("old\(number)", "2026-08-31", kWh: Int64(200 + number * 31))
        }
        _ = try await office.useCases.runBilling(
            RunBilling.Input(cycle: "2026-08", issue: true),
            by: office.manager
        )
        for name in ["wild", "calm"] { _ = try await office.connect(name, on: "2026-09-01") }
        try await read("wild", "2026-10-31", kWh: 3_050)
        try await read("calm", "2026-10-31", kWh: 610)
        let outcomes = try await office.billRound()
        #expect(outcomes["S-calm"]?.outcome == .issued, "\(outcomes["S-calm"]?.reason ?? "")")
        #expect(outcomes["S-wild"]?.outcome == .held)
        // 50 kWh a day are no wild load factor of 5 kW, but six times what the others use.
        #expect(
            outcomes["S-wild"]?.reason.contains("300 % of what is usual: 11 like services use")
                == true,
            "\(outcomes["S-wild"]?.reason ?? "")"
        )
        // The same again changes nothing: what peers used before the cycle stands.
        #expect(try await office.billRound()["S-wild"]?.outcome == .held)

        // The same rule when the assessor reads a register.
        _ = try await office.connect("hand", on: "2026-09-01")
        let held = try await office.visit("hand", 3_050, at: "2026-10-31T18:30:00Z").reading
        #expect(held.state == .held && held.findings.map(\.code) == [.high])
        #expect(held.findings.first?.detail.contains("11 like services") == true)
        _ = try await office.connect("hand2", on: "2026-09-01")
        #expect(
            try await office.visit("hand2", 610, at: "2026-10-31T18:30:00Z").reading.state
                == .accepted
        )
    }

    @Test func `a service that is connected after the cycle is not refused`() async throws {
        let office = try await TestOffice.readByPeople("early")
        _ = try await office.connect("late", on: "2026-11-01")
        let outcomes = try await office.billRound()
        #expect(outcomes["S-early"]?.outcome == .refused)
        #expect(outcomes["S-late"]?.outcome == .notConnected)
        #expect(
            outcomes["S-late"]?.reason
                == "not yet connected: connected on 2026-11-01, after the cycle"
        )
        let runs = try await office.useCases.showBills.runs(
            try PageRequest(),
            by: office.manager
        )
        #expect(runs.items.first?.counts[.notConnected] == 1)
        #expect(runs.items.first?.counts[.refused] == 1)
    }
}
