/// A point in time, UTC, in microseconds since 1970: the resolution PostgreSQL keeps.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var microsecondsSince1970: Int64

    package init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    package init(secondsSince1970: Int64) {
        self.init(microsecondsSince1970: secondsSince1970 * 1_000_000)
    }

    package var secondsSince1970: Int64 {
        microsecondsSince1970 >= 0
            ? microsecondsSince1970 / 1_000_000 : (microsecondsSince1970 - 999_999) / 1_000_000
    }

    /// The instant so many seconds later; earlier when negative.
    package func adding(seconds: Int64) -> Instant {
        Instant(microsecondsSince1970: microsecondsSince1970 + seconds * 1_000_000)
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }

    /// RFC 3339 with `Z`; a fraction only where there is one.
    package var description: String {
        let seconds = secondsSince1970
        let fraction = microsecondsSince1970 - seconds * 1_000_000
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = Int(seconds - day * 86_400)
        let clock = [second / 3_600, second / 60 % 60, second % 60].map { $0.padded(2) }
        var tail = ""
        if fraction != 0 {
            tail = Int(fraction).padded(6)
            while tail.hasSuffix("0") { tail.removeLast() }
            tail = "." + tail
        }
        return "\(CivilDate(daysSince1970: Int32(day)))T\(clock.joined(separator: ":"))\(tail)Z"
    }

    /// Reads RFC 3339 with `Z` or a numeric offset, up to six decimals of a second.
    ///
    /// Years 1 to 9999; a leap second is refused.
    package init?(_ text: some StringProtocol) {
        let parsed: Instant? =
            text.utf8.withContiguousStorageIfAvailable { Instant(rfc3339: $0[...]) }
            ?? Instant(rfc3339: Array(text.utf8)[...])
        guard let parsed else { return nil }
        self = parsed
    }

    /// The same from ASCII bytes, without making a string: the hot path of intake.
    package init?<Bytes: RandomAccessCollection>(rfc3339 bytes: Bytes)
    where Bytes.Element == UInt8, Bytes.Index == Int {
        let start = bytes.startIndex
        guard bytes.count >= 20, bytes.count <= 32, bytes[start + 4] == 45, bytes[start + 7] == 45,
            bytes[start + 10] == 84 || bytes[start + 10] == 116,
            bytes[start + 13] == 58, bytes[start + 16] == 58,
            let year = decimalDigits(bytes[start..<start + 4]),
            let month = decimalDigits(bytes[start + 5..<start + 7]),
            let day = decimalDigits(bytes[start + 8..<start + 10]),
            let hour = decimalDigits(bytes[start + 11..<start + 13]), hour < 24,
            let minute = decimalDigits(bytes[start + 14..<start + 16]), minute < 60,
            let second = decimalDigits(bytes[start + 17..<start + 19]), second < 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var index = start + 19
        var micros = 0
        if bytes[index] == 46 {
            index += 1
            var scale = 100_000
            let first = index
            while index < bytes.endIndex, bytes[index] >= 48, bytes[index] <= 57 {
                guard index - first < 6 else { return nil }
                micros += Int(bytes[index] - 48) * scale
                scale /= 10
                index += 1
            }
            guard index > first else { return nil }
        }
        guard let offset = Instant.offsetSeconds(bytes[index...]) else { return nil }
        let local = Int64(date.daysSince1970) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        self.init(microsecondsSince1970: (local - Int64(offset)) * 1_000_000 + Int64(micros))
    }

    private static func offsetSeconds<Bytes: RandomAccessCollection>(_ bytes: Bytes) -> Int?
    where Bytes.Element == UInt8, Bytes.Index == Int {
        let start = bytes.startIndex
        if bytes.count == 1, bytes[start] == 90 || bytes[start] == 122 { return 0 }
        guard bytes.count == 6, bytes[start] == 43 || bytes[start] == 45, bytes[start + 3] == 58,
            let hours = decimalDigits(bytes[start + 1..<start + 3]), hours < 24,
            let minutes = decimalDigits(bytes[start + 4..<start + 6]), minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return bytes[start] == 45 ? -seconds : seconds
    }
}

/// A zone without summer time, as every Indian office has: the name people know, the offset days are cut by.
///
/// The offset is data from PostgreSQL's zone tables, so this room needs none of its own.
package struct OfficeZone: Hashable, Sendable {
    package let name: String
    package let offsetSeconds: Int32

    package init(name: String, offsetSeconds: Int32) {
        self.name = name
        self.offsetSeconds = offsetSeconds
    }

    package static let india = OfficeZone(name: "Asia/Kolkata", offsetSeconds: 19_800)

    /// The civil day an instant falls on; midnight belongs to the day that begins.
    package func date(of instant: Instant) -> CivilDate {
        let seconds = instant.secondsSince1970 + Int64(offsetSeconds)
        return CivilDate(
            daysSince1970: Int32(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        )
    }

    /// The day whose consumption a register at this instant closes: midnight belongs to the day that ends.
    package func meteringDay(of instant: Instant) -> CivilDate {
        date(of: Instant(microsecondsSince1970: instant.microsecondsSince1970 - 1))
    }

    /// The instants at which a period's first day begins and its last day ends.
    package func bounds(of period: BillingPeriod) -> (start: Instant, end: Instant) {
        (start(of: period.first), start(of: period.last.adding(days: 1)))
    }

    /// An instant as the office's clocks show it, with the offset: `2026-10-31T17:30:00+05:30`.
    package func text(of instant: Instant) -> String {
        let shown = instant.adding(seconds: Int64(offsetSeconds)).description.dropLast()
        let minutes = abs(offsetSeconds) / 60
        func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return shown + (offsetSeconds < 0 ? "-" : "+") + padded(minutes / 60) + ":"
            + padded(minutes % 60)
    }

    /// The midnight that begins a day.
    package func start(of date: CivilDate) -> Instant {
        Instant(secondsSince1970: Int64(date.daysSince1970) * 86_400 - Int64(offsetSeconds))
    }
}
