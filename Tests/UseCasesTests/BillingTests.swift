import Billing
import Metering
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// From registers to an issued bill, on the real tariff documents.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillingTests {
    /// An office with one service whose register moved by `units` a day from `first` on.
    private func officeWithHistory(
        wattHoursPerDay: Int64,
        from first: String,
        days: Int,
        at now: String
    ) async throws -> TestOffice {
        let office = try await TestOffice.make(at: try #require(Instant(now)))
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.connect("b", on: first)
        let start = try #require(CivilDate(first))
        let rows = (0..<days).map { offset in
            ReadingImportRow(
                line: offset + 2,
                meter: "m-b",
                value: .day(start.adding(days: offset), Energy(wattHours: wattHoursPerDay))
            )
        }
        _ = try await office.useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: office.manager
        )
        return office
    }

    @Test func `500 units of two months cost 1805 and 600 cost 2880`() async throws {
        // Two months of 61 days: 500 kWh is not a whole number of Wh a day, so the day carries more.
        let office = try await officeWithHistory(
            wattHoursPerDay: 10_000,
            from: "2025-08-01",
            days: 200,
            at: "2026-03-01T06:00:00Z"
        )

        let run = try await office.useCases.runBilling(
            cycle: "2025-10",
            issue: true,
            by: office.manager
        )

        #expect(run.counts[.issued] == 1)
        let bills = try await office.useCases.showBills.list(
            try PageRequest(),
            by: office.manager
        )
        let bill = try await office.useCases.showBills.show(
            String(try #require(bills.items.first).id.value),
            by: office.manager
        )
        #expect(bill.content.energy.wattHours == 610_000)
        // 100 free, 300 at 4.70, 100 at 6.30, 100 at 8.40, 10 at 9.45 (July 2024 table).
        #expect(bill.content.total.plainText == "2974.50")
        #expect(bill.isConsistent)
        #expect(bill.content.lines.first?.slabs.isEmpty == false)
        #expect(bill.number == "\(office.office.code.uppercased())-2026-000001")
        #expect(
            try await office.useCases.showBills.balance(serviceNumber: "S-b", by: office.manager)
                == bill.content.total
        )
    }

    @Test func `a rerun adds nothing and takes no number`() async throws {
        let office = try await officeWithHistory(
            wattHoursPerDay: 3_000,
            from: "2025-08-01",
            days: 200,
            at: "2026-03-01T06:00:00Z"
        )
        _ = try await office.useCases.runBilling(cycle: "2025-10", issue: true, by: office.manager)
        let again = try await office.useCases.runBilling(
            cycle: "2025-10",
            issue: true,
            by: office.manager
        )
        _ = try await office.useCases.runBilling(cycle: "2025-12", issue: true, by: office.manager)

        #expect(again.counts[.existing] == 1 && again.counts[.issued] == 0)
        let bills = try await office.useCases.showBills.list(
            try PageRequest(),
            by: office.manager
        )
        #expect(bills.items.compactMap(\.number).map { $0.suffix(6) } == ["000002", "000001"])
    }

    @Test func `a draft is issued unchanged`() async throws {
        let office = try await officeWithHistory(
            wattHoursPerDay: 3_000,
            from: "2025-08-01",
            days: 200,
            at: "2026-03-01T06:00:00Z"
        )
        _ = try await office.useCases.runBilling(
            cycle: "2025-10",
            issue: false,
            by: office.manager
        )
        let draft = try await onlyBill(office)
        _ = try await office.useCases.runBilling(cycle: "2025-10", issue: true, by: office.manager)
        let issued = try await onlyBill(office)

        #expect(draft.state == .draft && issued.state == .issued)
        #expect(draft.content == issued.content)
    }

    private func onlyBill(_ office: TestOffice) async throws -> Bill {
        let bills = try await office.useCases.showBills.list(
            try PageRequest(),
            by: office.manager
        )
        return try await office.useCases.showBills.show(
            String(try #require(bills.items.first).id.value),
            by: office.manager
        )
    }

    @Test func `the database refuses to change or delete an issued bill`() async throws {
        let office = try await officeWithHistory(
            wattHoursPerDay: 3_000,
            from: "2025-08-01",
            days: 200,
            at: "2026-03-01T06:00:00Z"
        )
        _ = try await office.useCases.runBilling(cycle: "2025-10", issue: true, by: office.manager)
        let pool = try await SharedDatabase.shared.open().pool
        let tenant = String(office.office.id.value)
        for statement in 0..<5 {
            await #expect(throws: (any Error).self, "statement \(statement)") {
                try await pool.transaction { connection in
                    try connection.execute(
                        "select set_config('vidyut.tenant', \(tenant), true)"
                    )
                    switch statement {
                    case 0: try connection.execute("update bill set total_paise = 1")
                    case 1: try connection.execute("delete from bill")
                    case 2: try connection.execute("update bill_line set amount_paise = 1")
                    case 3: try connection.execute("delete from bill_segment")
                    default: try connection.execute("update ledger_entry set amount_paise = 1")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("2025-09", "unknown"), ("2026-04", "out_of_range"), ("october", "invalid"),
    ])
    func `a cycle that is none, or not over, is refused`(cycle: String, code: String)
        async throws
    {
        let office = try await TestOffice.make(at: try #require(Instant("2026-03-01T06:00:00Z")))
        do {
            _ = try await office.useCases.runBilling(
                cycle: cycle,
                issue: false,
                by: office.manager
            )
            Issue.record("the cycle \(cycle) was billed")
        } catch let error as InvalidInput {
            #expect(error.faults.map(\.code) == [code])
        }
    }

    @Test func `a cycle without a tariff version in force is refused by name`() async throws {
        let office = try await officeWithHistory(
            wattHoursPerDay: 3_000,
            from: "2010-01-01",
            days: 200,
            at: "2026-03-01T06:00:00Z"
        )
        let run = try await office.useCases.runBilling(
            cycle: "2010-04",
            issue: true,
            by: office.manager
        )
        let outcomes = try await office.useCases.showBills.outcomes(
            of: run.id,
            try PageRequest(),
            by: office.manager
        )
        let outcome = try #require(outcomes.items.first)
        #expect(outcome.outcome == .refused)
        #expect(outcome.reason.contains("tneb-lt1a"))
        #expect(outcome.reason.contains("2010-03-01"))
    }
}
