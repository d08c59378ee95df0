/// A moment as text, for logs.
struct LogTime {
    /// `2026-11-23T10:15:00.123456Z`.
    let text: String

    /// From microseconds since 1970 in UTC (civil date by the usual count of days in 400 years).
    init(microsecondsSince1970 moment: Int64) {
        let (day, time) = Self.divided(moment, 86_400_000_000)
        let shifted = day + 719_468
        let (era, dayOfEra) = Self.divided(shifted, 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let seconds = time / 1_000_000
        // Every request makes such a text: one string, digit by digit.
        text = String(unsafeUninitializedCapacity: 32) { buffer in
            var place = 0
            func put(_ value: Int64, _ width: Int, _ mark: UInt8) {
                var rest = value
                for digit in stride(from: place + width - 1, through: place, by: -1) {
                    buffer[digit] = UInt8(48 + rest % 10)
                    rest /= 10
                }
                buffer[place + width] = mark
                place += width + 1
            }
            put(min(max(year, 0), 9_999), 4, UInt8(ascii: "-"))
            put(month, 2, UInt8(ascii: "-"))
            put(dayOfMonth, 2, UInt8(ascii: "T"))
            put(seconds / 3_600, 2, UInt8(ascii: ":"))
            put(seconds / 60 % 60, 2, UInt8(ascii: ":"))
            put(seconds % 60, 2, UInt8(ascii: "."))
            put(time % 1_000_000, 6, UInt8(ascii: "Z"))
            return place
        }
    }

    private static func divided(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let remainder = (value % by + by) % by
        return ((value - remainder) / by, remainder)
    }
}
