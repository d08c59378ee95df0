import Forecasting
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Transformers, feeders and the office add up; an office's climate.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastFeederTests {
    private func hang(_ town: ForecastTown, _ places: [(Int, String, String)]) async throws {
        let rows = places.enumerated().map { index, place in
            ImportRow(
                line: index + 2,
                fields: [
                    "service": "S-\(place.0)", "transformer": place.1, "feeder": place.2,
                ]
            )
        }
        let count = try await town.office.useCases.hangService.importRows(
            rows,
            by: town.office.manager
        )
        #expect(count == places.count)
    }

    @Test func `sums of transformers are the feeder's, and those of feeders the office's`()
        async throws
    {
        let town = try await ForecastTown.make(services: 7)
        try await town.fillAll(7)
        try await hang(
            town,
            [
                (1, "T-1", "F-1"), (2, "T-1", "F-1"), (3, "T-2", "F-1"), (4, "T-3", "F-2"),
                (5, "T-3", "F-2"), (6, "T-1", "F-1"),
            ]
        )
        try await town.night()
        let manager = town.office.manager
        let office = try #require(try await town.office.useCases.showFeeders.office(by: manager))
        let feeder = try #require(
            try await town.office.useCases.showFeeders.feeder("F-1", by: manager)
        )

        #expect(office.parts.map(\.code) == ["F-1", "F-2", nil])
        #expect(office.parts.map(\.services) == [4, 2, 1] && office.whole.services == 7)
        #expect(feeder.parts.map(\.code) == ["T-1", "T-2"])
        #expect(feeder.parts.map(\.services) == [3, 1])
        let total = try await town.texts(
            "select sum(m)::text from forecast, unnest(means) m"
        ).compactMap { Double($0) }
        #expect(abs(office.whole.forecast.total(days: 62) - (total.first ?? 0)) < 0.01)
        for day in 1...62 {
            func sum(_ answer: ShowFeeders.Answer) -> Double {
                answer.parts.reduce(0) { $0 + $1.forecast.means[day - 1] }
            }
            #expect(abs(sum(office) - office.whole.forecast.means[day - 1]) < 1e-9)
            #expect(abs(sum(feeder) - feeder.whole.forecast.means[day - 1]) < 1e-9)
            #expect(
                abs(feeder.whole.forecast.means[day - 1] - office.parts[0].forecast.means[day - 1])
                    < 1e-9
            )
        }
        // A sum is surer than its parts, and less sure than if they had nothing in common.
        func width(_ load: ShowFeeders.Load) -> Double {
            let bounds = load.forecast.totalInterval(days: 30)
            return bounds.high80 - bounds.low80
        }
        let parts = office.parts.map(width)
        #expect(width(office.whole) < parts.reduce(0, +))
        #expect(width(office.whole) > parts.map { $0 * $0 }.reduce(0, +).squareRoot() * 0.9)
        let peak = office.whole.forecast.means.max() ?? 0
        #expect(office.whole.forecast.means[office.whole.peakDay - 1] == peak)
    }

    @Test func `a service moves to another transformer, and is refused where that cannot be`()
        async throws
    {
        let town = try await ForecastTown.make(services: 2)
        try await hang(town, [(1, "T-1", "F-1"), (2, "T-2", "F-2")])
        let hang = town.office.useCases.hangService
        let manager = town.office.manager

        let moved = try await hang(
            HangService.Input(serviceNumber: "S-1", transformer: "T-2", feeder: "F-2"),
            by: manager
        )
        #expect(moved.transformer == "T-2" && moved.feeder == "F-2")
        let none = try await hang(
            HangService.Input(serviceNumber: "S-1", transformer: nil, feeder: nil),
            by: manager
        )
        #expect(none.transformer == nil)
        for (transformer, feeder) in [("T-2", "F-1"), ("T-9", nil), (nil, "F-1")] {
            await #expect(throws: InvalidInput.self) {
                try await hang(
                    HangService.Input(
                        serviceNumber: "S-1",
                        transformer: transformer,
                        feeder: feeder
                    ),
                    by: manager
                )
            }
        }
        await #expect(throws: NotFound.self) {
            try await town.office.useCases.showFeeders.feeder("F-9", by: manager)
        }
        #expect(try await town.office.useCases.showFeeders.office(by: manager) == nil)
    }

    @Test func `who is hung elsewhere is counted from the next night on, and it is said`()
        async throws
    {
        let town = try await ForecastTown.make(services: 3)
        try await town.fillAll(3)
        try await hang(town, [(1, "T-1", "F-1"), (2, "T-2", "F-1")])
        try await town.night(ForecastTown.yesterday.adding(days: -1))
        let show = town.office.useCases.showFeeders
        let manager = town.office.manager
        #expect(try await show.office(by: manager)?.note == nil)
        #expect(try await show.feeder("F-1", by: manager)?.note == nil)

        try await hang(town, [(2, "T-3", "F-2"), (3, "T-1", "F-1")])
        for feeder in ["F-1", "F-2"] {
            let note = try await show.feeder(feeder, by: manager)?.note
            #expect(note?.contains("from the next night on") == true)
        }
        #expect(try await show.office(by: manager)?.isOutdated == true)
        #expect(try await show.feeder("F-2", by: manager)?.whole.services == 0)
        try await town.night()
        #expect(try await show.office(by: manager)?.note == nil)
        #expect(try await show.feeder("F-2", by: manager)?.whole.services == 1)
    }

    @Test func `a climate is a station's or the office's own`() async throws {
        let office = try await TestOffice.make()
        let set = office.useCases.setForecasting
        #expect(office.office.forecasting == OfficeForecasting(climate: "india"))

        let chennai = try await set(
            SetForecasting.Input(climate: "Chennai"),
            by: office.manager
        ).forecasting
        #expect(chennai.climate == "chennai" && chennai.temperatures[4] == 32.5)
        let own = try await set(
            SetForecasting.Input(monthlyCelsius: Array(repeating: 20, count: 12)),
            by: office.manager
        ).forecasting
        #expect(own.monthlyCelsius?.count == 12 && own.temperatures[4] == 20)
        let back = try await set(SetForecasting.Input(climate: "delhi"), by: office.manager)
        #expect(back.forecasting == OfficeForecasting(climate: "delhi"))
        for input in [
            SetForecasting.Input(climate: "atlantis"),
            SetForecasting.Input(monthlyCelsius: [20]),
            SetForecasting.Input(monthlyCelsius: Array(repeating: 99, count: 12)),
        ] {
            await #expect(throws: InvalidInput.self) {
                try await set(input, by: office.manager)
            }
        }
        let clerk = Caller(office: office.office.id, name: "clerk", role: .clerk)
        await #expect(throws: NotAllowed.self) {
            try await set(SetForecasting.Input(climate: "delhi"), by: clerk)
        }
    }
}
