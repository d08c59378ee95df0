package import Units

/// A service of a fleet that is held in memory as a whole.
package struct FleetService: Sendable {
    package let name: String
    /// Services of an area share a climate.
    package let area: String
    package let series: DailySeries

    package init(name: String, area: String, series: DailySeries) {
        self.name = name
        self.area = area
        self.series = series
    }
}

/// A forecast that is asked for after the fact.
package struct ForecastWindow: Hashable, Sendable {
    /// Position of the service in its fleet.
    package let service: Int
    /// The last day that may be read, of any service.
    package let origin: CivilDate
    /// Days of the service itself that may be read, the origin included; nil: all.
    package let maxHistory: Int?

    package init(service: Int, origin: CivilDate, maxHistory: Int? = nil) {
        self.service = service
        self.origin = origin
        self.maxHistory = maxHistory
    }
}

/// Makes forecasts as they would have been made at their time, day by day, from a fleet in memory.
///
/// At an origin only days up to it are read, of every service; the error quantiles come from
/// forecasts that were made, and had come due, before. A window with a `maxHistory` is answered as
/// if the service had begun so many days ago: its older days count nowhere, not among its peers
/// either, and its errors are those that new services usually have.
package struct FleetReplay: Sendable {
    private let services: [FleetService]
    private let climates: [String: ClimateNormals]
    private let settings: ForecastSettings
    /// Members of each region: areas of like climate are peers of each other.
    private let regions: [[Int]]

    /// Takes a fleet and the climate of each of its areas.
    ///
    /// An area without one has that of the country, and no peers in other areas.
    package init(
        _ services: [FleetService],
        climates: [String: ClimateNormals],
        settings: ForecastSettings = .standard
    ) {
        self.services = services
        self.climates = climates
        self.settings = settings
        var byArea: [String: [Int]] = [:]
        for (index, service) in services.enumerated() {
            byArea[service.area, default: []].append(index)
        }
        var regions: [(climate: ClimateNormals?, members: [Int])] = []
        for (area, members) in byArea.sorted(by: { $0.key < $1.key }) {
            let climate = climates[area]
            let like = regions.firstIndex { region in
                guard let climate, let other = region.climate else { return false }
                return climate.isLike(other)
            }
            if let like {
                regions[like].members += members
            } else {
                regions.append((climate, members))
            }
        }
        self.regions = regions.map(\.members)
    }

    /// The forecasts of the windows, in their order; nil where nothing at all is known.
    package func forecasts(
        _ windows: [ForecastWindow],
        days: Int = Limits.horizonDays
    ) -> [SeriesForecast?] {
        var answers = [SeriesForecast?](repeating: nil, count: windows.count)
        var region = Array(repeating: 0, count: services.count)
        for (number, members) in regions.enumerated() {
            for member in members { region[member] = number }
        }
        var asked = Array(repeating: [Int](), count: regions.count)
        for (index, window) in windows.enumerated() { asked[region[window.service]].append(index) }
        for (number, members) in regions.enumerated() where !asked[number].isEmpty {
            answer(asked[number], of: windows, members, days, &answers)
        }
        return answers
    }

    private func answer(
        _ asked: [Int],
        of windows: [ForecastWindow],
        _ members: [Int],
        _ days: Int,
        _ answers: inout [SeriesForecast?]
    ) {
        let byOrigin = Dictionary(grouping: asked) { windows[$0].origin }
        guard let last = byOrigin.keys.max(),
            let first = members.filter({ !services[$0].series.values.isEmpty })
                .map({ services[$0].series.first }).min()
        else { return }
        var scorer = PastForecasts()
        let dates = Set(byOrigin.keys).union(rehearsals(from: first, to: last))
        for date in dates.sorted() {
            let day = RegionDay(self, members, date, scorer.learn(until: date, settings))
            for index in byOrigin[date] ?? [] {
                answers[index] = day.forecast(windows[index], days)
            }
            if isRehearsal(date) { scorer.add(day.allForecasts(), origin: date) }
        }
    }

    /// Every fourth Thursday, whatever is asked: forecasts that are made only to be scored.
    private func isRehearsal(_ date: CivilDate) -> Bool {
        date.daysSince1970 % Int32(Limits.rehearsalDays) == 0
    }

    private func rehearsals(from first: CivilDate, to last: CivilDate) -> [CivilDate] {
        guard first < last else { return [] }
        return (first.daysSince1970...last.daysSince1970)
            .map { CivilDate(daysSince1970: $0) }.filter(isRehearsal)
    }

    // MARK: A day of a region

    /// What a region knows on the evening of a day.
    private struct RegionDay {
        let replay: FleetReplay
        let members: [Int]
        let date: CivilDate
        let scores: ScoreBook
        var calendars: [String: ClimateCalendar] = [:]
        var analyses: [Int: SeriesAnalysis] = [:]
        let state: FleetState

        init(_ replay: FleetReplay, _ members: [Int], _ date: CivilDate, _ scores: ScoreBook) {
            self.replay = replay
            self.members = members
            self.date = date
            self.scores = scores
            var summary = FleetSummary(origin: date)
            for member in members {
                let service = replay.services[member]
                let calendar =
                    calendars[service.area]
                    ?? ClimateCalendar(
                        replay.climates[service.area] ?? ClimateTable.fallback,
                        origin: date,
                        settings: replay.settings
                    )
                calendars[service.area] = calendar
                guard service.series.first <= date else { continue }
                let analysis = SeriesAnalysis(
                    service.series,
                    origin: date,
                    climate: calendar,
                    settings: replay.settings
                )
                analyses[member] = analysis
                summary.absorb(analysis)
            }
            state = FleetState(summary, scores: scores, settings: replay.settings)
        }

        func forecast(_ window: ForecastWindow, _ days: Int) -> SeriesForecast? {
            let service = replay.services[window.service]
            guard let calendar = calendars[service.area] else { return nil }
            var fleet = state
            if window.maxHistory != nil {
                var peers = FleetSummary(origin: date)
                for member in members where member != window.service {
                    if let analysis = analyses[member] { peers.absorb(analysis) }
                }
                fleet = FleetState(peers, settings: replay.settings)
            }
            let analysis = window.maxHistory == nil ? analyses[window.service] : nil
            return Forecasting.forecast(
                analysis
                    ?? SeriesAnalysis(
                        service.series,
                        origin: date,
                        climate: calendar,
                        maxHistory: window.maxHistory,
                        settings: replay.settings
                    ),
                fleet,
                climate: calendar,
                days: days,
                settings: replay.settings
            )
        }

        func allForecasts() -> [(forecast: PastForecast, measured: DailySeries)] {
            members.compactMap { member in
                guard let analysis = analyses[member], analysis.knownDays >= Limits.coldDays,
                    analysis.daysSinceReading <= Limits.rehearsalDays,
                    let forecast = forecast(
                        ForecastWindow(service: member, origin: date),
                        Limits.horizonDays
                    )
                else { return nil }
                return (PastForecast(forecast), replay.services[member].series)
            }
        }
    }
}

/// Forecasts that wait for their days to come.
private struct PastForecasts {
    typealias Pair = (forecast: PastForecast, measured: DailySeries)

    private var book = ScoreBook()
    private var waiting: [(origin: CivilDate, forecasts: [Pair])] = []
    private var learned: CivilDate?

    mutating func add(_ forecasts: [Pair], origin: CivilDate) {
        waiting.append((origin, forecasts))
    }

    /// Scores what fell due since the last time.
    mutating func learn(until today: CivilDate, _ settings: ForecastSettings) -> ScoreBook {
        for past in waiting {
            book.learn(
                past.forecasts,
                since: max(past.origin, learned ?? past.origin),
                today: today,
                settings: settings
            )
        }
        waiting.removeAll { today.days(since: $0.origin) >= Limits.horizonDays }
        learned = today
        return book
    }
}
