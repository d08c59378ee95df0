/// A day of the civil (proleptic Gregorian) calendar, counted from 1970-01-01.
package struct CivilDate: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package var daysSince1970: Int32

    package init(daysSince1970: Int32) { self.daysSince1970 = daysSince1970 }

    /// Nil when the month or the day does not exist.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilMonth(unchecked: year, month).days
        else { return nil }
        self.init(unchecked: year, month, day)
    }

    /// The caller has checked that the day exists.
    init(unchecked year: Int, _ month: Int, _ day: Int) {
        // Days of the civil calendar after H. Hinnant, "chrono-compatible low-level date algorithms".
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(daysSince1970: Int32(era * 146_097 + dayOfEra - 719_468))
    }

    /// Reads `2026-11-23` and nothing else.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45,
            let year = decimalDigits(bytes[0..<4]), let month = decimalDigits(bytes[5..<7]),
            let day = decimalDigits(bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Year, month and day of this date.
    package var components: (year: Int, month: Int, day: Int) {
        let shifted = Int(daysSince1970) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The calendar month this day lies in.
    package var month: CivilMonth {
        let parts = components
        return CivilMonth(unchecked: parts.year, parts.month)
    }

    /// 0 for Monday to 6 for Sunday.
    package var weekday: Int { (Int(daysSince1970) % 7 + 10) % 7 }

    /// The date so many days later; earlier when negative.
    package func adding(days: Int) -> CivilDate {
        CivilDate(daysSince1970: daysSince1970 + Int32(days))
    }

    /// Whole days from `other` to this one; negative when this is earlier.
    package func days(since other: CivilDate) -> Int {
        Int(daysSince1970) - Int(other.daysSince1970)
    }

    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }

    package var description: String {
        let parts = components
        return "\(parts.year.padded(4))-\(parts.month.padded(2))-\(parts.day.padded(2))"
    }
}

/// A calendar month such as `2026-11`.
package struct CivilMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let year: Int
    package let month: Int

    init(unchecked year: Int, _ month: Int) {
        self.year = year
        self.month = month
    }

    package init?(year: Int, month: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        self.init(unchecked: year, month)
    }

    /// Reads `2026-11` and nothing else.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 7, bytes[4] == 45, let year = decimalDigits(bytes[0..<4]),
            let month = decimalDigits(bytes[5..<7])
        else { return nil }
        self.init(year: year, month: month)
    }

    /// Days in this month, leap years included.
    package var days: Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package var first: CivilDate { CivilDate(unchecked: year, month, 1) }

    package var last: CivilDate { CivilDate(unchecked: year, month, days) }

    /// The month so many months later; earlier when negative.
    package func adding(months: Int) -> CivilMonth {
        let index = year * 12 + month - 1 + months
        return CivilMonth(unchecked: index / 12, index % 12 + 1)
    }

    /// Whole months from `other` to this one.
    package func months(since other: CivilMonth) -> Int {
        (year - other.year) * 12 + month - other.month
    }

    /// The given day of this month, or its last day when the month is shorter.
    package func day(_ day: Int) -> CivilDate { CivilDate(unchecked: year, month, min(day, days)) }

    package static func < (left: CivilMonth, right: CivilMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }

    package var description: String { "\(year.padded(4))-\(month.padded(2))" }
}

/// Consecutive civil days, both ends included.
package struct BillingPeriod: Hashable, Sendable, CustomStringConvertible {
    package let first: CivilDate
    package let last: CivilDate

    /// Nil when the last day is before the first.
    package init?(first: CivilDate, last: CivilDate) {
        guard last >= first else { return nil }
        self.first = first
        self.last = last
    }

    /// One day.
    package init(day: CivilDate) {
        first = day
        last = day
    }

    package var days: Int { last.days(since: first) + 1 }

    /// Whether a day lies in the period, its ends included.
    package func contains(_ date: CivilDate) -> Bool { date >= first && date <= last }

    /// Whole months from a day of one month to the day before the same day of a later one; nil where it
    /// is no such stretch.
    ///
    /// The last day of a shorter month stands for the day it does not have, as in a cycle that begins on
    /// the 31st.
    package var wholeMonths: Int? {
        let next = last.adding(days: 1)
        let months = next.month.months(since: first.month)
        let day = max(first.components.day, next.components.day)
        guard months > 0, first.month.day(day) == first, next.month.day(day) == next else {
            return nil
        }
        return months
    }

    package var description: String { "\(first) to \(last)" }
}

extension Int {
    /// Decimal digits with leading zeros up to `width`.
    package func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}

/// The number that these ASCII digits spell; nil when one is not a digit.
package func decimalDigits(_ bytes: some Sequence<UInt8>) -> Int? {
    var value = 0
    for byte in bytes {
        guard byte >= 48, byte <= 57 else { return nil }
        value = value * 10 + Int(byte - 48)
    }
    return value
}
