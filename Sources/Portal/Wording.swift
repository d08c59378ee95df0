import Registry
import Units

/// Writes values the way people read them, in the zone of their office.
struct Wording: Sendable {
    let zone: OfficeZone
    let now: Instant

    var today: CivilDate { zone.date(of: now) }

    /// `3:45 pm` for today, else `22 Nov 2026, 3:45 pm`.
    func time(_ instant: Instant) -> String {
        let date = zone.date(of: instant)
        let clock = clock(instant)
        return date == today ? clock : "\(date.text), \(clock)"
    }

    /// `23 Nov 2026, 3:45 pm`, whatever day it is.
    func fullTime(_ instant: Instant) -> String {
        "\(zone.date(of: instant).text), \(clock(instant))"
    }

    /// `3:45 pm`.
    func clock(_ instant: Instant) -> String {
        let date = zone.date(of: instant)
        let seconds =
            instant.secondsSince1970 - zone.start(of: date).secondsSince1970
        let hour = Int(seconds / 3_600)
        let minute = Int(seconds / 60 % 60)
        let twelve = hour % 12 == 0 ? 12 : hour % 12
        return "\(twelve):\(minute.padded(2)) \(hour < 12 ? "am" : "pm")"
    }

    /// `3:45:07 pm` for today, else with the date.
    func second(_ instant: Instant) -> String {
        let time = time(instant)
        let second = Int(instant.secondsSince1970 % 60)
        return "\(time.dropLast(3)):\(second.padded(2))\(time.suffix(3))"
    }

    /// `5 seconds ago`, `3 hours ago`, `4 days ago`.
    func age(_ instant: Instant) -> String {
        let seconds = now.secondsSince1970 - instant.secondsSince1970
        return switch seconds {
        case ..<2: "just now"
        case ..<60: "\(seconds) seconds ago"
        case ..<3_600: counted(seconds / 60, "minute") + " ago"
        case ..<172_800: counted(seconds / 3_600, "hour") + " ago"
        default: counted(seconds / 86_400, "day") + " ago"
        }
    }

    /// A reason as the verbs give it, with its instants and dates written for people.
    func readable(_ reason: String) -> String {
        var result = ""
        var rest = Substring(reason)
        while !rest.isEmpty {
            var stamp = rest.prefix { $0.isNumber || "-:TZ".contains($0) }
            // A colon after an instant belongs to the sentence.
            while stamp.last == ":" { stamp.removeLast() }
            if let instant = Instant(stamp) {
                result += fullTime(instant)
            } else {
                result += CivilDate(stamp)?.text ?? String(stamp)
            }
            rest = rest.dropFirst(stamp.count)
            let words = rest.prefix { !$0.isNumber }
            result += words
            rest = rest.dropFirst(words.count)
        }
        return result
    }

    /// Whether a meter that spoke last at this instant has been silent for too long.
    func isSilent(since instant: Instant?) -> Bool {
        guard let instant else { return true }
        return now.secondsSince1970 - instant.secondsSince1970 > Limits.silentSeconds
    }
}

/// `1 day`, `2 days`.
func counted(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(grouped(Int64(count))) \(noun)\(count == 1 ? "" : "s")"
}

/// A whole number with Indian grouping.
func grouped(_ value: Int64) -> String {
    (value < 0 ? "−" : "") + indianGrouping(String(value.magnitude))
}

/// Thousandths as a decimal with exactly `places` (0 to 3) places, the last one rounded half up.
func decimal(thousandths value: Int64, places: Int) -> String {
    let step: UInt64 = [1_000, 100, 10, 1][min(max(places, 0), 3)]
    let steps = (value.magnitude + step / 2) / step
    let scale = 1_000 / step
    let sign = value < 0 && steps > 0 ? "−" : ""
    let whole = indianGrouping(String(steps / scale))
    guard places > 0 else { return sign + whole }
    return "\(sign)\(whole).\(Int(steps % scale).padded(places))"
}

private let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

extension CivilDate {
    /// `23 Nov 2026`.
    var text: String {
        let parts = components
        return "\(parts.day) \(monthNames[parts.month - 1]) \(parts.year)"
    }

    /// `23 Nov`.
    var shortText: String {
        let parts = components
        return "\(parts.day) \(monthNames[parts.month - 1])"
    }
}

extension CivilMonth {
    /// `Nov 2026`.
    var text: String { "\(monthNames[month - 1]) \(year)" }

    /// `Nov`.
    var shortText: String { monthNames[month - 1] }
}

extension BillingPeriod {
    /// `1 Sep 2026 to 31 Oct 2026`.
    var text: String { "\(first.text) to \(last.text)" }
}

extension Energy {
    /// Units (kWh) with one decimal: `1,234.5`.
    var unitsText: String { decimal(thousandths: wattHours, places: 1) }

    /// Units (kWh) to the watt-hour: `1,234.567`.
    var exactText: String { decimal(thousandths: wattHours, places: 3) }
}

extension Role {
    /// The role as the page header names it.
    var title: String {
        rawValue.prefix(1).uppercased() + rawValue.dropFirst()
    }
}
