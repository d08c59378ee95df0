package import Units

/// What an electrical load takes: active power, and the reactive power that lowers its factor.
package struct Load: Hashable, Sendable {
    package var watts: Double
    package var reactive: Double

    package static let none = Load(watts: 0, reactive: 0)

    init(watts: Double, reactive: Double) {
        self.watts = watts
        self.reactive = reactive
    }

    /// With the tangent of the phase angle: 0 for heating, 0.75 at a power factor of 0.8.
    init(_ watts: Double, tangent: Double = 0) {
        self.init(watts: watts, reactive: watts * tangent)
    }

    static func + (left: Load, right: Load) -> Load {
        Load(watts: left.watts + right.watts, reactive: left.reactive + right.reactive)
    }

    /// Volt-amperes.
    var apparent: Double { (watts * watts + reactive * reactive).squareRoot() }
}

/// What stands at the meter's terminals at one moment.
package struct Supply: Hashable, Sendable {
    package var volts: Double
    /// By channel: everything that is on neither device's relay, the first device, the second.
    package var rest: Load
    package var dev1: Load
    package var dev2: Load
}

/// A believable Indian household, a pure function of seed, serial number and time.
///
/// Invented habits, not measured ones: standby and lights, fans in the warm months, a refrigerator
/// that cycles (`dev1`), an air conditioner in some houses on summer nights or else a water pump
/// (`dev2`), a geyser on winter mornings, cooking, washing, an evening peak, days away.
package struct HouseholdLoad: Hashable, Sendable {
    private let noise: Noise
    private let zone: OfficeZone
    private let size: Double
    private let hasConditioner: Bool
    private let hasGeyser: Bool
    private let hasPump: Bool
    private let fans: Double

    package init(seed: UInt64, serial: String, zone: OfficeZone = .india) {
        let noise = Noise(seed: seed, serial: serial)
        self.noise = noise
        self.zone = zone
        size = noise.range(0.6...1.5, .size)
        hasConditioner = noise.chance(0.35, .conditioner)
        hasGeyser = noise.chance(0.45, .geyser)
        hasPump = noise.chance(0.5, .pump)
        fans = (1 + noise.fraction(.fans) * 3).rounded()
    }

    /// The supply at an instant; about 3 to 15 kWh a day come of it.
    package func supply(at instant: Instant) -> Supply {
        let moment = Moment(instant, zone, noise)
        let home = noise.chance(0.97, .away, moment.day / 3)
        var rest = Load(noise.range(18...55, .standby), tangent: 0.4)
        if home {
            rest = rest + evening(moment) + fanning(moment) + chores(moment)
            if hasGeyser { rest = rest + geyser(moment) }
        }
        let second = home ? secondDevice(moment) : .none
        return Supply(
            volts: volts(moment),
            rest: rest,
            dev1: refrigerator(moment),
            dev2: second
        )
    }

    private func volts(_ moment: Moment) -> Double {
        let dip = moment.isBetween(18.5, 22.5) ? noise.range(2...11, .voltageDip, moment.day) : 0
        return noise.range(229...237, .voltage, moment.quarter) - dip
    }

    /// Cycles of 40 to 60 minutes, running longer when it is hot.
    private func refrigerator(_ moment: Moment) -> Load {
        let period = 2_400 + Int64(noise.fraction(.fridgePhase) * 1_200)
        let cycle = moment.second / period
        let duty =
            0.24 + max(0, moment.celsius - 20) * 0.018
            + noise.range(-0.04...0.06, .fridgeCycle, cycle)
        let running = Double(moment.second % period) < duty * Double(period)
        return running
            ? Load(noise.range(95...150, .fridge), tangent: 0.7) : Load(3, tangent: 1)
    }

    private func evening(_ moment: Moment) -> Load {
        var watts = 0.0
        if moment.isBetween(18, 23) { watts += noise.range(40...140, .lights) * size }
        if moment.isBetween(5.5, 7) { watts += noise.range(15...50, .lights) * size }
        if moment.isBetween(18.5, 22.8), noise.chance(0.8, .television, moment.day) {
            watts += 85
        }
        // People come and go: a quarter of an hour is not like the next.
        watts *= noise.range(0.55...1.25, .activity, moment.quarter)
        return Load(watts, tangent: 0.35)
    }

    private func fanning(_ moment: Moment) -> Load {
        let warmth = min(1, max(0, (moment.celsius - 23) / 6))
        let share = moment.isBetween(9, 17) ? 0.45 : 1
        return Load(fans * 68 * warmth * share, tangent: 0.3)
    }

    private func chores(_ moment: Moment) -> Load {
        var load = Load.none
        if moment.runs(from: noise.range(6.5...8.5, .cookingTime, moment.day), minutes: 18) {
            load = load + Load(noise.range(350...900, .cooking), tangent: 0.2)
        }
        if moment.runs(from: noise.range(18.5...20, .cookingTime, moment.day + 7), minutes: 25) {
            load = load + Load(noise.range(300...1_200, .cooking, 1))
        }
        if noise.chance(0.28, .washing, moment.day),
            moment.runs(from: noise.range(8...11, .washingTime, moment.day), minutes: 50)
        {
            load = load + Load(380 * size, tangent: 0.6)
        }
        return load
    }

    private func geyser(_ moment: Moment) -> Load {
        guard moment.celsius < 28 else { return .none }
        let minutes = 8 + (28 - moment.celsius) * 2.2
        return moment.runs(from: noise.range(5.8...7.4, .geyserTime, moment.day), minutes: minutes)
            ? Load(2_000) : .none
    }

    private func secondDevice(_ moment: Moment) -> Load {
        guard hasConditioner else {
            guard hasPump,
                moment.runs(from: noise.range(5.5...7.5, .pumpTime, moment.day), minutes: 22)
            else { return .none }
            return Load(740, tangent: 0.65)
        }
        // The evening belongs to the night that it begins.
        let night = moment.hour < 12 ? moment.day - 1 : moment.day
        let wanted = min(0.95, max(0, (moment.celsius - 27) / 4))
        guard moment.isBetween(21.5, 24) || moment.hour < 5.5,
            noise.chance(wanted, .conditionerNight, night)
        else { return .none }
        let running = noise.chance(0.35 + wanted * 0.5, .conditionerCycle, moment.second / 600)
        return running
            ? Load(noise.range(950...1_500, .conditionerWatts), tangent: 0.45)
            : Load(45, tangent: 0.5)
    }
}

/// A moment as a household feels it: local day and hour, and how warm it is.
private struct Moment {
    let second: Int64
    let day: Int64
    let quarter: Int64
    let hour: Double
    let celsius: Double

    /// Mean temperatures of a plain of southern India by month, January first.
    private static let normal = [
        25.0, 26.5, 28.5, 31, 32.5, 31.5, 30.5, 30, 29.5, 28, 26, 25,
    ]

    init(_ instant: Instant, _ zone: OfficeZone, _ noise: Noise) {
        second = instant.secondsSince1970 + Int64(zone.offsetSeconds)
        day = second >= 0 ? second / 86_400 : (second - 86_399) / 86_400
        quarter = second / 900
        hour = Double(second - day * 86_400) / 3_600
        let date = CivilDate(daysSince1970: Int32(clamping: day)).components
        let share = (Double(date.day) - 15.5) / 30
        let here = Moment.normal[date.month - 1]
        let there = Moment.normal[(date.month - 1 + (share < 0 ? 11 : 1)) % 12]
        let mean = here + (there - here) * (share < 0 ? -share : share)
        let warmest = 14.5
        let swing = 1 - abs(hour - warmest) / 6
        celsius = mean + max(-1, swing) * 3.5 + noise.range(-1.8...1.8, .temperature, day)
    }

    func isBetween(_ start: Double, _ end: Double) -> Bool { hour >= start && hour < end }

    func runs(from start: Double, minutes: Double) -> Bool {
        hour >= start && hour < start + minutes / 60
    }
}
