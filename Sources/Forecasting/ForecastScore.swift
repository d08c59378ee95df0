package import Units

/// How forecasts made on the evening before a month or a cycle went, beside the naive one: that every
/// day will be like the mean of the last seven known.
///
/// Sums over services, so that parts can be added; every percentage is nil where nothing was scored.
package struct ForecastScore: Hashable, Sendable {
    package private(set) var services = 0.0
    /// Kilowatt-hours of the days that are known.
    package private(set) var actual = 0.0
    /// Absolute errors of the services' totals.
    package private(set) var error = 0.0
    package private(set) var naiveError = 0.0
    /// Totals, and days, within the bounds of four in five and of nineteen in twenty.
    package private(set) var totalsIn80 = 0.0
    package private(set) var totalsIn95 = 0.0
    package private(set) var days = 0.0
    package private(set) var daysIn80 = 0.0
    package private(set) var daysIn95 = 0.0
    /// Of bills, in paise.
    package private(set) var bills = 0.0
    package private(set) var billActual = 0.0
    package private(set) var billError = 0.0
    package private(set) var billNaiveError = 0.0
    package private(set) var billsIn80 = 0.0

    package init() {}

    /// Adds a service's forecast against what was measured on the days after its origin.
    ///
    /// `naive`: kilowatt-hours a day. `shares`: days, counted from the first, that are known together
    /// with others only: they count in the total, and not as days. Nothing is counted when fewer
    /// than four in five days are known.
    /// - Returns: whether it was counted.
    @discardableResult
    package mutating func add(
        _ forecast: SeriesForecast,
        naive: Double,
        measured: [Double],
        shares: Set<Int> = []
    ) -> Bool {
        let length = measured.count
        guard length >= 1, length <= forecast.means.count else { return false }
        var (sum, mean, known) = (0.0, 0.0, 0.0)
        for (index, value) in measured.enumerated() where !value.isNaN {
            sum += value
            mean += forecast.means[index]
            known += 1
        }
        guard known >= 0.8 * Double(length) else { return false }
        services += 1
        actual += sum
        error += abs(mean - sum)
        naiveError += abs(naive * known - sum)
        let whole = forecast.total(days: length)
        let share = whole > 0 ? mean / whole : known / Double(length)
        let bounds = forecast.totalInterval(days: length)
        totalsIn80 += sum >= bounds.low80 * share && sum <= bounds.high80 * share ? 1 : 0
        totalsIn95 += sum >= bounds.low95 * share && sum <= bounds.high95 * share ? 1 : 0
        for (index, value) in measured.enumerated()
        where !value.isNaN && !shares.contains(index) {
            let bounds = forecast.interval(day: index + 1)
            days += 1
            daysIn80 += value >= bounds.low80 && value <= bounds.high80 ? 1 : 0
            daysIn95 += value >= bounds.low95 && value <= bounds.high95 ? 1 : 0
        }
        return true
    }

    /// Adds a bill, in paise: what was forecast and its bounds, what the naive forecast gave, and what
    /// the energy that came costs.
    package mutating func addBill(
        forecast: Int64,
        low: Int64,
        high: Int64,
        naive: Int64,
        actual: Int64
    ) {
        bills += 1
        billActual += Double(actual)
        billError += Double(abs(forecast - actual))
        billNaiveError += Double(abs(naive - actual))
        billsIn80 += actual >= low && actual <= high ? 1 : 0
    }

    /// Adds another part.
    package mutating func add(_ other: ForecastScore) {
        sums = zip(sums, other.sums).map { $0 + $1 }
    }
}

extension ForecastScore {
    /// Every sum in a fixed order, as they are kept.
    package private(set) var sums: [Double] {
        get {
            [
                services, actual, error, naiveError, totalsIn80, totalsIn95, days, daysIn80,
                daysIn95, bills, billActual, billError, billNaiveError, billsIn80,
            ]
        }
        set {
            services = newValue[0]
            actual = newValue[1]
            error = newValue[2]
            naiveError = newValue[3]
            totalsIn80 = newValue[4]
            totalsIn95 = newValue[5]
            days = newValue[6]
            daysIn80 = newValue[7]
            daysIn95 = newValue[8]
            bills = newValue[9]
            billActual = newValue[10]
            billError = newValue[11]
            billNaiveError = newValue[12]
            billsIn80 = newValue[13]
        }
    }

    /// Takes kept sums; nil when they are not as many as they must be.
    package init?(sums: [Double]) {
        self.init()
        guard sums.count == self.sums.count else { return nil }
        self.sums = sums
    }

    /// Error of the totals over what was used, in percent.
    package var errorPercent: Double? { percent(error, of: actual) }
    package var naiveErrorPercent: Double? { percent(naiveError, of: actual) }
    package var totalsIn80Percent: Double? { percent(totalsIn80, of: services) }
    package var totalsIn95Percent: Double? { percent(totalsIn95, of: services) }
    package var daysIn80Percent: Double? { percent(daysIn80, of: days) }
    package var daysIn95Percent: Double? { percent(daysIn95, of: days) }
    /// Error of the bills over what they came to, in percent.
    package var billErrorPercent: Double? { percent(billError, of: billActual) }
    package var billNaiveErrorPercent: Double? { percent(billNaiveError, of: billActual) }
    package var billsIn80Percent: Double? { percent(billsIn80, of: bills) }

    /// Whether the naive forecast of the totals was the better one.
    package var isNaiveBetter: Bool { naiveError < error }
    /// The same of the bills.
    package var isNaiveBetterForBills: Bool { billNaiveError < billError }

    private func percent(_ part: Double, of whole: Double) -> Double? {
        whole > 0 ? 100 * part / whole : nil
    }
}

/// How the forecasts made on the evening before a month or a cycle went.
package struct ScoredSpan: Hashable, Sendable {
    /// What the days are: a calendar month, or a billing cycle with its bills.
    package enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
        case month, cycle
    }

    package var kind: Kind
    package var first: CivilDate
    package var last: CivilDate
    package var score: ForecastScore

    package init(kind: Kind, first: CivilDate, last: CivilDate, score: ForecastScore) {
        self.kind = kind
        self.first = first
        self.last = last
        self.score = score
    }
}
