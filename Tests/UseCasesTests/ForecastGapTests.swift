import Billing
import Forecasting
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Days of a running cycle that nobody has read: estimated like days to come, never certain.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastGapTests {
    private let yesterday = ForecastTown.yesterday

    private func view(
        _ town: ForecastTown,
        _ number: Int = 1,
        whatIf: WhatIf? = nil,
        withAccuracy: Bool = false
    ) async throws -> ShowForecast.Answer {
        try await town.office.useCases.showForecast(
            serviceNumber: "S-\(number)",
            whatIf: whatIf,
            withAccuracy: withAccuracy,
            by: town.office.manager
        )
    }

    private func used(_ number: Int, _ days: ClosedRange<CivilDate>) -> Int64 {
        (0...days.upperBound.days(since: days.lowerBound)).reduce(0) {
            $0 + (ForecastTown.household(number)(days.lowerBound.adding(days: $1)) ?? 0)
        }
    }

    @Test func `a silent meter's days are estimated, with their uncertainty`() async throws {
        let town = try await ForecastTown.make(services: 3)
        try await town.office.publish(family: "tneb-lt1a")
        try await town.fillAll(2)
        // 22 days of the cycle have passed; of the last 12 nothing is known.
        let last = yesterday.adding(days: -12)
        try await town.fill(3, to: last, ForecastTown.household(3))
        try await town.office.fillDays(
            ofMeter: "m-3",
            from: last.adding(days: 1),
            to: last.adding(days: 1),
            missingBlocks: 50
        ) { _ in 1_000 }
        try await town.night()

        let silent = try #require(try await view(town, 3).cycle)
        #expect(silent.readDays == 10 && silent.unreadDays == 12)
        #expect(silent.used.through == last)
        let certain = used(3, silent.period.first...last) + 1_000
        #expect(abs(silent.used.total.wattHours - certain) <= 12)
        #expect(silent.rest.days.count == 51 && silent.rest.open == yesterday.adding(days: 1))
        // What was read of the day that was cut short is not used twice.
        #expect(silent.rest.days[0].middle < silent.rest.days[1].middle - 0.5)
        let bill = try #require(silent.forecast?.bill)
        #expect(bill.crossings.allSatisfy { !$0.isPassed || $0.bound < silent.used.total })
        let notes = try await view(town, 3).notes
        #expect(notes.contains { $0.code == .gaps && $0.detail.hasPrefix("12 days") })

        // The same household, read every day.
        let heard = try await ForecastTown.make(services: 3)
        try await heard.fillAll(3)
        try await heard.night()
        let known = try #require(try await view(heard, 3).cycle)
        #expect(known.readDays == 22 && known.unreadDays == 0)
        func width(_ cycle: ShowForecast.Cycle) -> Energy { cycle.units.high - cycle.units.low }
        #expect(width(silent) > width(known))
        let difference = silent.units.median.wattHours - known.units.median.wattHours
        #expect(abs(difference) * 8 < known.units.median.wattHours)
    }

    @Test func `when a register ends the silence, the sum is certain and its days are not`()
        async throws
    {
        let town = try await ForecastTown.make(services: 1)
        try await town.office.publish(family: "tneb-lt1a")
        try await town.fill(1, ForecastTown.household(1))
        try await town.fill(
            1,
            from: yesterday.adding(days: -15),
            to: yesterday.adding(days: -3),
            estimatedBlocks: 96
        ) { _ in 4_000 }
        try await town.night()

        let cycle = try #require(try await view(town).cycle)
        #expect(cycle.unreadDays == 0 && cycle.readDays == 22 && cycle.rest.unread == nil)
        #expect(cycle.used.sums == [6..<19])
        let bill = try #require(cycle.forecast?.bill)
        // 6 days of about 4, then 13 of 4 together: some day of them passed a hundred units or none.
        for crossing in bill.crossings where crossing.isPassed {
            #expect(
                crossing.date.map { !(6..<19).contains($0.days(since: cycle.period.first)) } ?? true
            )
        }
    }

    @Test func `days between known ones that no register tells are estimated as well`() async throws
    {
        let town = try await ForecastTown.make(services: 1)
        try await town.fill(1) { day in
            (5...9).contains(ForecastTown.yesterday.days(since: day))
                ? nil : ForecastTown.household(1)(day)
        }
        try await town.night()
        let cycle = try #require(try await view(town).cycle)
        #expect(cycle.unreadDays == 5 && cycle.readDays == 17)
        #expect(cycle.used.through == yesterday && cycle.rest.first == yesterday.adding(days: 1))
        let unread = try #require(cycle.rest.unread)
        let actual = Double(used(1, yesterday.adding(days: -9)...yesterday.adding(days: -5)))
        #expect(unread.days == 5 && abs(unread.mean * 1_000 / actual - 1) < 0.25)
        #expect(cycle.used.days.count { $0 == nil } == 5)
        #expect(cycle.used.total < cycle.units.low)
    }

    @Test func `a day cut short is learned from by no forecast and counts in no score`()
        async throws
    {
        let origin = yesterday.adding(days: -40)
        let cut = try await ForecastTown.make(services: 1)
        let gone = try await ForecastTown.make(services: 1)
        for town in [cut, gone] {
            try await town.fill(1, to: origin.adding(days: -1), ForecastTown.household(1))
        }
        try await cut.fill(1, from: origin, to: origin, missingBlocks: 60) { _ in 30_000 }
        for town in [cut, gone] { try await town.night(origin) }
        #expect(try await cut.forecasts() == gone.forecasts())
        #expect(try await cut.states() == gone.states())
    }

    @Test func `a change that begins outside the cycle is refused by name`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.office.publish(family: "tneb-lt1a")
        try await town.fillAll(1)
        try await town.night()
        func asked(from day: CivilDate) -> WhatIf {
            WhatIf(appliance: WhatIf.Appliance(watts: 1_000, minutesADay: 60, from: day))
        }
        let cycle = try #require(try await view(town).cycle)
        for day in [cycle.period.first.adding(days: -1), cycle.period.last.adding(days: 1)] {
            await #expect {
                try await view(town, whatIf: asked(from: day))
            } throws: { error in
                (error as? InvalidInput)?.faults.first.map {
                    $0.field == "from" && $0.code == "out_of_range"
                }
                    ?? false
            }
        }
        for day in [cycle.period.first, cycle.period.last] {
            #expect(try await view(town, whatIf: asked(from: day)).cycle?.forecast?.whatIf != nil)
        }
    }

    @Test func `a service is told how its last months were forecast`() async throws {
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        // The evenings before September, October and November.
        for day in [20_696, 20_726, 20_757] as [Int32] {
            try await town.night(CivilDate(daysSince1970: day))
        }
        try await town.night()
        let plain = try await view(town)
        #expect(plain.accuracy.isEmpty)
        let answer = try await view(town, withAccuracy: true)
        #expect(answer.accuracy.map(\.first.month.description) == ["2026-10", "2026-09"])
        let both = try await view(town, 2, withAccuracy: true).accuracy
        // The office's record is the sum of its services'.
        let office = try await town.office.useCases.showAccuracy(by: town.office.manager).spans
        for (index, own) in answer.accuracy.enumerated() {
            var sum = own.score
            sum.add(both[index].score)
            let whole = try #require(office.first { $0.kind == .month && $0.first == own.first })
            #expect(zip(sum.sums, whole.score.sums).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }
}

/// Daily energies from a file, with days missing.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastFileGapTests {
    @Test func `days without a row lower no level, and the register tells that they are over`()
        async throws
    {
        let office = try await TestOffice.make()
        let yesterday = ForecastTown.yesterday
        // Of the first every second day is missing, and the last three are not there yet.
        func rows(_ meter: String, every step: Int) -> [ReadingImportRow] {
            stride(from: 199, through: 3, by: -step).enumerated().map { index, back in
                ReadingImportRow(
                    line: index + 2,
                    meter: meter,
                    value: .day(yesterday.adding(days: -back), Energy(wattHours: 9_000))
                )
            }
        }
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.useCases.importReadings(
            rows("f-1", every: 2) + rows("f-2", every: 1),
            options: ImportReadings.Options(createWithTariff: "tneb-lt1a"),
            by: office.manager
        )
        _ = try await office.useCases.runForecasts(by: office.manager)
        func answer(_ number: String) async throws -> ShowForecast.Answer {
            try await office.useCases.showForecast(serviceNumber: number, by: office.manager)
        }
        let gaps = try await answer("f-1")
        let outlook = try #require(gaps.outlook)
        let whole = try #require(try await answer("f-2").outlook)
        // Shared out over the days without a row it would be half.
        #expect(abs(outlook.mean / whole.mean - 1) < 0.1)
        let cycle = try #require(gaps.cycle)
        // 1 to 19 November: ten rows, and the days between stood still.
        #expect(cycle.unreadDays == 3 && cycle.readDays == 19)
        #expect(cycle.used.total == Energy(wattHours: 90_000))
        #expect(cycle.used.days.compactMap(\.self).count { $0 == .zero } == 9)
    }
}
