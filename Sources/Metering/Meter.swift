package import Units

/// An energy meter of an office, as registered; where it is installed is an `Installation`.
package struct Meter: Hashable, Sendable {
    package typealias ID = Identifier<Meter>

    package var id: ID
    /// Unique within the office; letters, digits, `-` and `_`.
    package var serial: String
    /// Whole digits of the kilowatt-hour register before it rolls over to zero (R14).
    package var registerDigits: Int
    /// Transformer ratio: billed energy is the register's difference times this.
    package var multiplier: Int
    /// How many of `main`, `dev1`, `dev2` it measures, 1 to 3.
    package var channels: Int

    package init(id: ID, serial: String, registerDigits: Int, multiplier: Int, channels: Int) {
        self.id = id
        self.serial = serial
        self.registerDigits = registerDigits
        self.multiplier = multiplier
        self.channels = channels
    }

    /// The register's modulus: the first energy it cannot show.
    package var registerModulus: Energy {
        var modulus: Int64 = 1_000
        for _ in 0..<registerDigits { modulus *= 10 }
        return Energy(wattHours: modulus)
    }
}

/// The measuring channels of a meter, in the order of their columns and frame fields.
package enum Channel: Int, CaseIterable, Hashable, Sendable {
    case main, dev1, dev2

    package var name: String {
        switch self {
        case .main: "main"
        case .dev1: "dev1"
        case .dev2: "dev2"
        }
    }
}
