import Forecasting
import Foundation
import Units

/// How much processor time and memory a night of forecasts takes: the pure room alone, over
/// services that are made up block by block; then the whole night of an office in the database.
struct ForecastBenchmark: Sendable {
    var services = [10_000, 100_000]
    var isJSON = false
    var isPure = false

    static let help = """
        usage: bench forecast [OPTIONS]

        forecast: a night of an office, first the arithmetic alone. Services with two years of days
        each come in blocks of 500; each is analysed, adds to what its region knows, and gets a
        forecast of 62 days with the bounds of every day and of every total, and 50 samples of the
        cycle's total; what fell due of older forecasts is scored. Making up the days is not
        counted. Then whole nights as the server runs them, on a database of its own filled with
        as many services and two years of days of each: the first night, an ordinary one by one
        process and one by two at once, and one that scores a month and a cycle with its bills.
        100,000 services need 20 GB of disk.

          --services N,N    sizes of the offices (10000,100000)
          --pure            the arithmetic alone
          --json            figures as JSON on standard output
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        var rest = arguments
        while let option = rest.popFirst() {
            switch option {
            case "--help", "-h": return nil
            case "--json": isJSON = true
            case "--pure": isPure = true
            case "--services":
                let sizes = (rest.popFirst() ?? "").split(separator: ",").map { Int($0) ?? 0 }
                guard !sizes.isEmpty, sizes.allSatisfy({ (1...1_000_000).contains($0) }) else {
                    throw BenchmarkError("--services is a list of 1 to 1000000")
                }
                services = sizes
            default: throw BenchmarkError("there is no option '\(option)'")
            }
        }
    }

    private struct Figures: Encodable {
        var services: Int
        /// Point and bounds, as a reader of one forecast wants them.
        var forecastMicroseconds: Double
        /// The same with absorbing, totals of all lengths, samples and scoring.
        var nightMicroseconds: Double
        var nightSeconds: Double
        var peakMegabytes: Int
    }

    private static let days = 730
    private static let block = 500
    private static let origin = CivilDate(daysSince1970: 20_500)

    private struct Answer: Encodable {
        var forecasts: [Figures]
        var nights: [ForecastNightBenchmark.Figures]
    }

    func run() async throws {
        let figures = try services.map(measure)
        let nights = isPure ? [] : try await ForecastNightBenchmark(services: services).run()
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let answer = Answer(forecasts: figures, nights: nights)
            print(String(decoding: try encoder.encode(answer), as: UTF8.self))
            return
        }
        show(figures)
        guard !nights.isEmpty else { return }
        show(nights)
    }

    private func show(_ nights: [ForecastNightBenchmark.Figures]) {
        print("\nservices   first s   ordinary s   by two s   scoring s   µs each")
        for one in nights {
            print(
                String(
                    format: "%8d  %8.1f  %11.1f  %9.1f  %10.1f  %8.1f",
                    one.services,
                    one.firstSeconds,
                    one.ordinarySeconds,
                    one.sharedSeconds,
                    one.scoringSeconds,
                    one.microsecondsAService
                )
            )
        }
        print("\nservices   peak MB   one process MB   each of two MB   database MB   fill s")
        for one in nights {
            print(
                String(
                    format: "%8d  %8d  %15d  %15d  %12d  %7.0f",
                    one.services,
                    one.peakMegabytes,
                    one.ordinaryPeakMegabytes,
                    one.sharedPeakMegabytes,
                    one.databaseMegabytes,
                    one.fillSeconds
                )
            )
        }
        print(
            "\nA night: claim, read two years of days, forecast, score, add up, write, merge, durable; "
                + "peak of the program, not of the database."
        )
    }

    private func show(_ figures: [Figures]) {
        print("services   forecast µs   night µs each   night CPU s   peak MB")
        for one in figures {
            print(
                String(
                    format: "%8d  %12.1f  %14.1f  %12.2f  %8d",
                    one.services,
                    one.forecastMicroseconds,
                    one.nightMicroseconds,
                    one.nightSeconds,
                    one.peakMegabytes
                )
            )
        }
        print(
            "\nforecast: analysis, 62 means, bounds of 30 days and of the month's total, of one "
                + "service; night: all that a night does. Processor time, days at hand."
        )
    }

    private func measure(_ count: Int) throws -> Figures {
        OwnProcess.resetPeak()
        let calendar = ClimateCalendar(ClimateTable.fallback, origin: Self.origin)
        let due = Self.origin.adding(days: -30)
        let dueCalendar = ClimateCalendar(ClimateTable.fallback, origin: due)
        // What the night before left behind.
        var before = FleetSummary(origin: Self.origin)
        for number in 0..<min(count, 200) {
            before.absorb(
                SeriesAnalysis(household(number), origin: Self.origin, climate: calendar)
            )
        }
        let state = FleetState(before)
        var summary = FleetSummary(origin: Self.origin)
        var scores = ScoreBook()
        var (forecastSeconds, nightSeconds, sum) = (0.0, 0.0, 0.0)
        for first in stride(from: 0, to: count, by: Self.block) {
            let block = (first..<min(count, first + Self.block)).map(household)
            // Kept as rows since they were made.
            let older = block.compactMap { series in
                forecast(
                    SeriesAnalysis(series, origin: due, climate: dueCalendar),
                    state,
                    climate: dueCalendar
                ).map { (forecast: PastForecast($0), measured: series) }
            }

            let start = Stopwatch.processorSeconds
            for series in block {
                let analysis = SeriesAnalysis(series, origin: Self.origin, climate: calendar)
                guard let made = forecast(analysis, state, climate: calendar) else { continue }
                for day in 1...30 { sum += made.interval(day: day).high95 }
                sum += made.totalInterval(days: 30).high95
            }
            let middle = Stopwatch.processorSeconds
            for series in block {
                let analysis = SeriesAnalysis(series, origin: Self.origin, climate: calendar)
                summary.absorb(analysis)
                guard let made = forecast(analysis, state, climate: calendar) else { continue }
                for day in 1...62 {
                    sum += made.interval(day: day).high95 + made.totalInterval(days: day).high95
                }
                sum += made.totalSamples(50, days: 61).reduce(0, +)
            }
            scores.learn(older, since: Self.origin.adding(days: -1), today: Self.origin)
            let end = Stopwatch.processorSeconds
            forecastSeconds += middle - start
            nightSeconds += end - middle
        }
        let next = FleetState(summary, scores: scores)
        guard sum.isFinite, try !JSONEncoder().encode(next).isEmpty else {
            throw BenchmarkError("the forecasts are not numbers")
        }
        return Figures(
            services: count,
            forecastMicroseconds: 1_000_000 * forecastSeconds / Double(count),
            nightMicroseconds: 1_000_000 * nightSeconds / Double(count),
            nightSeconds: nightSeconds,
            peakMegabytes: OwnProcess.peakMegabytes()
        )
    }

    /// Two years of days with summer, noise and some gaps.
    private func household(_ number: Int) -> DailySeries {
        var random = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 | 1
        func unit() -> Double {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Double(random >> 11) / 9_007_199_254_740_992
        }
        let first = Self.origin.adding(days: 1 - Self.days)
        let level = 2 + 16 * unit()
        let values = (0..<Self.days).map { day -> Double in
            let season = 1 + 0.4 * Double((day % 365) > 90 && (day % 365) < 270 ? 1 : 0)
            let noise = 0.6 + 0.8 * unit()
            return unit() < 0.03 ? .nan : level * season * noise
        }
        return DailySeries(first: first, values: values)
    }
}
