import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Houses as they happen: late readers, exchanges, skipped visits, disputes, rollovers, moves.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillingScenarioTests {
    @Test(arguments: [
        (LateReadingPolicy.days, "2024-09-01 to 2024-11-14", "600", "2098.75"),
        (LateReadingPolicy.asPrinted, "2024-09-01 to 2024-11-14", "600", "2880.00"),
    ])
    func `the reader came after 75 days instead of 61`(
        policy: LateReadingPolicy,
        period: String,
        units: String,
        total: String
    ) async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01", late: policy)
        try await house.read("2024-11-14", kWh: 600)
        #expect(try await house.run("2024-10").outcome == .issued)

        let bill = try await house.bill("2024-10")
        #expect(bill.content.period.description == period)
        #expect(bill.content.energy.kilowattHoursText == units)
        #expect(bill.content.total.plainText == total)
        // Both amounts are on the bill, so that everyone sees what fairness saved.
        #expect(bill.content.asPrinted?.plainText == (policy == .days ? "2880.00" : nil))

        // The next cycle begins where this bill ended.
        try await house.read("2024-12-31", kWh: 700)
        try await house.run("2024-12")
        let next = try await house.bill("2024-12")
        #expect(next.content.period.description == "2024-11-15 to 2024-12-31")
        #expect(next.content.energy.kilowattHoursText == "100")
    }

    @Test func `a late reading is split where its cycle ended`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01", late: .cycleSplit)
        try await house.read("2024-11-14", kWh: 600)
        try await house.run("2024-10")
        let first = try await house.bill("2024-10")
        // 61 of 75 days: 488 units, all in the table up to 500.
        #expect(
            BillingStory.written(first) == """
                2024-09-01 to 2024-10-31 488 units
                m-house 0 to 488e
                energy 100x0.00 100x2.35 200x4.70 88x6.30 = 1729.40
                total 1729.40
                """
        )
        #expect(first.content.asPrinted?.plainText == "2880.00")

        try await house.read("2024-12-31", kWh: 700)
        try await house.run("2024-12")
        let second = try await house.bill("2024-12")
        #expect(second.content.period.description == "2024-11-01 to 2024-12-31")
        #expect(second.content.energy.kilowattHoursText == "212")
        #expect(second.content.segments.first?.opening.isEstimated == true)
    }

    @Test func `a first year with a part cycle, a revision and a meter exchange`() async throws {
        let house = try await BillingStory.begin(connected: "2024-05-01", cycleDay: 15)
        // Connected in the middle of 15 April to 14 June: 45 days, limits scaled by 45/60.
        try await house.read("2024-06-14", kWh: 150)
        try await house.run("2024-06")
        #expect(
            BillingStory.written(try await house.bill("2024-06")) == """
                2024-05-01 to 2024-06-14 150 units
                m-house 0 to 150
                energy 75x0.00 75x2.25 = 168.75
                total 168.75
                """
        )
        // The tariff is revised on 1 July; the meter is exchanged on 20 July at noon.
        try await house.read("2024-07-19", kWh: 230)
        _ = try await house.office.useCases.registerMeter(
            RegisterMeter.Input(serial: "m-new", registerDigits: 6),
            by: house.office.manager
        )
        try await house.office.useCases.replaceMeter(
            ReplaceMeter.Input(
                serviceNumber: house.service,
                newSerial: "m-new",
                at: try #require(Instant("2024-07-20T06:30:00Z")),
                closingRegister: Energy(wattHours: 240_000),
                openingRegister: Energy(wattHours: 1_000_000)
            ),
            by: house.office.manager
        )
        try await house.read("2024-08-14", kWh: 1_210, of: "m-new")
        try await house.run("2024-08")
        let bill = try await house.bill("2024-08")
        #expect(bill.content.energy.kilowattHoursText == "300")
        #expect(
            bill.content.segments.map { "\($0.meter.serial) \($0.energy.kilowattHoursText)" }
                == ["m-house 90", "m-new 210"]
        )
        #expect(bill.content.tariffDocuments == ["tneb-lt1a-2022-09", "tneb-lt1a-2024-07"])
        // One allowance of 100 free units over both parts: 16 and 45 of 61 days.
        let free = bill.content.lines.flatMap(\.slabs).filter { $0.rate == "0.00" }
            .compactMap { Double($0.quantity) }.reduce(0, +)
        #expect(abs(free - 100) < 0.01)
    }

    @Test func `three skipped readings, two estimates, one true-up`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-11-20")
        try await house.read("2024-10-31", kWh: 305)
        #expect(try await house.run("2024-10").outcome == .issued)

        // Nobody could be read: without a method the run refuses by name.
        let refused = try await house.run("2024-12")
        #expect(refused.outcome == .refused && refused.reason.contains("no reading"))
        let held = try await house.run("2024-12", provisional: .average)
        #expect(held.outcome == .held && held.reason.contains("estimated by average"))
        let first = try await house.bill("2024-12")
        #expect(first.content.basis == .provisional && first.content.energy.wattHours == 305_000)
        #expect(first.number == nil)
        try await house.approve("2024-12")
        try await house.run("2025-02", provisional: .average)
        try await house.approve("2025-02")
        let second = try await house.bill("2025-02")
        // 305 units in 61 days are 5 a day; 59 days.
        #expect(second.content.energy.wattHours == 295_000)
        // It goes on where the first estimate ended, as the consumer has it on paper.
        #expect(
            second.content.segments.map { [$0.opening.register, $0.closing.register] }
                == [[Energy(wattHours: 610_000), Energy(wattHours: 905_000)]]
        )
        #expect(second.content.segments.first?.opening.isEstimated == true)

        // The third in a year is refused, unless a person says why.
        let third = try await house.run("2025-04", provisional: .average)
        #expect(third.outcome == .refused)
        #expect(third.reason.contains("2024-12, 2025-02"), "\(third.reason)")

        // At last the door is open: 1,275 units in 181 days since October.
        try await house.read("2025-04-30", kWh: 305 + 1_448)
        #expect(try await house.run("2025-04").outcome == .issued)
        let actual = try await house.bill("2025-04")
        let note = try #require(try await house.notes().first)
        #expect(note.cause == .trueUp && note.state == .issued)
        #expect(note.items.map(\.cycle) == ["2024-12", "2025-02"])
        // By days: 61, 59 and 61 of 181 days, 8 units a day.
        #expect(note.items.map(\.energy.wattHours) == [488_000, 472_000])
        #expect(actual.content.energy.wattHours == 488_000)
        #expect(note.items.map(\.reversed) == [first.content.total, second.content.total])
        #expect(
            note.amount == note.items.reduce(.zero) { $0 + $1.rebooked - $1.reversed }
        )
        #expect(note.number?.hasPrefix("DN-") == true)
        // Bill plus note is the recomputed bill, and the ledger agrees.
        let october = try await house.bill("2024-10").content.total
        #expect(
            try await house.balance()
                == october + note.items[0].rebooked + note.items[1].rebooked
                + actual.content.total
        )
        // Another run adds nothing.
        #expect(try await house.run("2025-04").outcome == .existing)
        #expect(try await house.notes().count == 1)
    }

    @Test func `a register typed wrongly is corrected after issue: reverse and rebook`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-03-20")
        try await house.read("2024-10-31", kWh: 830)
        try await house.run("2024-10")
        let wrong = try await house.bill("2024-10")
        let zone = house.office.office.zone
        let end = zone.start(of: try #require(CivilDate("2024-11-01")))
        let verbs = house.office.useCases
        let manager = house.office.manager
        let old = try await verbs.correctReading(
            serial: house.meter,
            at: end,
            register: Energy(wattHours: 380_000),
            reason: "8 and 3 were exchanged",
            by: manager
        )
        #expect(old.wattHours == 830_000)
        // The issued bill stands; only a note changes what is owed.
        #expect(try await house.bill("2024-10").content == wrong.content)
        let draft = try await verbs.writeNotes.rebook(
            try #require(wrong.number),
            reason: "reading corrected",
            by: manager
        )
        #expect(draft.state == .draft && draft.number == nil)
        let note = try await verbs.writeNotes.issue(draft.id, by: manager)
        // 380 units: 100 free, 100 at 2.35, 180 at 4.70.
        #expect(note.items.first?.rebooked.plainText == "1081.00")
        #expect(note.amount == Money(paise: 108_100) - wrong.content.total)
        #expect(note.number?.hasPrefix("CN-") == true)
        #expect(try await house.balance().plainText == "1081.00")
        // The next bill opens with the corrected register.
        try await house.read("2024-12-31", kWh: 480)
        try await house.run("2024-12")
        #expect(try await house.bill("2024-12").content.energy.wattHours == 100_000)
        // The same again finds nothing to correct.
        await #expect(throws: StateConflict.self) {
            try await verbs.writeNotes.rebook(
                wrong.number ?? "",
                reason: "once more",
                by: manager
            )
        }
    }

    @Test func `a credit is at most what stands on the bill`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-03-20")
        try await house.read("2024-10-31", kWh: 250)
        try await house.run("2024-10")
        let bill = try await house.bill("2024-10")
        let verbs = house.office.useCases.writeNotes
        let manager = house.office.manager
        let number = try #require(bill.number)
        let total = bill.content.total
        await #expect(throws: InvalidInput.self) {
            try await verbs.adjust(
                number,
                amount: Money(paise: -total.paise - 1),
                reason: "too much",
                by: manager
            )
        }
        let draft = try await verbs.adjust(number, amount: -total, reason: "goodwill", by: manager)
        // One at a time, so that two cannot together exceed it.
        await #expect(throws: StateConflict.self) {
            try await verbs.adjust(number, amount: Money(paise: -1), reason: "more", by: manager)
        }
        _ = try await verbs.issue(draft.id, by: manager)
        #expect(try await house.balance() == .zero)
        await #expect(throws: InvalidInput.self) {
            try await verbs.adjust(number, amount: Money(paise: -1), reason: "more", by: manager)
        }
    }

    @Test func `a register that rolls over inside the cycle`() async throws {
        let house = try await BillingStory.begin(
            connected: "2024-09-01",
            registerDigits: 4,
            openingKWh: 9_900
        )
        try await house.read("2024-09-20", kWh: 9_990)
        try await house.read("2024-10-31", kWh: 110)
        try await house.run("2024-10")
        #expect(
            BillingStory.written(try await house.bill("2024-10")) == """
                2024-09-01 to 2024-10-31 210 units
                m-house 9900 to 110
                energy 100x0.00 100x2.35 10x4.70 = 282.00
                total 282.00
                """
        )
    }

    @Test func `a move makes a final bill for the one and a first bill for the other`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-09-20", kWh: 100)
        try await house.read("2024-10-31", kWh: 200)
        _ = try await house.office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-next", name: "Ravi"),
            by: house.office.manager
        )
        _ = try await house.office.useCases.moveOccupant.transfer(
            house.service,
            to: "C-next",
            lastDay: try #require(CivilDate("2024-09-20")),
            by: house.office.manager
        )
        try await house.run("2024-10")
        let bills = try await house.bills()
        #expect(bills.map(\.content.kind) == [.final, .regular])
        #expect(bills.map(\.content.consumerName) == ["Meena", "Ravi"])
        #expect(
            bills.map(\.content.period.description)
                == ["2024-09-01 to 2024-09-20", "2024-09-21 to 2024-10-31"]
        )
        #expect(bills.map(\.content.energy.wattHours) == [100_000, 100_000])
        // A third of the free units and two thirds of them: nobody's allowance is lost or doubled.
        #expect(bills.allSatisfy { $0.number != nil })
    }

    @Test func `a closed service gets its last bill and no more`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-10-31", kWh: 100)
        try await house.run("2024-10")
        _ = try await house.office.useCases.moveOccupant.close(
            house.service,
            lastDay: try #require(CivilDate("2024-11-30")),
            closingRegister: Energy(wattHours: 160_000),
            by: house.office.manager
        )
        try await house.run("2024-12")
        let last = try #require(try await house.bills().last)
        #expect(last.content.kind == .final && last.content.energy.wattHours == 60_000)
        #expect(last.content.period.description == "2024-11-01 to 2024-11-30")
        let after = try await house.run("2025-02")
        #expect(after.outcome == .notConnected && after.reason.contains("closed"))
    }
}
