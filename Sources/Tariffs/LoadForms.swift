/// How often in a bill a charge applies.
enum Times: String, Sendable, CaseIterable { case bill, months, factor, days }

/// What one charge is for.
enum ChargeBasis: String, Sendable, CaseIterable { case connection, kw, kva, hp, unit }

/// How a load becomes the load that counts.
struct LoadRule: Sendable {
    enum Rounding: String, Sendable, CaseIterable { case none, ceil, floor, nearest }

    var rounding = Rounding.none
    /// In watts (or thousandths of a kVA or HP): whole ones unless stated.
    var step: Int64 = 1_000
    var least: Int64 = 0
    /// "every 15 units or part count 0.1 kW": Wh and the watts they count.
    var derived: (perWattHours: Int64, watts: Int64)?
    /// Whether the sanctioned load counts where it is above the derived one.
    var orLoad = false
}

/// A fixed charge by band, for the whole measure or for the part inside each band.
final class BandLine: Sendable {
    let by: Measure?
    let isMarginal: Bool
    let bands: [ChargeBand]
    let times: Times
    let load: LoadRule

    init(by: Measure?, isMarginal: Bool, bands: [ChargeBand], times: Times, load: LoadRule) {
        self.by = by
        self.isMarginal = isMarginal
        self.bands = bands
        self.times = times
        self.load = load
    }
}

/// Up to this bound this rate in millionths of a rupee, per connection, kW, kVA or unit.
struct ChargeBand: Sendable {
    let bound: Int64
    let basis: ChargeBasis
    let rate: Int64
    let parameter: Int?
}

/// A charge on the billing demand, with a multiple for the excess.
final class DemandLine: Sendable {
    let billed: [DemandTerm]
    /// What is recorded above each costs its multiple, up to the next.
    let excess: [ExcessStep]
    let bands: [ChargeBand]
    let times: Times
    let load: LoadRule

    init(
        billed: [DemandTerm],
        excess: [ExcessStep],
        bands: [ChargeBand],
        times: Times,
        load: LoadRule
    ) {
        self.billed = billed
        self.excess = excess
        self.bands = bands
        self.times = times
        self.load = load
    }
}

/// A percentage (in millionths) of the contract demand or of the recorded one.
struct DemandTerm: Sendable {
    enum Source: String, Sendable, CaseIterable { case contract, recorded }

    let source: Source
    let percent: Int64
}

/// Recorded demand above a term costs so many times the rate, in millionths: the whole multiple.
struct ExcessStep: Sendable {
    let over: DemandTerm
    let multiple: Int64
}

/// What named lines (nil: all above) are short of a least amount.
final class MinimumLine: Sendable {
    /// A charge written as a band, or the charge of so many units.
    enum Floor: Sendable {
        case charge(BandLine)
        case units(UnitFloor)
    }

    let of: [Int]?
    let floor: Floor

    init(of: [Int]?, floor: Floor) {
        self.of = of
        self.floor = floor
    }
}

/// So many Wh for each connection, kW, kVA or HP, at the rates of a line of energy.
struct UnitFloor: Sendable {
    let line: Int
    let wattHours: Int64
    let basis: ChargeBasis
    let times: Times
    let load: LoadRule
}
