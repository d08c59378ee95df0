package import Units

/// One line of a tariff document, compiled: integers and indices, nothing to parse while rating.
package final class TariffLine: Sendable {
    package let id: String
    /// What a bill prints; from the document or made from the id.
    package let label: String
    let form: LineForm
    /// Applies only when a service asks for it by id (or gives its parameter).
    package let isOptional: Bool
    /// Applies only to a consumer who opted in.
    package let needsOptIn: Bool
    let validFrom: CivilDate?
    let validTo: CivilDate?
    let conditions: [Condition]
    package let rounding: LineRounding
    /// The named parameters this line reads.
    package let parameterNames: [String]

    init(
        id: String,
        label: String?,
        form: LineForm,
        common: LineCommon,
        rounding: LineRounding,
        parameterNames: [String]
    ) {
        self.id = id
        self.label = label ?? TariffLine.label(of: id)
        self.form = form
        isOptional = common.isOptional
        needsOptIn = common.needsOptIn
        validFrom = common.validFrom
        validTo = common.validTo
        conditions = common.conditions
        self.rounding = rounding
        self.parameterNames = parameterNames
    }

    /// Slabs or charges that a bill of one part may have of this line.
    var likelySlabs: Int {
        switch form {
        case .blocks(let line): line.tables.map(\.blocks.count).max() ?? 1
        case .band(let line): line.isMarginal ? line.bands.count : 1
        case .like, .freeUnits: 6
        case .demand, .timeOfDay: 2
        case .perUnit, .minimum, .cases: 1
        case .percent, .windows, .powerFactor: 0
        }
    }

    private static func label(of id: String) -> String {
        let words = id.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

/// How the exact amount of a line becomes money: whole steps of so many paise, by one mode.
package struct LineRounding: Sendable, Hashable {
    package let stepPaise: Int64
    package let mode: RoundingMode
}

/// What every kind of line may state.
struct LineCommon {
    var isOptional = false
    var needsOptIn = false
    var validFrom: CivilDate?
    var validTo: CivilDate?
    var conditions: [Condition] = []
}

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
    case units, imported, exported, apparentEnergy, load, demand
    case parameter(String)

    /// Energies grow with the length of the bill, so their bounds scale with it; loads do not.
    var scalesWithPeriod: Bool {
        switch self {
        case .units, .imported, .exported, .apparentEnergy: true
        case .load, .demand, .parameter: false
        }
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

/// An energy charge: a table chosen by a measure, slabs or one rate inside it.
struct BlockLine: Sendable {
    let quantity: Measure
    let chooseBy: Measure
    let tables: [SlabTable]
}

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
    let parameter: String?
}

/// Slabs as another line has them, with rates of its own.
struct LikeLine: Sendable {
    let line: Int
    let rates: [Int64]
    let parameter: String?
}

/// A value in millionths: fixed, given by a parameter, or by band of a measure.
enum RateSource: Sendable {
    case fixed(Int64)
    case parameter(String)
    case banded(Measure, [RateBand])
}

/// Up to this bound this value in millionths.
struct RateBand: Sendable {
    let bound: Int64
    let value: Int64
}

/// How often in a bill a charge applies.
enum Times: String, Sendable, CaseIterable { case bill, months, factor, days }

/// What one charge is for.
enum ChargeBasis: String, Sendable, CaseIterable { case connection, kw, kva, unit }

/// How a load becomes the load that counts.
struct LoadRule: Sendable {
    enum Rounding: String, Sendable, CaseIterable { case none, ceil, floor, nearest }

    var rounding = Rounding.none
    /// In watts: whole kilowatts unless stated.
    var step: Int64 = 1_000
    var least: Int64 = 0
    /// "every 15 units or part count 0.1 kW": Wh and the watts they count.
    var derived: (perWattHours: Int64, watts: Int64)?
}

/// A fixed charge by band, for the whole measure or for the part inside each band.
struct BandLine: Sendable {
    let by: Measure?
    let isMarginal: Bool
    let bands: [ChargeBand]
    let times: Times
    let load: LoadRule
}

/// Up to this bound this rate in millionths of a rupee, per connection, kW, kVA or unit.
struct ChargeBand: Sendable {
    let bound: Int64
    let basis: ChargeBasis
    let rate: Int64
    let parameter: String?
}

/// A rate for every unit of a measure.
struct PerUnitLine: Sendable {
    let quantity: Measure
    let rate: RateSource
}

/// A percentage of earlier lines, possibly capped.
struct PercentLine: Sendable {
    let of: [PercentBase]
    let rate: RateSource
    let cap: Cap?
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
struct WindowLine: Sendable {
    let line: Int
    let windows: WindowSource
    let splitsUnits: Bool
}

/// Windows written in the document or given by a parameter.
enum WindowSource: Sendable {
    case fixed([ParameterWindow])
    case parameter(String)
}

/// The charge of the first so many units, taken back.
struct FreeUnitsLine: Sendable {
    let lines: [Int]
    let by: Measure
    let bands: [FreeBand]
}

/// Up to this bound so many free Wh; a parameter gives kWh, plus a percentage, at most the cap.
struct FreeBand: Sendable {
    let bound: Int64
    let wattHours: Int64
    let parameter: String?
    let plusPercent: Int64
    let cap: Int64
}

/// A subsidy or rebate by case of a measure.
struct CaseLine: Sendable {
    let by: Measure
    let cases: [SubsidyCase]
}

/// Up to this bound this effect.
struct SubsidyCase: Sendable {
    enum Effect: Sendable {
        case none
        case percent(Int64, of: [PercentBase], cap: Cap?)
        case amount(Int64, Times)
        case perUnit(Int64)
    }

    let bound: Int64
    let effect: Effect
}

/// A charge on the billing demand, with a multiple for the excess.
struct DemandLine: Sendable {
    let billed: [DemandTerm]
    let excessOver: DemandTerm?
    /// In millionths: 1.5 times is 1,500,000.
    let excessMultiple: Int64
    let bands: [ChargeBand]
    let times: Times
    let load: LoadRule
}

/// A percentage (in millionths) of the contract demand or of the recorded one.
struct DemandTerm: Sendable {
    enum Source: String, Sendable, CaseIterable { case contract, recorded }

    let source: Source
    let percent: Int64
}

/// What named lines are short of a least amount.
struct MinimumLine: Sendable {
    let of: [Int]
    let floor: BandLine
}

/// A percentage or an adder for the units of named slots of the day.
struct TimeOfDayLine: Sendable {
    let line: Int?
    let slots: [TimeOfDaySlot]
    let parameter: String
}

/// A penalty or incentive by steps of the power factor.
struct PowerFactorLine: Sendable {
    let of: [PercentBase]
    let penalty: [PowerFactorStep]
    let incentive: [PowerFactorStep]
    let isMarginal: Bool
    let parameter: String
    let partCounts: Bool
}

/// Beyond this power factor (thousandths) so many millionths of a percent for each step
/// (thousandths).
struct PowerFactorStep: Sendable {
    let from: Int64
    let percent: Int64
    let step: Int64
}
