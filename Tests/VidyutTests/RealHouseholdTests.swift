import Billing
import Gzip
import Metering
import Registry
import Tariffs
import TestSupport
import Testing
import Units
import UseCases
import Wire

/// The 42 Indian households of the forecasting data, imported from their file and billed for every
/// cycle of their history.
@Suite(.enabled(if: SourceTree.shared != nil && TestCluster.isAvailable))
struct RealHouseholdTests {
    /// What the file says of one household.
    private struct History {
        var first: CivilDate
        var last: CivilDate
        var energies: [CivilDate: Energy] = [:]

        func isComplete(_ period: BillingPeriod) -> Bool {
            period.first >= first && period.last <= last
        }

        func energy(in period: BillingPeriod) -> Energy {
            energies.reduce(.zero) { sum, entry in
                period.contains(entry.key) ? sum + entry.value : sum
            }
        }
    }

    private static let patterns = ["br-*", "mh-*"]

    private func rows() throws -> [ReadingImportRow] {
        var reader = try GzipReader(path: try #require(SourceTree.shared) + "/forecast/data.csv.gz")
        var csv = ReadingCSV()
        while let piece = try reader.next() { csv.feed(piece) }
        csv.finish()
        #expect(csv.faultCount == 0)
        return csv.rows
    }

    private func histories(_ rows: [ReadingImportRow]) -> [String: History] {
        var histories: [String: History] = [:]
        for row in rows where row.meter.hasPrefix("br-") || row.meter.hasPrefix("mh-") {
            guard case .day(let day, let energy) = row.value else { continue }
            var history = histories[row.meter] ?? History(first: day, last: day)
            history.first = min(history.first, day)
            history.last = max(history.last, day)
            history.energies[day] = energy
            histories[row.meter] = history
        }
        return histories
    }

    @Test func `every complete cycle has one bill of exactly the energy that was imported`()
        async throws
    {
        let rows = try rows()
        let histories = histories(rows)
        #expect(histories.count == 42)
        let office = try await TestOffice.make()
        let (verbs, manager) = (office.useCases, office.manager)
        try await office.publish(family: "tneb-lt1a")
        let options = ImportReadings.Options(
            only: Self.patterns,
            createWithTariff: "tneb-lt1a"
        )

        let report = try await verbs.importReadings(rows, options: options, by: manager)
        #expect(report.meters == 42)
        #expect(report.created == 42)
        #expect(report.stored == histories.values.reduce(0) { $0 + $1.energies.count })
        let again = try await verbs.importReadings(rows, options: options, by: manager)
        #expect(again.stored == 0)
        #expect(again.duplicates == report.stored)

        let cycles = try cyclesAround(histories, rule: office.office.cycle)
        for cycle in cycles {
            let expected = histories.filter { $0.value.isComplete(cycle.period) }
            let run = try await verbs.runBilling(cycle: cycle.name, issue: true, by: manager)
            try await check(run, office, complete: Set(expected.keys), as: .issued)
        }
        try await checkBills(office, histories, cycles)
        for cycle in cycles {
            let expected = histories.filter { $0.value.isComplete(cycle.period) }
            let run = try await verbs.runBilling(cycle: cycle.name, issue: true, by: manager)
            try await check(run, office, complete: Set(expected.keys), as: .existing)
        }
        try await checkBills(office, histories, cycles)
    }

    private typealias Cycle = (name: String, period: BillingPeriod)

    /// Every cycle with a day of somebody's history, the one before and the one after.
    private func cyclesAround(
        _ histories: [String: History],
        rule: CycleRule
    ) throws -> [Cycle] {
        let first = try #require(histories.values.map(\.first).min())
        let last = try #require(histories.values.map(\.last).max())
        var cycles: [Cycle] = []
        var name = rule.name(containing: first).adding(months: -rule.months)
        while name <= rule.name(containing: last).adding(months: rule.months) {
            cycles.append((name.description, try #require(rule.period(named: name))))
            name = name.adding(months: rule.months)
        }
        return cycles
    }

    /// Complete cycles are billed; every other service is refused, or not connected, with a reason.
    private func check(
        _ run: BillRun,
        _ office: TestOffice,
        complete: Set<String>,
        as outcome: BillOutcome
    ) async throws {
        let page = try await office.useCases.showBills.outcomes(
            of: run.id,
            try PageRequest(limit: 200),
            by: office.manager
        )
        #expect(page.items.count == 42)
        for item in page.items {
            if complete.contains(item.serviceNumber) {
                #expect(item.outcome == outcome, "\(run.cycle) \(item)")
            } else {
                #expect(
                    [.refused, .notConnected].contains(item.outcome),
                    "\(run.cycle) \(item)"
                )
                #expect(!item.reason.isEmpty)
            }
        }
        #expect(run.counts[outcome] ?? 0 == complete.count)
    }

    /// One bill for each complete cycle, its energy what the file says, its total what a quote says.
    private func checkBills(
        _ office: TestOffice,
        _ histories: [String: History],
        _ cycles: [Cycle]
    ) async throws {
        let (verbs, manager) = (office.useCases, office.manager)
        let versions = try TariffVersions(
            try await verbs.publishTariff.list(by: manager).map {
                try TariffDocument.load(Array($0.body.utf8))
            }
        )
        var billed: [String: Energy] = [:]
        var bills = 0
        var after: String?
        repeat {
            let page = try await verbs.showBills.list(
                try PageRequest(after: after, limit: 200),
                by: manager
            )
            for summary in page.items {
                let bill = try await verbs.showBills.show(
                    try #require(summary.number),
                    by: manager
                )
                let key = "\(summary.serviceNumber) \(summary.cycle)"
                #expect(billed[key] == nil, "two bills for \(key)")
                billed[key] = bill.content.energy
                bills += 1
                #expect(bill.isConsistent)
                #expect(bill.content.energy == summary.energy)
                var inputs = RatingInputs(units: summary.energy, months: 2)
                inputs.period = summary.period
                #expect(try rate(versions, inputs).total == summary.total, "\(key)")
            }
            after = page.next
        } while after != nil

        var expected: [String: Energy] = [:]
        for (household, history) in histories {
            for cycle in cycles where history.isComplete(cycle.period) {
                expected["\(household) \(cycle.name)"] = history.energy(in: cycle.period)
            }
        }
        #expect(billed == expected)
        #expect(bills == expected.count)
        #expect(bills > 200)
    }
}
