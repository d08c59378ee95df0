import Forecasting
import Metering
import Postgres
import Registry
import Store
import Synchronization
import TestSupport
import Testing
import Units
import UseCases

/// Nights of forecasts of a whole office: once, whole, and from the past alone.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastNightTests {
    private struct Killed: Error {}

    @Test func `a night forecasts every service, and a second one the same night adds nothing`()
        async throws
    {
        let town = try await ForecastTown.make()
        try await town.fillAll(5)

        let first = try await town.night()
        let kept = try await town.forecasts()
        let states = try await town.states()
        let second = try await town.night()

        #expect(first.origin == ForecastTown.yesterday)
        #expect(first.services == 5 && first.forecasts == 5 && first.finishedAt != nil)
        #expect(kept.count == 5)
        #expect(second == first)
        #expect(try await town.forecasts() == kept)
        #expect(try await town.states() == states)
        #expect(try await town.texts("select 'left' from forecast_part") == [])
    }

    @Test func `a night killed between two parts goes on and gives what an unbroken one gives`()
        async throws
    {
        let broken = try await ForecastTown.make(services: 9)
        let whole = try await ForecastTown.make(services: 9)
        for town in [broken, whole] { try await town.fillAll(9) }

        await #expect(throws: Killed.self) {
            try await broken.night { done, _ in if done >= 2 { throw Killed() } }
        }
        let between = try await broken.forecasts().count
        let left = try await broken.texts("select 'left' from forecast_part where done_at is null")
        #expect(between >= 4 && between < 9)
        #expect(!left.isEmpty)
        #expect(try await broken.states().count == 1)
        let went = Mutex<[Int]>([])
        let run = try await broken.night { done, _ in went.withLock { $0.append(done) } }
        try await whole.night()

        #expect(run.forecasts == 9)
        #expect(went.withLock { $0.count } == left.count)
        #expect(try await broken.forecasts() == whole.forecasts())
        #expect(try await broken.states() == whole.states())
    }

    @Test func `two that run the same night share it`() async throws {
        let town = try await ForecastTown.make(services: 7)
        let alone = try await ForecastTown.make(services: 7)
        for town in [town, alone] { try await town.fillAll(7) }

        async let one = town.night(servicesPerPart: 1)
        async let other = town.night(servicesPerPart: 1)
        let (left, right) = try await (one, other)
        try await alone.night(servicesPerPart: 1)

        #expect(left == right && left.forecasts == 7)
        #expect(try await town.forecasts() == alone.forecasts())
        #expect(try await town.states() == alone.states())
    }

    @Test func `days after the origin are never seen`() async throws {
        let origin = ForecastTown.yesterday.adding(days: -40)
        let honest = try await ForecastTown.make(services: 4)
        let scrambled = try await ForecastTown.make(services: 4)
        try await honest.fillAll(4, to: origin)
        try await scrambled.fillAll(4, to: origin)
        for number in 1...4 {
            try await scrambled.fill(number, from: origin.adding(days: 1)) { day in
                Int64(day.daysSince1970 % 7) * 100_000
            }
        }
        // The meter was exchanged after the origin, and the occupant left.
        _ = try await scrambled.office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-new", name: "New"),
            by: scrambled.office.manager
        )
        _ = try await scrambled.office.useCases.moveOccupant.transfer(
            "S-2",
            to: "C-new",
            lastDay: origin.adding(days: 5),
            by: scrambled.office.manager
        )

        for town in [honest, scrambled] { try await town.night(origin) }

        let seen = try await honest.forecasts()
        #expect(seen.count == 4)
        #expect(try await scrambled.forecasts() == seen)
        #expect(try await scrambled.states() == honest.states())
    }

    @Test func `a silence that ended after the origin tells nothing`() async throws {
        let origin = ForecastTown.yesterday.adding(days: -10)
        let silent = try await ForecastTown.make(services: 2)
        let shared = try await ForecastTown.make(services: 2)
        let end = origin.adding(days: -6)
        for town in [silent, shared] {
            try await town.fill(1, to: end, ForecastTown.household(1))
            try await town.fill(2, to: origin, ForecastTown.household(2))
        }
        // What the register machine shares out once the meter is heard again.
        try await shared.fill(1, from: end.adding(days: 1), estimatedBlocks: 96) { _ in 90_000 }

        for town in [silent, shared] { try await town.night(origin) }

        #expect(try await shared.forecasts() == silent.forecasts())
    }

    @Test func `a night ahead, before the last one, and by a clerk is refused`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        try await town.night()

        await #expect(throws: InvalidInput.self) {
            try await town.night(ForecastTown.yesterday.adding(days: 1))
        }
        await #expect(throws: InvalidInput.self) {
            try await town.night(ForecastTown.yesterday.adding(days: -1))
        }
        let clerk = Caller(office: town.office.office.id, name: "clerk", role: .clerk)
        await #expect(throws: NotAllowed.self) {
            try await town.office.useCases.runForecasts(by: clerk)
        }
    }

    @Test func `an office without services has its night`() async throws {
        let town = try await ForecastTown.make(services: 0)
        let run = try await town.night()
        #expect(run.services == 0 && run.forecasts == 0 && run.finishedAt != nil)
    }

    @Test func `an office is done once a night, a while after midnight`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        let zone = town.office.office.zone
        let midnight = zone.start(of: ForecastTown.yesterday.adding(days: 1))
        func done() async throws -> CivilDate? {
            let done = try await town.office.useCases.runForecasts.due(town.office.office)
            #expect(done.count <= 1)
            return done.last?.origin
        }

        town.office.clock.now = midnight.adding(seconds: 60)
        #expect(try await done() == ForecastTown.yesterday.adding(days: -1))
        #expect(try await done() == nil)
        town.office.clock.now = midnight.adding(seconds: 1_860)
        #expect(try await done() == ForecastTown.yesterday)
        #expect(try await done() == nil)
    }

    @Test func `nights that were missed are made up for in order, each from its own past`()
        async throws
    {
        let missed = try await ForecastTown.make(services: 2)
        let each = try await ForecastTown.make(services: 2)
        for town in [missed, each] { try await town.fillAll(2) }
        let zone = missed.office.office.zone
        let first = ForecastTown.yesterday.adding(days: -9)
        func run(_ town: ForecastTown, after night: CivilDate) async throws -> [CivilDate] {
            town.office.clock.now = zone.start(of: night.adding(days: 1)).adding(seconds: 3_600)
            return try await town.office.useCases.runForecasts.due(town.office.office)
                .map(\.origin)
        }

        for night in 0...9 {
            let origin = first.adding(days: night)
            #expect(try await run(each, after: origin) == [origin])
        }
        #expect(try await run(missed, after: first) == [first])
        #expect(
            try await run(missed, after: ForecastTown.yesterday)
                == (1...9).map { first.adding(days: $0) }
        )
        #expect(try await missed.forecasts() == each.forecasts())
        #expect(try await missed.states() == each.states())
    }

    @Test func `after months without a night the last weeks are made up for with a new fleet`()
        async throws
    {
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        let night = ForecastTown.yesterday
        try await town.night(night.adding(days: -120))
        town.office.clock.now = town.office.office.zone.start(of: night.adding(days: 1))
            .adding(seconds: 3_600)
        let done = try await town.office.useCases.runForecasts.due(town.office.office)

        #expect(done.count == UseCases.Limits.forecastNightsMadeUp)
        #expect(done.first?.origin == night.adding(days: -34) && done.last?.origin == night)
        #expect(done.first?.previous == night.adding(days: -120))
        #expect(done.first?.stateOrigin == night.adding(days: -35))
        #expect(done.last?.stateOrigin == night.adding(days: -1))
    }

    @Test func `a week without a night keeps the fleet, longer begins it anew`() async throws {
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        let night = ForecastTown.yesterday
        let first = try await town.night(night.adding(days: -15))
        let week = try await town.night(night.adding(days: -8))
        let later = try await town.night(night)

        #expect(first.stateOrigin == night.adding(days: -16))
        #expect(week.stateOrigin == first.origin)
        #expect(later.stateOrigin == night.adding(days: -1) && later.previous == week.origin)
        #expect(later.forecasts == 2)
    }

    @Test func `old nights are forgotten but for those before a month or a cycle`() async throws {
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        let first = ForecastTown.yesterday.adding(days: -60)
        for night in 0...60 { try await town.night(first.adding(days: night)) }

        let origins = try await town.texts("select distinct origin::text from forecast order by 1")
        let recent = (0..<7).map { "\(ForecastTown.yesterday.adding(days: $0 - 6))" }
        #expect(origins == ["2026-09-30", "2026-10-31"] + recent)
        let sums = try await town.texts(
            "select distinct origin::text from forecast_sum order by 1"
        )
        #expect(sums == recent)
        // The states of the nights before those that are kept, and of the recent ones.
        let states = try await town.texts("select origin::text from forecast_fleet order by 1")
        #expect(states.prefix(2) == ["2026-09-29", "2026-10-30"])
        #expect(states.count == 2 + 8)
    }
}
