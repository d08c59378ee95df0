/// Electrical energy in whole watt-hours; registers, consumption and billed units are all of it.
package struct Energy: Hashable, Comparable, Sendable {
    package var wattHours: Int64

    package init(wattHours: Int64) { self.wattHours = wattHours }

    package static let zero = Energy(wattHours: 0)

    package static func < (left: Energy, right: Energy) -> Bool {
        left.wattHours < right.wattHours
    }

    package static func + (left: Energy, right: Energy) -> Energy {
        Energy(wattHours: left.wattHours + right.wattHours)
    }

    package static func - (left: Energy, right: Energy) -> Energy {
        Energy(wattHours: left.wattHours - right.wattHours)
    }

    package static func += (left: inout Energy, right: Energy) { left = left + right }

    /// Kilowatt-hours as people write them: `12.345`, without trailing zeros.
    package var kilowattHoursText: String { decimalText(wattHours, places: 3) }

    /// Reads kilowatt-hours such as `14.611`; at most three decimal places, no exponent, no sign.
    package init?(kilowattHours text: some StringProtocol) {
        guard let value = parseDecimal(text, places: 3) else { return nil }
        self.init(wattHours: value)
    }
}

/// Active power in milliwatts; negative means export.
package struct Power: Hashable, Comparable, Sendable {
    package var milliwatts: Int64

    package init(milliwatts: Int64) { self.milliwatts = milliwatts }

    package static func < (left: Power, right: Power) -> Bool {
        left.milliwatts < right.milliwatts
    }
}

/// Root-mean-square voltage in millivolts.
package struct Voltage: Hashable, Comparable, Sendable {
    package var millivolts: Int64

    package init(millivolts: Int64) { self.millivolts = millivolts }

    package static func < (left: Voltage, right: Voltage) -> Bool {
        left.millivolts < right.millivolts
    }
}

/// Root-mean-square current in milliamperes.
package struct Current: Hashable, Comparable, Sendable {
    package var milliamps: Int64

    package init(milliamps: Int64) { self.milliamps = milliamps }

    package static func < (left: Current, right: Current) -> Bool {
        left.milliamps < right.milliamps
    }
}

/// A typed key: a `Meter.ID` can never be taken for a `Service.ID`.
package struct Identifier<Subject>: Hashable, Comparable, Sendable {
    package var value: Int32

    package init(_ value: Int32) { self.value = value }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}
