import Metering
import Units

/// A chart of use with its legend, its gaps by name, and the same figures as a table.
struct UsagePanel: Sendable {
    /// A line of the table.
    struct Row: Sendable, Equatable {
        let name: String
        let units: String
        let remark: String
    }

    let heading: String
    let spanLabel: String
    let svg: String
    let rows: [Row]
    /// Days without a reading by name; nil when there are none.
    let gaps: String?
    let hasGaps: Bool
    let hasPartial: Bool
    let partialMeaning: String

    /// The days of a month, to its end.
    init(days: [UsageValue], of month: CivilMonth) {
        let known = days.filter { $0.first.month == month }
        heading = "Day by day, \(month.text)"
        spanLabel = "Day"
        let bars = (1...month.days).map { number in
            let date = month.day(number)
            let isLabelled = number == 1 || number % 5 == 0 && number < month.days
            return known.first { $0.first == date }.map { bar(ofDay: $0, isLabelled: isLabelled) }
                ?? SVGBarChart.Bar(
                    label: isLabelled ? "\(number)" : "",
                    name: date.text,
                    thousandths: 0,
                    state: .ahead
                )
        }
        svg =
            SVGBarChart(
                identifier: "days",
                title: heading,
                summary: summary(of: known, each: "day"),
                unit: "units",
                bars: bars
            ).svg
        rows = known.map {
            Row(
                name: $0.first.text,
                units: $0.energy?.unitsText ?? "–",
                remark: remark(onDay: $0)
            )
        }
        let missing = missingDays(in: known)
        gaps = missing.isEmpty ? nil : dayRangesText(missing)
        hasGaps = !missing.isEmpty
        let isEstimated = known.contains(where: \.isEstimated)
        hasPartial = isEstimated || known.contains { $0.isOpen && $0.energy != nil }
        partialMeaning = isEstimated ? "today so far, or shared out over a silence" : "today so far"
    }

    /// Calendar months, oldest first.
    init(months: [UsageValue]) {
        heading = "Month by month"
        spanLabel = "Month"
        svg =
            SVGBarChart(
                identifier: "months",
                title: heading,
                summary: summary(of: months, each: "month"),
                unit: "units",
                bars: months.enumerated().map { index, month in
                    // Every other label, so that they do not touch; the newest has one.
                    bar(ofMonth: month, isLabelled: (months.count - index) % 2 == 1)
                },
                // Four digits above neighbouring bars would touch.
                showsValues: months.allSatisfy { ($0.energy ?? .zero).wattHours < 999_500 }
            ).svg
        rows = months.map {
            Row(
                name: $0.first.month.text,
                units: $0.energy?.unitsText ?? "–",
                remark: remark(onMonth: $0)
            )
        }
        gaps = nil
        hasGaps = months.contains { $0.energy == nil }
        let isEstimated = months.contains(where: \.isEstimated)
        hasPartial =
            isEstimated
            || months.contains { $0.energy != nil && ($0.isOpen || $0.missingDays > 0) }
        partialMeaning =
            isEstimated
            ? "still running, days missing, or shared out over a silence"
            : "still running, or days missing"
    }
}

private func bar(ofDay day: UsageValue, isLabelled: Bool) -> SVGBarChart.Bar {
    let label = isLabelled ? "\(day.first.components.day)" : ""
    let state: SVGBarChart.Bar.State =
        switch (day.energy, day.isOpen) {
        case (nil, true): .ahead
        case (nil, false): .missing
        case (_, true): .partial("so far")
        case (_, false): day.isEstimated ? .partial("shared out over a silence") : .whole
        }
    return SVGBarChart.Bar(
        label: label,
        name: day.first.text,
        thousandths: day.energy?.wattHours ?? 0,
        state: state
    )
}

private func bar(ofMonth month: UsageValue, isLabelled: Bool) -> SVGBarChart.Bar {
    let state: SVGBarChart.Bar.State
    if month.energy == nil {
        state = month.isOpen ? .ahead : .missing
    } else {
        let remark = remark(onMonth: month)
        state = remark.isEmpty ? .whole : .partial(remark)
    }
    return SVGBarChart.Bar(
        label: isLabelled ? month.first.month.shortText : "",
        name: month.first.month.text,
        thousandths: month.energy?.wattHours ?? 0,
        state: state
    )
}

private func remark(onDay day: UsageValue) -> String {
    if day.energy == nil { return day.isOpen ? "no reading yet" : "no reading" }
    if day.isEstimated { return "shared out over a silence" }
    return day.isOpen ? "so far" : ""
}

private func remark(onMonth span: UsageValue) -> String {
    var remarks: [String] = []
    if span.isOpen { remarks.append("so far") }
    if span.isEstimated { remarks.append("partly shared out over a silence") }
    if span.missingDays > 0 {
        remarks.append("\(counted(span.missingDays, "day")) without a reading")
    }
    return remarks.joined(separator: ", ")
}

/// The days that have passed without a reading.
func missingDays(in days: [UsageValue]) -> [CivilDate] {
    days.filter { $0.energy == nil && !$0.isOpen }.map(\.first)
}

private func summary(of spans: [UsageValue], each noun: String) -> String {
    let known = spans.filter { $0.energy != nil }
    guard let highest = known.max(by: { ($0.energy ?? .zero) < ($1.energy ?? .zero) }) else {
        return "No readings in this time."
    }
    let total = known.reduce(Energy.zero) { $0 + ($1.energy ?? .zero) }
    let name = noun == "day" ? highest.first.text : highest.first.month.text
    let missing = spans.count { $0.energy == nil && !$0.isOpen }
    let gap = missing == 0 ? "" : " \(counted(missing, noun)) without a reading."
    return "\(total.unitsText) units in \(counted(known.count, noun)); the most in one \(noun), "
        + "\((highest.energy ?? .zero).unitsText) units, on \(name).\(gap)"
}
