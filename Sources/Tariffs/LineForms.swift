/// The kinds of lines; each is computed by a file of its own.
enum LineForm: Sendable {
    case blocks(BlockLine)
    case like(LikeLine)
    case band(BandLine)
    case perUnit(PerUnitLine)
    case percent(PercentLine)
    case windows(WindowLine)
    case freeUnits(FreeUnitsLine)
    case cases(CaseLine)
    case demand(DemandLine)
    case minimum(MinimumLine)
    case timeOfDay(TimeOfDayLine)
    case powerFactor(PowerFactorLine)
}

/// What a bound is compared with or a rate multiplied by; values are thousandths (Wh, W, VA).
enum Measure: Sendable, Hashable {
    case units, imported, exported, apparentEnergy, load, loadHorsepower, demand, contractDemand
    /// Units in percent of what the recorded (or contracted) demand would use in all hours.
    case loadFactor, contractLoadFactor
    /// By its position in the document's `parameterNames`, as in all that follows.
    case parameter(Int)

    /// Energies grow with the length of the bill, so their bounds scale with it; loads do not.
    var scalesWithPeriod: Bool {
        switch self {
        case .units, .imported, .exported, .apparentEnergy: true
        case .load, .loadHorsepower, .demand, .contractDemand, .loadFactor, .contractLoadFactor,
            .parameter:
            false
        }
    }

    /// Whether it changes with what is used, the connection staying as it is.
    var dependsOnUse: Bool {
        switch self {
        case .loadFactor, .contractLoadFactor: true
        default: scalesWithPeriod
        }
    }

    /// Whether it is an energy (or a parameter that may be one), so that it can be billed.
    var isEnergy: Bool {
        if case .parameter = self { return true }
        return scalesWithPeriod
    }
}

/// A bound that is never reached.
let unbounded = Int64.max

/// A requirement on one measure; energies are those of the whole bill, with scaled limits.
struct Condition: Sendable {
    let measure: Measure
    let above: Int64?
    let upto: Int64?
}

extension [Condition] {
    /// Whether nothing above an end fulfils them.
    func bounds(_ quantity: Measure, to end: Int64) -> Bool {
        contains { $0.measure == quantity && $0.upto ?? unbounded <= end }
    }
}

/// An energy charge: a table chosen by a measure, slabs or one rate inside it.
final class BlockLine: Sendable {
    let quantity: Measure
    let chooseBy: Measure
    let tables: [SlabTable]
    /// What the bounds of units are stated for each kW, kVA or HP of; nil when for the connection.
    let boundsPer: BoundsPer?

    init(
        quantity: Measure,
        chooseBy: Measure,
        tables: [SlabTable],
        boundsPer: BoundsPer? = nil
    ) {
        self.quantity = quantity
        self.chooseBy = chooseBy
        self.tables = tables
        self.boundsPer = boundsPer
    }
}

/// The size of a connection that bounds of units may be stated for each kW, kVA or HP of.
enum BoundsPer: String, Sendable, CaseIterable { case kw, kva, hp, contract, recorded }

/// One table of slabs; `bounds` are cumulative and inclusive, in thousandths.
struct SlabTable: Sendable {
    let upto: Int64
    let isWhole: Bool
    let conditions: [Condition]
    let blocks: [SlabBlock]
}

/// Up to this bound this rate, in millionths of a rupee a unit, or the rate a parameter gives.
struct SlabBlock: Sendable {
    let bound: Int64
    let rate: Int64
    let parameter: Int?
}

/// Slabs as another line has them, with rates of its own.
final class LikeLine: Sendable {
    let line: Int
    let rates: [Int64]
    let parameter: Int?

    init(line: Int, rates: [Int64], parameter: Int?) {
        self.line = line
        self.rates = rates
        self.parameter = parameter
    }
}

/// A value in millionths: fixed, given by a parameter, or by band of a measure.
enum RateSource: Sendable {
    case fixed(Int64)
    case parameter(Int)
    case banded(Measure, [RateBand])
}

/// Up to this bound this value in millionths.
struct RateBand: Sendable {
    let bound: Int64
    let value: Int64
}

/// A rate for every unit of a measure.
final class PerUnitLine: Sendable {
    let quantity: Measure
    let rate: RateSource

    init(quantity: Measure, rate: RateSource) {
        self.quantity = quantity
        self.rate = rate
    }
}

/// A percentage of earlier lines, possibly capped.
final class PercentLine: Sendable {
    let of: [PercentBase]
    let rate: RateSource
    let cap: Cap?

    init(of: [PercentBase], rate: RateSource, cap: Cap?) {
        self.of = of
        self.rate = rate
        self.cap = cap
    }
}

/// What a percentage is taken of.
enum PercentBase: Sendable {
    case line(Int)
    case share(Int64, of: [Int])
    case everything
}

/// A limit on the size of an amount, in millionths of a rupee.
struct Cap: Sendable {
    enum Per: String, Sendable, CaseIterable { case bill, month }

    let amount: Int64
    let per: Per
}

/// A percentage that changes by window, rounded per slab or month and window.
final class WindowLine: Sendable {
    let line: Int
    let windows: WindowSource
    let splitsUnits: Bool

    init(line: Int, windows: WindowSource, splitsUnits: Bool) {
        self.line = line
        self.windows = windows
        self.splitsUnits = splitsUnits
    }
}

/// Windows written in the document or given by a parameter.
enum WindowSource: Sendable {
    case fixed([ParameterWindow])
    case parameter(Int)
}

/// The charge of the first so many units, taken back.
final class FreeUnitsLine: Sendable {
    let lines: [Int]
    let by: Measure
    let bands: [FreeBand]

    init(lines: [Int], by: Measure, bands: [FreeBand]) {
        self.lines = lines
        self.by = by
        self.bands = bands
    }
}

/// Up to this bound so many free Wh; a parameter gives kWh, plus a percentage, at most the cap.
struct FreeBand: Sendable {
    let bound: Int64
    let wattHours: Int64
    let parameter: Int?
    let plusPercent: Int64
    let cap: Int64
}

/// A subsidy or rebate by case of a measure.
final class CaseLine: Sendable {
    let by: Measure
    let cases: [SubsidyCase]

    init(by: Measure, cases: [SubsidyCase]) {
        self.by = by
        self.cases = cases
    }
}

/// Up to this bound this effect.
struct SubsidyCase: Sendable {
    enum Effect: Sendable {
        case none
        case percent(Int64, of: [PercentBase], cap: Cap?)
        case amount(Int64, Times)
        case perUnit(Int64, cap: Cap?)
    }

    let bound: Int64
    let effect: Effect
}

/// A percentage or an adder for the units of named slots of the day.
final class TimeOfDayLine: Sendable {
    let line: Int?
    let slots: [TimeOfDaySlot]
    let parameter: Int

    init(line: Int?, slots: [TimeOfDaySlot], parameter: Int) {
        self.line = line
        self.slots = slots
        self.parameter = parameter
    }
}

/// A penalty or incentive by steps of the power factor.
final class PowerFactorLine: Sendable {
    let of: [PercentBase]
    let penalty: [PowerFactorStep]
    let incentive: [PowerFactorStep]
    let isMarginal: Bool
    let parameter: Int
    let partCounts: Bool

    init(
        of: [PercentBase],
        penalty: [PowerFactorStep],
        incentive: [PowerFactorStep],
        isMarginal: Bool,
        parameter: Int,
        partCounts: Bool
    ) {
        self.of = of
        self.penalty = penalty
        self.incentive = incentive
        self.isMarginal = isMarginal
        self.parameter = parameter
        self.partCounts = partCounts
    }
}

/// Beyond this power factor (thousandths) so many millionths of a percent for each step
/// (thousandths).
struct PowerFactorStep: Sendable {
    let from: Int64
    let percent: Int64
    let step: Int64
}
