import Billing
import Metering
import Registry
import Store
import Tariffs
import TestSupport
import Testing
import Units
import UseCases

/// What changes between a bill's draft and its issue, or comes to light after it.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillingSecondThoughtsTests {
    @Test func `a note drafted before a further correction is not issued as drafted`() async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-03-20")
        try await house.read("2024-10-31", kWh: 830)
        try await house.run("2024-10")
        let verbs = house.office.useCases
        let manager = house.office.manager
        let number = try #require(try await house.bill("2024-10").number)
        let end = house.office.office.zone.start(of: try #require(CivilDate("2024-11-01")))
        func correct(_ kWh: Int) async throws {
            _ = try await verbs.correctReading(
                serial: house.meter,
                at: end,
                register: Energy(wattHours: Int64(kWh) * 1_000),
                reason: "read again",
                by: manager
            )
        }
        try await correct(380)
        let stale = try await verbs.writeNotes.rebook(number, reason: "first", by: manager)
        try await correct(308)
        let refusal = await #expect(throws: StateConflict.self) {
            try await verbs.writeNotes.issue(stale.id, by: manager)
        }
        #expect(refusal?.code == "registers_changed")
        try await verbs.writeNotes.withdraw(stale.id, by: manager)
        let fresh = try await verbs.writeNotes.rebook(number, reason: "second", by: manager)
        let issued = try await verbs.writeNotes.issue(fresh.id, by: manager)
        #expect(issued.items.first?.energy.wattHours == 308_000)
    }

    @Test func `a limit set after the draft holds it, and approval then needs a reason`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-10-31", kWh: 400)
        #expect(try await house.run("2024-10", issue: false).outcome == .drafted)
        let manager = house.office.manager
        _ = try await house.office.useCases.setBilling(
            SetBilling.Input(billLimitPaise: 50_000),
            by: manager
        )
        #expect(try await house.run("2024-10", issue: false).outcome == .held)
        let bill = try await house.bill("2024-10")
        #expect(bill.state == .held && bill.holds.map(\.code) == [.aboveLimit])
        await #expect(throws: InvalidInput.self) {
            try await house.office.useCases.approveBills(
                String(bill.id.value),
                reason: "",
                by: manager
            )
        }
        try await house.approve("2024-10")
    }

    @Test func `a register misread at an exchange is corrected before and after the bill`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-03-20")
        let verbs = house.office.useCases
        let manager = house.office.manager
        _ = try await verbs.registerMeter(RegisterMeter.Input(serial: "m-second"), by: manager)
        let at = house.office.office.zone.start(of: try #require(CivilDate("2024-10-01")))
        try await verbs.replaceMeter(
            ReplaceMeter.Input(
                serviceNumber: house.service,
                newSerial: "m-second",
                at: at,
                closingRegister: Energy(wattHours: 610_000),
                openingRegister: Energy(wattHours: 5_000)
            ),
            by: manager
        )
        func correct(_ serial: String, _ kWh: Int64) async throws -> Energy {
            try await verbs.correctReading(
                serial: serial,
                at: at,
                register: Energy(wattHours: kWh * 1_000),
                reason: "digits exchanged",
                by: manager
            )
        }
        #expect(try await correct(house.meter, 160).wattHours == 610_000)
        try await house.read("2024-10-31", kWh: 105, of: "m-second")
        try await house.run("2024-10")
        let bill = try await house.bill("2024-10")
        #expect(bill.content.energy.wattHours == 260_000)
        // After the issue a note follows both ends of the exchange.
        #expect(try await correct(house.meter, 150).wattHours == 160_000)
        #expect(try await correct("m-second", 15).wattHours == 5_000)
        let draft = try await verbs.writeNotes.rebook(
            try #require(bill.number),
            reason: "registers of the exchange read again",
            by: manager
        )
        let note = try await verbs.writeNotes.issue(draft.id, by: manager)
        #expect(note.items.first?.energy.wattHours == 240_000)
    }

    @Test func `each consumer owes their own bills, and a true-up finds who moved out`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-07-01", today: "2025-11-20")
        try await house.read("2024-08-31", kWh: 300)
        try await house.run("2024-08")
        let verbs = house.office.useCases
        let manager = house.office.manager
        let arrears = try await house.balance()
        // Nobody could read in September and October; the bill is estimated, then Meena moves out.
        try await house.run("2024-10", provisional: .average)
        try await house.approve("2024-10")
        let estimated = try await house.bill("2024-10").content.total
        _ = try await verbs.registerConsumer(
            RegisterConsumer.Input(number: "C-next", name: "Ravi"),
            by: manager
        )
        _ = try await verbs.moveOccupant.transfer(
            house.service,
            to: "C-next",
            lastDay: try #require(CivilDate("2024-10-31")),
            by: manager
        )
        #expect(try await house.balance() == .zero)
        let owed = try await verbs.showBills.balances(serviceNumber: house.service, by: manager)
        #expect(owed.former == arrears + estimated)
        // The register at last: 900 units in 122 days, 450 of them Meena's by days.
        try await house.read("2024-12-31", kWh: 1_200)
        try await house.run("2024-12")
        let own = try await house.bill("2024-12")
        #expect(own.content.consumerName == "Ravi")
        #expect(own.content.energy.wattHours == 450_000)
        let note = try #require(try await house.notes().last)
        #expect(note.cause == .trueUp && note.items.map(\.energy.wattHours) == [450_000])
        let after = try await verbs.showBills.balances(serviceNumber: house.service, by: manager)
        #expect(after.own == own.content.total)
        #expect(after.former == arrears + estimated + note.amount)
    }

    @Test func `a monthly parameter of an optional line that nobody published holds the bill`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        let manager = house.office.manager
        let text = """
            {"id": "fac-2020", "family": "with-fac", "utility": "MSEDCL", "state": "Maharashtra",
             "category": "LT", "effective": {"from": "2020-01-01", "to": null}, "base_months": 2,
             "lines": [{"id": "energy", "kind": "blocks", "blocks": [[null, "5"]]},
              {"id": "fac", "kind": "per_unit", "rate": {"param": "fac"}, "optional": true}],
             "rounding": {"line": "0.01", "total": "0.01"}}
            """
        _ = try await house.office.useCases.publishTariff(
            try TariffDocument.decodeAll(Array(text.utf8)),
            by: manager
        )
        _ = try await house.office.useCases.registerService(
            RegisterService.Input(
                number: "S-fac",
                consumerNumber: "C-house",
                category: "LT",
                tariffFamily: "with-fac",
                sanctionedLoadWatts: 5_000,
                connectedOn: "2024-09-01"
            ),
            by: manager
        )
        _ = try await house.office.useCases.registerMeter(
            RegisterMeter.Input(
                serial: "m-fac",
                serviceNumber: "S-fac",
                installedAt: house.office.office.zone.start(
                    of: try #require(CivilDate("2024-09-01"))
                ).description,
                openingRegisterWattHours: 0
            ),
            by: manager
        )
        try await house.read("2024-10-31", kWh: 100, of: "m-fac")
        try await house.read("2024-10-31", kWh: 100)
        let run = try await house.office.useCases.runBilling(
            RunBilling.Input(cycle: "2024-10", issue: true),
            by: manager
        )
        #expect(run.counts[.held] == 1 && run.counts[.issued] == 1)
        func publish(_ utility: String) async throws {
            let series = """
                {"series": [{"utility": "\(utility)", "parameter": "fac",
                 "windows": [{"rate": "0.50", "from": "2024-09-01", "to": "2024-10-31"}]}]}
                """
            _ = try await house.office.useCases.setBilling.publishParameters(
                Array(series.utf8),
                by: manager
            )
        }
        // A utility nobody bills by is a slip of the pen.
        await #expect(throws: InvalidInput.self) { try await publish("MSDCL") }
        try await publish("MSEDCL")
        let made = try await house.office.useCases.runBilling(
            RunBilling.Input(cycle: "2024-10"),
            by: manager
        )
        #expect(made.counts[.drafted] == 1)
        let bill = try await house.office.useCases.showBills.list(
            try PageRequest(),
            serviceNumber: "S-fac",
            by: manager
        ).items
        #expect(bill.map(\.total.plainText) == ["550.00"])
    }

    @Test func `an import names the readings that differ from what is stored`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.read("2024-10-31", kWh: 400)
        let end = house.office.office.zone.start(of: try #require(CivilDate("2024-11-01")))
        let report = try await house.office.useCases.importReadings(
            [
                ReadingImportRow(
                    line: 2,
                    meter: house.meter,
                    value: .register(end, Energy(wattHours: 390_000), isEstimated: false)
                )
            ],
            options: ImportReadings.Options(),
            by: house.office.manager
        )
        #expect(report.conflicts == 1)
        #expect(report.conflicting.map(\.meter) == [house.meter])
        #expect(report.conflicting.map(\.reading.register.wattHours) == [390_000])
    }
}
