import Billing
import Forecasting
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// What is said of one service: the fan, the cycle, the bill, and of odd pasts by name.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastViewTests {
    private func view(
        _ town: ForecastTown,
        _ number: Int = 1,
        whatIf: WhatIf? = nil
    ) async throws -> ShowForecast.Answer {
        try await town.office.useCases.showForecast(
            serviceNumber: "S-\(number)",
            whatIf: whatIf,
            by: town.office.manager
        )
    }

    /// Every figure of an answer is a number.
    private func check(_ answer: ShowForecast.Answer) {
        for range in (answer.outlook?.days ?? []) + (answer.cycle?.rest.running ?? []) {
            #expect(range.low.isFinite && range.middle.isFinite && range.high.isFinite)
            #expect(range.low >= 0 && range.low <= range.middle && range.middle <= range.high)
        }
        if let cycle = answer.cycle {
            #expect(cycle.units.low <= cycle.units.median)
            #expect(cycle.units.median <= cycle.units.high)
            #expect(cycle.used.total <= cycle.units.low)
        }
    }

    private func codes(_ answer: ShowForecast.Answer) -> [ForecastNote.Code] {
        answer.notes.map(\.code)
    }

    @Test func `a household has its fan, its cycle, its bill and what a change does`() async throws
    {
        let town = try await ForecastTown.make(services: 3)
        try await town.office.publish(family: "tneb-lt1a")
        try await town.fillAll(3)
        try await town.night()

        let answer = try await view(town, 3)
        check(answer)
        #expect(answer.notes == [])
        #expect(answer.past.count == 62 && answer.past.last?.day == ForecastTown.yesterday)
        #expect(answer.outlook?.days.count == 62)
        #expect(answer.outlook?.first == ForecastTown.yesterday.adding(days: 1))
        let cycle = try #require(answer.cycle)
        #expect("\(cycle.name) \(cycle.period.first)" == "2026-12 2026-11-01")
        let used = (0..<22).map {
            ForecastTown.household(3)(cycle.period.first.adding(days: $0)) ?? 0
        }.reduce(0, +)
        #expect(abs(cycle.used.total.wattHours - used) <= 22)
        #expect(cycle.rest.days.count == 39)
        let bill = try #require(cycle.forecast?.bill)
        #expect(bill.soFar <= bill.bill.low && bill.bill.low < bill.bill.high)
        #expect(bill.units == cycle.units)

        let less = try await view(town, 3, whatIf: WhatIf(percent: -50))
        let outcome = try #require(less.cycle?.forecast?.whatIf)
        #expect(outcome.difference < .zero)
        let appliance = WhatIf.Appliance(watts: 2_000, minutesADay: 300)
        let more = try await view(town, 3, whatIf: WhatIf(appliance: appliance))
        #expect(try #require(more.cycle?.forecast?.whatIf).difference > .zero)
        await #expect(throws: InvalidInput.self) {
            try await view(town, 3, whatIf: WhatIf(percent: -101))
        }
    }

    @Test func `without a tariff the units are there and the bill says why not`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        try await town.night()
        let answer = try await view(town)
        check(answer)
        #expect(codes(answer) == [.noBill])
        #expect(answer.cycle != nil && answer.cycle?.forecast == nil)
    }

    @Test func `before the first night there is none, and it is said`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        let answer = try await view(town)
        #expect(codes(answer) == [.notYet])
        #expect(answer.outlook == nil && answer.cycle == nil && answer.past.count == 62)
    }

    @Test func `no past, one day, zeros, gaps and an outage have a clear answer each`()
        async throws
    {
        let yesterday = ForecastTown.yesterday
        let town = try await ForecastTown.make(services: 8)
        try await town.office.publish(family: "tneb-lt1a")
        for number in 1...3 { try await town.fill(number, ForecastTown.household(number)) }
        try await town.fill(5, from: yesterday, ForecastTown.household(5))
        try await town.fill(6) { _ in 0 }
        try await town.fill(7) { $0.daysSince1970 % 5 == 0 ? nil : 6_000 }
        try await town.fill(8, to: yesterday.adding(days: -30), ForecastTown.household(8))
        try await town.night()

        // Nothing of its own: the level of the peers.
        let none = try await view(town, 4)
        check(none)
        #expect(codes(none) == [.new, .gaps])
        #expect(none.cycle?.knownDays == 0 && (none.outlook?.mean ?? 0) > 100)
        let one = try await view(town, 5)
        check(one)
        #expect(codes(one) == [.new, .gaps] && one.cycle?.knownDays == 1)
        let zeros = try await view(town, 6)
        check(zeros)
        #expect(codes(zeros) == [.allZero] && (zeros.outlook?.mean ?? 99) < 5)
        let gaps = try await view(town, 7)
        check(gaps)
        #expect(codes(gaps).contains(.gaps))
        #expect(abs((gaps.outlook?.mean ?? 0) / 62 - 6) < 2)
        let silent = try await view(town, 8)
        check(silent)
        #expect(codes(silent) == [.silent, .gaps])
        #expect(silent.cycle?.forecast != nil)
    }

    @Test func `with nothing known of anybody there is no forecast, and it is said`() async throws {
        let town = try await ForecastTown.make(services: 2)
        let run = try await town.night()
        #expect(run.services == 2 && run.forecasts == 0)
        let answer = try await view(town)
        #expect(codes(answer) == [.nothingKnown])
        #expect(answer.past.allSatisfy { $0.energy == nil })
    }

    @Test func `silent for months there are units, and no bill`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.office.publish(family: "tneb-lt1a")
        try await town.fill(
            1,
            to: ForecastTown.yesterday.adding(days: -90),
            ForecastTown.household(1)
        )
        try await town.night()
        let answer = try await view(town)
        check(answer)
        #expect(codes(answer) == [.silent, .gaps, .noBill])
        #expect(answer.cycle?.forecast == nil)
    }

    @Test func `a new occupant sees nothing of the old one, and is new`() async throws {
        let yesterday = ForecastTown.yesterday
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        _ = try await town.office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-new", name: "New"),
            by: town.office.manager
        )
        func move(_ service: String, _ lastDay: CivilDate, to consumer: String) async throws {
            _ = try await town.office.useCases.moveOccupant.transfer(
                service,
                to: consumer,
                lastDay: lastDay,
                by: town.office.manager
            )
        }
        try await move("S-1", yesterday.adding(days: -5), to: "C-new")
        try await town.night()
        let answer = try await view(town)
        check(answer)
        #expect(codes(answer).contains(.new))
        #expect(answer.past.count == 5)
        #expect(answer.cycle?.period.first == yesterday.adding(days: -4))
        #expect(answer.cycle?.knownDays == 5)
        // Who comes after the night sees nothing of a forecast that was made for who left.
        try await move("S-2", yesterday, to: "C-new")
        let next = try await view(town, 2)
        #expect(next.cycle == nil && next.outlook == nil && next.past.isEmpty)
        #expect(codes(next) == [.notYet])
    }

    @Test func `a closed service and an old forecast are named`() async throws {
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        try await town.night(ForecastTown.yesterday.adding(days: -3))
        #expect(codes(try await view(town)) == [.stale, .noBill])
        try await town.write { connection in
            try connection.execute(
                "update service set closed_on = \(ForecastTown.yesterday) where number = 'S-2'"
            )
        }
        try await town.night()
        #expect(codes(try await view(town)) == [.noBill])
        #expect(codes(try await view(town, 2)) == [.closed])
    }

    @Test func `another consumer's forecast is not there`() async throws {
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        try await town.night()
        let owner = try await town.office.useCases.registerService.show(
            number: "S-1",
            by: town.office.manager
        ).consumer
        let consumer = Caller(
            office: town.office.office.id,
            name: "1",
            role: .consumer,
            consumer: owner
        )
        let show = town.office.useCases.showForecast
        #expect(try await show(serviceNumber: "S-1", by: consumer).cycle != nil)
        await #expect(throws: NotFound.self) {
            try await show(serviceNumber: "S-2", by: consumer)
        }
        let other = try await TestOffice.make()
        await #expect(throws: NotFound.self) {
            try await show(serviceNumber: "S-1", by: other.manager)
        }
        #expect(try await other.useCases.showAccuracy(by: other.manager).spans == [])
        #expect(try await other.useCases.showFeeders.office(by: other.manager) == nil)
    }
}
