/// How far the energy of a block can be relied on; a bit set of 15 bits, stored with it.
///
/// After the quality codes of Green Button (ESPI): an empty set is raw and valid.
package struct SlotQuality: OptionSet, Hashable, Sendable {
    package var rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    /// A boundary of the block lies between two readings that are near enough: shared by time.
    package static let interpolated = SlotQuality(rawValue: 1)
    /// Lies in a gap, or was given by an estimate; `method` says how.
    package static let estimated = SlotQuality(rawValue: 2)
    /// Set by a person.
    package static let edited = SlotQuality(rawValue: 4)
    /// No register tells the energy; what stands there is no measurement.
    package static let missing = SlotQuality(rawValue: 8)
    /// A reading nearby was held or left out, or the register is not to be trusted here.
    package static let suspect = SlotQuality(rawValue: 16)
    /// Derived from apparent power by the gateway for old meters: not for revenue.
    package static let derived = SlotQuality(rawValue: 32)
    /// The supply was switched off by command.
    package static let switchedOff = SlotQuality(rawValue: 64)
    /// No voltage, or the protection had tripped, or the meter made no readings though it lost none and
    /// its register moved by no more than the intervals around explain.
    package static let powerOutage = SlotQuality(rawValue: 128)
    /// Registers tell the energy of a part of the block only: its day or installation is running.
    package static let partial = SlotQuality(rawValue: 256)
    /// An estimate that no register ends: never register energy.
    package static let withoutRegister = SlotQuality(rawValue: 512)
    /// Passed the office's rules.
    package static let validated = SlotQuality(rawValue: 1_024)
    /// Of a day: its last register is a sum of imported daily energies, which stood still on days
    /// without a row.
    package static let sumOfDays = SlotQuality(rawValue: 16_384)

    /// What makes a block less than a measurement.
    package static let doubtful: SlotQuality = [.estimated, .edited, .missing, .suspect]

    private static let methodShift: Int16 = 11
    private static let methodMask: Int16 = 7 << 11

    /// How an estimated block came to its energy.
    package var method: EstimationMethod? {
        get { EstimationMethod(code: (rawValue & Self.methodMask) >> Self.methodShift) }
        set {
            rawValue = rawValue & ~Self.methodMask | (newValue?.code ?? 0) << Self.methodShift
        }
    }

    /// The flags as people read them: `valid`, or such as `estimated by like_days, suspect`.
    package var word: String {
        let names: [(SlotQuality, String)] = [
            (.missing, "missing"), (.interpolated, "interpolated"),
            (.estimated, "estimated\(method.map { " by \($0.rawValue)" } ?? "")"),
            (.edited, "edited"), (.suspect, "suspect"), (.derived, "derived"),
            (.switchedOff, "switched off"), (.powerOutage, "power outage"), (.partial, "partial"),
            (.withoutRegister, "without register"),
        ]
        let words = names.filter { contains($0.0) }.map(\.1)
        return words.isEmpty ? "valid" : words.joined(separator: ", ")
    }

    /// Estimated by this method.
    package static func estimated(_ method: EstimationMethod) -> SlotQuality {
        var quality = SlotQuality.estimated
        quality.method = method
        return quality
    }
}

/// The ways to an estimate, best first.
package enum EstimationMethod: String, CaseIterable, Hashable, Sendable {
    /// Between the blocks before and after, for short gaps.
    case neighbours
    /// The average of the last like days.
    case likeDays = "like_days"
    /// The same weeks of the year before.
    case lastYear = "last_year"
    /// What like services used, scaled to the own level.
    case peers
    /// Evenly between the registers around.
    case flat = "flat_between_registers"
    /// Estimated by the sender of the reading.
    case sender

    fileprivate var code: Int16 {
        switch self {
        case .neighbours: 1
        case .likeDays: 2
        case .lastYear: 3
        case .peers: 4
        case .flat: 5
        case .sender: 6
        }
    }

    fileprivate init?(code: Int16) {
        guard let method = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = method
    }
}
