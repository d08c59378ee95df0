package import Units

/// A meter hanging at a service from one instant, and perhaps until another.
package struct Installation: Hashable, Sendable {
    package var meter: Meter
    package var installedAt: Instant
    package var openingRegister: Energy
    package var removedAt: Instant?
    package var closingRegister: Energy?

    package init(
        meter: Meter,
        installedAt: Instant,
        openingRegister: Energy,
        removedAt: Instant? = nil,
        closingRegister: Energy? = nil
    ) {
        self.meter = meter
        self.installedAt = installedAt
        self.openingRegister = openingRegister
        self.removedAt = removedAt
        self.closingRegister = closingRegister
    }
}

/// What a register showed at an instant.
package struct RegisterReading: Hashable, Sendable {
    package var at: Instant
    package var register: Energy
    /// Not read but computed: the end of a provisional bill, or of a cycle split by days.
    package var isEstimated: Bool

    package init(at: Instant, register: Energy, isEstimated: Bool = false) {
        self.at = at
        self.register = register
        self.isEstimated = isEstimated
    }
}

/// The first and the last register of a meter's local day.
package struct DayRegisters: Hashable, Sendable {
    package var day: CivilDate
    package var first: RegisterReading
    package var last: RegisterReading

    package init(day: CivilDate, first: RegisterReading, last: RegisterReading) {
        self.day = day
        self.first = first
        self.last = last
    }
}

/// Consumption of one meter within a period: never subtracted across an exchange (R13).
package struct ConsumptionSegment: Hashable, Sendable {
    package var meter: Meter
    package var opening: RegisterReading
    package var closing: RegisterReading
    package var energy: Energy

    package init(
        meter: Meter,
        opening: RegisterReading,
        closing: RegisterReading,
        energy: Energy
    ) {
        self.meter = meter
        self.opening = opening
        self.closing = closing
        self.energy = energy
    }
}

/// Why consumption of a period cannot be told from the registers.
package enum ConsumptionFault: Error, Hashable, Sendable {
    case noInstallation
    /// The period begins before the meter was there, or a part of it has no meter.
    case notMetered(from: Instant, to: Instant)
    /// No register at or after the end of the period yet.
    case noClosingReading(meterSerial: String, end: Instant)
    /// The first reading after the period came more than a day after its end, and there was none
    /// in it.
    case lateReading(meterSerial: String, end: Instant, reading: RegisterReading)
    /// A register lower than the one before it, and not by a rollover that the load could make (R14).
    case registerFell(meterSerial: String, from: RegisterReading, to: RegisterReading)

    /// So much energy that it cannot be counted: a register or a multiplier is wrong.
    case impossible(meterSerial: String, register: RegisterReading)

    package var reason: String {
        switch self {
        case .impossible(let serial, let register):
            "meter \(serial): \(register.register.kilowattHoursText) kWh (\(register.at)) times its "
                + "multiplier is more than can be"
        case .noInstallation: "no meter is installed"
        case .notMetered(let from, let to): "no meter between \(from) and \(to)"
        case .noClosingReading(let serial, let end):
            "meter \(serial) has no reading at or after the end of the cycle (\(end))"
        case .lateReading(let serial, let end, let reading):
            "meter \(serial) was not read until \(reading.at), after the end of the cycle (\(end))"
        case .registerFell(let serial, let from, let to):
            "meter \(serial): the register fell from \(from.register.kilowattHoursText) kWh "
                + "(\(from.at)) to \(to.register.kilowattHoursText) kWh (\(to.at))"
        }
    }
}

/// The energy between two register readings of one meter, times its multiplier.
///
/// A lower second register is a rollover only when the first is in the last tenth of the modulus
/// *and* the load could have used that much in the time (R14); anything else is an exception.
///
/// `sanctionedLoadWatts`: times two, what the service can possibly draw.
package func registerDifference(
    meter: Meter,
    opening: RegisterReading,
    closing: RegisterReading,
    sanctionedLoadWatts: Int
) throws(ConsumptionFault) -> Energy {
    var difference = closing.register - opening.register
    if difference < .zero {
        difference = difference + meter.registerModulus
        let hours = (closing.at.secondsSince1970 - opening.at.secondsSince1970) / 3_600 + 1
        let possible = Int64(sanctionedLoadWatts) * 2 * hours
        let nearModulus =
            opening.register.wattHours >= meter.registerModulus.wattHours / 10 * 9
        guard nearModulus, difference.wattHours <= possible else {
            throw .registerFell(meterSerial: meter.serial, from: opening, to: closing)
        }
    }
    let (energy, overflow) = difference.wattHours.multipliedReportingOverflow(
        by: Int64(meter.multiplier)
    )
    guard !overflow else { throw .impossible(meterSerial: meter.serial, register: closing) }
    return Energy(wattHours: energy)
}
