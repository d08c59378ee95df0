import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Where one bill ends and the next begins: every unit is billed once, by whoever used it.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillingSeamTests {
    @Test func `a late bill that covers the next cycle is not billed again`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-12-31", kWh: 600)
        #expect(try await house.run("2024-10").outcome == .issued)
        let next = try await house.run("2024-12")
        #expect(next.outcome == .refused && next.reason.contains("billed to 2024-12-31"))
        try await house.read("2025-02-28", kWh: 700)
        #expect(try await house.run("2025-02").outcome == .issued)
        #expect(try await house.bills().map(\.content.energy.wattHours) == [600_000, 100_000])
    }

    @Test func `a cycle is refused while an earlier one is unbilled and was not read`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-07-01")
        try await house.read("2024-08-31", kWh: 100)
        try await house.run("2024-08")
        // September to December were read together, in the middle of January.
        try await house.read("2025-01-15", kWh: 800)
        let skipped = try await house.run("2024-12")
        #expect(skipped.outcome == .refused && skipped.reason.contains("not billed yet"))
        #expect(try await house.run("2024-10").outcome == .issued)
        let bills = try await house.bills()
        #expect(bills.map(\.content.period.last.description) == ["2024-08-31", "2025-01-15"])
        #expect(bills.reduce(0) { $0 + $1.content.energy.wattHours } == 800_000)
    }

    @Test func `what a first cycle used is billed once, whichever cycle is tried first`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-07-01")
        #expect(try await house.run("2024-08").outcome == .refused)
        try await house.read("2024-10-31", kWh: 700)
        let second = try await house.run("2024-10")
        #expect(second.outcome == .refused && second.reason.contains("not billed yet"))
        #expect(try await house.run("2024-08").outcome == .issued)
        #expect(try await house.run("2024-10").outcome == .refused)
        let bills = try await house.bills()
        #expect(bills.map(\.content.energy.wattHours) == [700_000])
        #expect(bills.map(\.content.period.last.description) == ["2024-10-31"])
    }

    @Test func `a bill waits until the one before is issued`() async throws {
        let house = try await BillingStory.begin(connected: "2024-07-01")
        for (day, kWh) in [("2024-08-31", 100), ("2024-10-31", 200), ("2024-12-31", 300)] {
            try await house.read(day, kWh: kWh)
        }
        try await house.run("2024-08", issue: false)
        let early = try await house.run("2024-10")
        #expect(early.outcome == .drafted && early.reason.contains("2024-08 is not issued yet"))
        #expect(try await house.run("2024-08").outcome == .issued)
        #expect(try await house.run("2024-10").outcome == .issued)
    }

    @Test func `a move on a day without a reading shares the units by days`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-10-31", kWh: 610)
        let verbs = house.office.useCases
        for (number, name) in [("C-next", "Ravi"), ("C-third", "Sita")] {
            _ = try await verbs.registerConsumer(
                RegisterConsumer.Input(number: number, name: name),
                by: house.office.manager
            )
        }
        let day = try #require(CivilDate("2024-09-20"))
        _ = try await verbs.moveOccupant.transfer(
            house.service,
            to: "C-next",
            lastDay: day,
            by: house.office.manager
        )
        // Another move in the same cycle has no place on the bills.
        await #expect(throws: StateConflict.self) {
            try await verbs.moveOccupant.transfer(
                house.service,
                to: "C-third",
                lastDay: day.adding(days: 10),
                by: house.office.manager
            )
        }
        try await house.run("2024-10")
        let bills = try await house.bills()
        #expect(bills.map(\.content.consumerName) == ["Meena", "Ravi"])
        #expect(bills.map(\.content.energy.wattHours) == [200_000, 410_000])
        #expect(bills[0].content.segments.first?.closing.isEstimated == true)
    }

    @Test func `a corrected register stands against the old file, and a gift against a correction`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-03-20")
        try await house.read("2024-10-31", kWh: 830)
        try await house.run("2024-10")
        let verbs = house.office.useCases
        let manager = house.office.manager
        let number = try #require(try await house.bill("2024-10").number)
        let gift = try await verbs.writeNotes.adjust(
            number,
            amount: Money(paise: -10_000),
            reason: "goodwill",
            by: manager
        )
        _ = try await verbs.writeNotes.issue(gift.id, by: manager)
        let end = house.office.office.zone.start(of: try #require(CivilDate("2024-11-01")))
        _ = try await verbs.correctReading(
            serial: house.meter,
            at: end,
            register: Energy(wattHours: 380_000),
            reason: "digits exchanged",
            by: manager
        )
        try await house.read("2024-10-31", kWh: 830)
        let draft = try await verbs.writeNotes.rebook(number, reason: "corrected", by: manager)
        _ = try await verbs.writeNotes.issue(draft.id, by: manager)
        // 380 units cost 1081.00; the gift of 100 stays.
        #expect(try await house.balance().plainText == "981.00")
    }

    @Test func `readings that arrive after the issue reach their own period`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-03-20")
        try await house.read("2024-09-30", kWh: 100)
        try await house.read("2024-11-05", kWh: 460)
        #expect(try await house.run("2024-10").outcome == .issued)
        let early = try await house.bill("2024-10")
        #expect(early.content.energy.wattHours == 100_000)
        try await house.read("2024-10-31", kWh: 400)
        let verbs = house.office.useCases.writeNotes
        let draft = try await verbs.rebook(
            try #require(early.number),
            reason: "October's file came late",
            by: house.office.manager
        )
        let note = try await verbs.issue(draft.id, by: house.office.manager)
        #expect(note.items.first?.energy.wattHours == 400_000)
        try await house.read("2024-12-31", kWh: 500)
        try await house.run("2024-12")
        #expect(try await house.bill("2024-12").content.energy.wattHours == 100_000)
    }
}
