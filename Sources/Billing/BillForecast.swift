package import Units

/// What a tenth, half and nine tenths of the outcomes do not exceed.
package struct Spread<Value: Hashable & Sendable>: Hashable, Sendable {
    package var low: Value
    package var median: Value
    package var high: Value

    package init(low: Value, median: Value, high: Value) {
        self.low = low
        self.median = median
        self.high = high
    }
}

/// What the bill of a running cycle may come to, by the tariff that will price it.
///
/// Low, median and high are P10, P50 and P90; those of units and of money are ordered each by
/// itself, for a bill need not grow with the units.
package struct BillForecast: Hashable, Sendable {
    /// Ids of the documents that price it, in order, each once.
    package var tariffDocuments: [String]
    package var units: Spread<Energy>
    package var bill: Spread<Money>
    /// The mean of all outcomes, to the nearest paisa.
    package var expected: Money
    /// What the whole cycle would cost if nothing more were used.
    package var soFar: Money
    /// Bounds of slabs that the cycle has passed or may pass, lowest first.
    package var crossings: [SlabCrossing]
    /// What had to be supposed because it is not published yet.
    package var assumptions: [ForecastAssumption]

    package init(
        tariffDocuments: [String],
        units: Spread<Energy>,
        bill: Spread<Money>,
        expected: Money,
        soFar: Money,
        crossings: [SlabCrossing],
        assumptions: [ForecastAssumption]
    ) {
        self.tariffDocuments = tariffDocuments
        self.units = units
        self.bill = bill
        self.expected = expected
        self.soFar = soFar
        self.crossings = crossings
        self.assumptions = assumptions
    }
}

/// A bound of a slab, scaled to the cycle: how likely it is passed, when, and what that costs.
package struct SlabCrossing: Hashable, Sendable {
    /// The most units that are still within.
    package var bound: Energy
    /// Thousandths: how likely the cycle ends above it; 1,000 once it is passed.
    package var chancePermille: Int
    /// Whether it is passed already.
    package var isPassed: Bool
    /// The day on which it was passed, or on which the median of the forecast passes it; where it is
    /// more likely not passed, the median of those days on which it may be.
    ///
    /// Nil where the day is not known: among days that registers tell together only, or between known
    /// ones that nobody has read.
    package var date: CivilDate?
    /// The same as a number within the cycle, 1 for its first day.
    package var dayOfCycle: Int?
    /// Whether that day has gone by, and no register tells yet whether the bound was passed on it.
    package var isUnread: Bool
    /// The bill of a cycle that ends just at the bound.
    package var billAtBound: Money
    /// What the first unit above it adds to the bill.
    package var cost: Money
    /// What a unit costs just below, and beyond that first unit above.
    package var unitBelow: Money
    package var unitAbove: Money

    package init(
        bound: Energy,
        chancePermille: Int,
        isPassed: Bool,
        date: CivilDate?,
        dayOfCycle: Int?,
        isUnread: Bool = false,
        billAtBound: Money,
        cost: Money,
        unitBelow: Money,
        unitAbove: Money
    ) {
        self.bound = bound
        self.chancePermille = chancePermille
        self.isPassed = isPassed
        self.date = date
        self.dayOfCycle = dayOfCycle
        self.isUnread = isUnread
        self.billAtBound = billAtBound
        self.cost = cost
        self.unitBelow = unitBelow
        self.unitAbove = unitAbove
    }

    /// What passing it adds at once, beyond what a unit costs above it: a table chosen by the total
    /// prices all units anew.
    package var leap: Money { cost - unitAbove }

    /// Whether it is passed, or more likely passed than not.
    package var isLikely: Bool { chancePermille >= 500 }
}

/// What a forecast supposes because the office has not published it yet.
package enum ForecastAssumption: Hashable, Sendable {
    /// A monthly parameter keeps its last value, known up to this day.
    case parameterContinues(name: String, knownTo: CivilDate)
    /// The last version of the tariff stays in force beyond its last day.
    case tariffContinues(document: String, inForceTo: CivilDate)
}

/// Why there is no forecast of a bill: by name, never a guess.
package enum ForecastRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The tariff prices hours of the day, which bills do not take yet.
    case timeOfDay(line: String)
    /// The tariff bills a recorded demand, which bills do not take yet.
    case demand(line: String)
    /// The tariff counts exported energy, which bills do not take yet.
    case netMetering(line: String)
    /// The tariff bills apparent energy or the power factor, which bills do not take yet.
    case reactive(line: String)
    /// There is nothing to forecast from: no past of its own, and no peers.
    case noPast
    /// The meter has not been heard since this day, too long ago to say what was used.
    case silent(since: CivilDate)
    /// There would be no bill either, for this reason.
    case noBill(String)

    package var description: String {
        switch self {
        case .timeOfDay(let line): "line \"\(line)\" prices hours of the day: no forecast yet"
        case .demand(let line): "line \"\(line)\" bills the recorded demand: no forecast yet"
        case .netMetering(let line): "line \"\(line)\" counts exported energy: no forecast yet"
        case .reactive(let line): "line \"\(line)\" bills reactive energy: no forecast yet"
        case .noPast: "no day of this service or of others is known to forecast from"
        case .silent(let day): "the meter has not been heard since \(day)"
        case .noBill(let reason): reason
        }
    }

    /// A short word for programs.
    package var code: String {
        switch self {
        case .timeOfDay: "time_of_day"
        case .demand: "demand"
        case .netMetering: "net_metering"
        case .reactive: "reactive"
        case .noPast: "no_past"
        case .silent: "silent"
        case .noBill: "no_bill"
        }
    }
}
