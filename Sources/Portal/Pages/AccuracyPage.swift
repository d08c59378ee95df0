import Forecasting
import Units

/// How right the office's forecasts were, said plainly: also where days like the last seven would
/// have been the better guess.
struct AccuracyPage: Sendable {
    /// A month or a cycle as a line of a table.
    struct Row: Sendable, Equatable {
        let name: String
        let count: String
        let error: String
        let naive: String
        let isNaiveBetter: Bool
        let inside: String
    }

    let months: [Row]
    let cycles: [Row]
    let hasMonths: Bool
    let hasCycles: Bool
    let isEmpty: Bool
    let chart: String
    /// What to make of it, in a sentence or two.
    let verdict: String
    let since: String?

    /// `spans` in any order; `firstOrigin` is the first evening whose forecasts were kept.
    init(_ spans: [ScoredSpan], firstOrigin: CivilDate?) {
        func scored(_ kind: ScoredSpan.Kind) -> [ScoredSpan] {
            spans.filter { $0.kind == kind }.sorted { $0.first > $1.first }
        }
        let byMonth = scored(.month).filter { $0.score.services > 0 }
        let byCycle = scored(.cycle).filter { $0.score.bills > 0 }
        months = byMonth.map { span in
            Row(
                name: span.first.month.text,
                count: grouped(Int64(span.score.services)),
                error: percentText(span.score.errorPercent),
                naive: percentText(span.score.naiveErrorPercent),
                isNaiveBetter: span.score.isNaiveBetter,
                inside: percentText(span.score.totalsIn80Percent)
            )
        }
        cycles = byCycle.map { span in
            Row(
                name: "\(span.first.shortText) to \(span.last.text)",
                count: grouped(Int64(span.score.bills)),
                error: percentText(span.score.billErrorPercent),
                naive: percentText(span.score.billNaiveErrorPercent),
                isNaiveBetter: span.score.isNaiveBetterForBills,
                inside: percentText(span.score.billsIn80Percent)
            )
        }
        hasMonths = !months.isEmpty
        hasCycles = !cycles.isEmpty
        isEmpty = months.isEmpty && cycles.isEmpty
        chart = accuracyChart(byMonth)
        verdict = accuracyVerdict(byMonth)
        since = firstOrigin?.text
    }
}

/// A percentage with one decimal; a dash for none.
func percentText(_ percent: Double?) -> String {
    percent.map { decimal(thousandths: Int64(($0 * 1_000).rounded()), places: 1) + "\u{A0}%" }
        ?? "–"
}

private func accuracyChart(_ months: [ScoredSpan]) -> String {
    func thousandths(_ percent: Double?) -> Int64 { Int64(((percent ?? 0) * 1_000).rounded()) }
    let shown = months.prefix(Limits.monthsShown).reversed()
    return SVGBarChart(
        identifier: "errors",
        title: "Error of the totals by month",
        summary: "The lower the better; the line across each bar is the naive forecast.",
        unit: "%",
        bars: shown.enumerated().map { index, span in
            SVGBarChart.Bar(
                label: (shown.count - index) % 2 == 1 ? span.first.month.shortText : "",
                name: span.first.month.text,
                thousandths: thousandths(span.score.errorPercent),
                state: .whole,
                mark: SVGBarChart.Bar.Mark(
                    name: "naive",
                    thousandths: thousandths(span.score.naiveErrorPercent)
                )
            )
        }
    ).svg
}

private func accuracyVerdict(_ months: [ScoredSpan]) -> String {
    guard !months.isEmpty else { return "" }
    var sum = ForecastScore()
    for month in months { sum.add(month.score) }
    let worse = months.filter(\.score.isNaiveBetter)
    let inside = percentText(sum.totalsIn80Percent)
    let error = percentText(sum.errorPercent)
    let naive = percentText(sum.naiveErrorPercent)
    var text =
        "Over \(counted(months.count, "month")) a service's month was off by \(error) of what was "
        + "used; days like the last seven would have been off by \(naive). "
        + "\(inside) of the months fell into the range that should hold 80 %."
    if worse.isEmpty {
        text += " In no month would the naive forecast have been better."
    } else {
        let names = worse.prefix(6).map(\.first.month.text).joined(separator: ", ")
        let more = worse.count > 6 ? " and \(worse.count - 6) more" : ""
        text +=
            " In \(worse.count) of \(months.count) the naive forecast was better: \(names)\(more)."
    }
    return text
}
