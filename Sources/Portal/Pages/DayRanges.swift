import Metering
import Units

/// Days in words, neighbours joined and the year said once: `5 to 7 Nov, 12 Nov 2026`.
func dayRangesText(_ days: [CivilDate]) -> String { readableDayRanges(dayRanges(days)) }

/// Ranges as bills keep them, `2026-11-05 to 2026-11-07, 2026-11-12`, written for people; anything
/// else is given back as it is.
func readableDayRanges(_ text: String) -> String {
    var ranges: [(first: CivilDate, last: CivilDate)] = []
    for part in text.split(separator: ",") {
        let words = part.split(separator: " ")
        guard let first = words.first.flatMap({ CivilDate($0) }),
            let last = words.last.flatMap({ CivilDate($0) }), words.count == 1 || words.count == 3
        else { return text }
        ranges.append((first, last))
    }
    let years = Set(ranges.flatMap { [$0.first.components.year, $0.last.components.year] })
    guard let year = years.first, years.count == 1 else {
        return ranges.map { range in
            range.first == range.last
                ? range.first.text : "\(range.first.text) to \(range.last.text)"
        }.joined(separator: ", ")
    }
    return ranges.map { range in
        if range.first == range.last { return range.first.shortText }
        let start =
            range.first.month == range.last.month
            ? "\(range.first.components.day)" : range.first.shortText
        return "\(start) to \(range.last.shortText)"
    }.joined(separator: ", ") + " \(year)"
}
