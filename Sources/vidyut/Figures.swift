import ArgumentParser
import Units

/// A decimal of at most three places, times a thousand: kW to watts, kWh to watt-hours.
func wholeThousandths(_ text: String, option: String) throws -> Int {
    guard let value = parseDecimal(text, places: 3) else {
        throw ValidationError("\(option) is a number such as 5 or 4.5, not '\(text)'.")
    }
    return Int(value)
}

/// A day as an option gives it.
func day(_ text: String, option: String) throws -> CivilDate {
    guard let day = CivilDate(text) else {
        throw ValidationError("\(option) is a date such as 2026-11-23, not '\(text)'.")
    }
    return day
}

/// An instant as an option gives it.
func instant(_ text: String, option: String) throws -> Instant {
    guard let instant = Instant(text) else {
        throw ValidationError(
            "\(option) is an instant such as 2026-11-23T10:15:00Z, not '\(text)'."
        )
    }
    return instant
}
