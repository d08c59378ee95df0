import Billing
import Forecasting
import Registry
import Units

/// The coming bill of a service: what it may be, why, and what would change it.
struct ForecastPage: Sendable {
    /// What is known of the cycle that runs.
    struct Cycle: Sendable {
        var period: BillingPeriod
        var used: CycleUse
        /// What may be used, or was and nobody has read it, from the day after `used.through` to the end
        /// of the cycle.
        var rest: UseOutlook
        var units: Spread<Energy>
        /// Nil where the bill cannot be forecast; the notes say why.
        var forecast: ServiceForecast?

        /// Days whose energy registers tell.
        var readDays: Int {
            used.through.days(since: period.first) + 1 - (rest.unread?.days ?? 0)
        }
    }

    /// What the page is made from.
    struct Facts: Sendable {
        var service: Service
        /// Nil where nothing was forecast; the notes say why.
        var cycle: Cycle?
        /// Sentences to be said with it.
        var notes: [String]
        var form: WhatIfForm
    }

    /// The likely bill in figures.
    struct Likely: Sendable {
        let bill: String
        let low: String
        let high: String
        let expected: String
        let soFar: String
        let tariff: String
    }

    /// A bound of a slab as a line of a table.
    struct SlabRow: Sendable, Equatable {
        let bound: String
        let state: String
        let isLeap: Bool
        let billAtBound: String
        let cost: String
        let unit: String
    }

    let address: String
    let serviceAddress: String
    let number: String
    let period: String
    let day: String
    let hasCycle: Bool
    let units: String
    let unitsLow: String
    let unitsHigh: String
    let used: String
    let isOver: Bool
    let warning: String?
    let warningDate: String?
    let likely: Likely?
    let totals: String
    let days: ForecastDays?
    let slabs: [SlabRow]
    let hasSlabs: Bool
    let notes: [String]
    let hasNotes: Bool
    let form: WhatIfForm
    let mayAsk: Bool
    let whatIf: WhatIfPanel?

    init(_ facts: Facts) {
        let service = facts.service
        serviceAddress = "/services/" + pathPiece(service.number)
        address = serviceAddress + "/next-bill"
        number = service.number
        form = facts.form
        let cycle = facts.cycle
        let forecast = cycle?.forecast
        let bill = forecast?.bill
        hasCycle = cycle != nil
        period = cycle?.period.text ?? ""
        day =
            cycle.map { cycle in
                let unread = cycle.rest.unreadDays
                return "\(cycle.readDays) of \(cycle.period.days) days are known"
                    + (unread > 0 ? "; \(counted(unread, "day")) not yet read, estimated" : "")
            } ?? ""
        units = cycle?.units.median.wholeUnitsText ?? ""
        unitsLow = cycle?.units.low.wholeUnitsText ?? ""
        unitsHigh = cycle?.units.high.wholeUnitsText ?? ""
        used = cycle?.used.total.wholeUnitsText ?? ""
        isOver = cycle.map { $0.rest.days.isEmpty && $0.rest.unreadDays == 0 } ?? false
        warning = bill?.warning
        warningDate = bill?.foremost?.date.map {
            (bill?.foremost?.isLikely ?? false) ? "That is \($0.text)." : "If so, about \($0.text)."
        }
        likely = bill.map { bill in
            Likely(
                bill: bill.bill.median.rupeesText,
                low: bill.bill.low.rupeesText,
                high: bill.bill.high.rupeesText,
                expected: bill.expected.rupeesText,
                soFar: bill.soFar.rupeesText,
                tariff: bill.tariffDocuments.joined(separator: ", ")
            )
        }
        totals = cycle.map { totalsChart($0).svg } ?? ""
        days = cycle.map { ForecastDays($0) }
        slabs = bill?.crossings.map(SlabRow.init) ?? []
        hasSlabs = !slabs.isEmpty
        notes = facts.notes + (bill?.assumptions.map(\.sentence) ?? [])
        hasNotes = !notes.isEmpty
        mayAsk = forecast != nil && !isOver
        whatIf = forecast.flatMap { forecast in
            forecast.whatIf.map { WhatIfPanel($0, against: forecast.bill) }
        }
    }
}

extension ForecastPage.SlabRow {
    init(_ crossing: SlabCrossing) {
        bound = decimal(
            thousandths: crossing.bound.wattHours,
            places: crossing.bound.wattHours % 1_000 == 0 ? 0 : 1
        )
        let day = crossing.date.map { ", \($0.shortText)" } ?? ""
        let chance =
            switch crossing.chancePermille {
            case ..<10: "under 1\u{A0}%"
            case 990...: "over 99\u{A0}%"
            default: "\((crossing.chancePermille + 5) / 10)\u{A0}%"
            }
        state =
            (crossing.isPassed ? "passed" : chance) + day + (crossing.isUnread ? ", unread" : "")
        isLeap = crossing.isLeap
        billAtBound = crossing.billAtBound.rupeesText
        cost = crossing.isLeap ? crossing.cost.signedRupeesText : "–"
        unit = crossing.unitAbove.formatted
    }
}

/// The running total of a cycle with its fan, the bounds of slabs and the money axis.
private func totalsChart(_ cycle: ForecastPage.Cycle) -> SVGFanChart {
    let bill = cycle.forecast?.bill
    let prices = cycle.forecast?.prices ?? []
    let used = cycle.used.total
    let past = pastTotals(cycle)
    let end = cycle.units
    let crossing = bill?.foremost
    return SVGFanChart(
        identifier: "totals",
        title: "Units of the cycle, day by day added up",
        summary: "\(used.unitsText) units in \(counted(cycle.readDays, "day")); likely "
            + "\(end.median.wholeUnitsText) at the end, \(end.low.wholeUnitsText) to "
            + "\(end.high.wholeUnitsText) in 8 of 10 cases.",
        unit: "units",
        days: cycle.period.days,
        past: past,
        coming: cycle.rest.running.map { range in
            SVGFanChart.Spread(
                low: used.wattHours + wattHours(range.low),
                median: used.wattHours + wattHours(range.middle),
                high: used.wattHours + wattHours(range.high)
            )
        },
        bounds: (bill?.crossings ?? []).map { one in
            SVGFanChart.Bound(
                thousandths: one.bound.wattHours,
                name: one.sentence,
                label: one.isLeap ? "\(one.cost.signedRupeesText) above" : nil
            )
        },
        crossing: crossing.flatMap { one in
            guard one.isLikely, let day = one.dayOfCycle else { return nil }
            return (day - 1, one.bound.wattHours)
        },
        ticks: dayTicks(cycle.period).map { SVGFanChart.Tick(day: $0.day, label: $0.label) },
        otherUnit: prices.isEmpty ? "" : "bill",
        otherText: { value in
            prices.first { $0.units.wattHours == value }?.bill.rupeesText
        }
    )
}

/// The total at the end of each known day; days between them that nobody has read count with what is
/// estimated of them.
private func pastTotals(_ cycle: ForecastPage.Cycle) -> [Int64] {
    let used = cycle.used
    let count = max(0, used.through.days(since: cycle.period.first) + 1)
    guard count > 0 else { return [] }
    let days = used.days.count == count ? used.days : Array(repeating: nil, count: count)
    let missing = Int64(days.count { $0 == nil })
    let rest = cycle.rest.unread.map { wattHours($0.mean) } ?? 0
    var (sum, seen) = (Int64(0), Int64(0))
    return days.map { day in
        if let day {
            sum += day.wattHours
        } else {
            sum += rest * (seen + 1) / missing - rest * seen / missing
            seen += 1
        }
        return sum
    }
}

/// Days of a cycle that get a label, counted from 0.
func dayTicks(_ period: BillingPeriod) -> [(day: Int, label: String)] {
    let step = period.days > 40 ? 15 : 10
    return stride(from: 0, to: period.days - step / 2, by: step).map { day in
        (day, period.first.adding(days: day).shortText)
    }
}

/// To the nearest watt-hour.
func wattHours(_ kilowattHours: Double) -> Int64 { Int64((kilowattHours * 1_000).rounded()) }

/// The days of a cycle as bars and as a table: those known, and those to come with their bounds.
struct ForecastDays: Sendable {
    /// A line of the table.
    struct Row: Sendable, Equatable {
        let name: String
        let units: String
        let range: String
        let total: String
    }

    let svg: String
    let rows: [Row]
    let hasGaps: Bool
    let hasComing: Bool

    init(_ cycle: ForecastPage.Cycle) {
        let ticks = Dictionary(
            uniqueKeysWithValues: dayTicks(cycle.period).map { ($0.day, $0.label) }
        )
        let totals = pastTotals(cycle)
        let used = cycle.used
        var bars: [SVGBarChart.Bar] = []
        var rows: [Row] = []
        for (index, total) in totals.enumerated() {
            let date = cycle.period.first.adding(days: index)
            let energy = index < used.days.count ? used.days[index] : nil
            bars.append(
                SVGBarChart.Bar(
                    label: ticks[index] ?? "",
                    name: date.text,
                    thousandths: energy?.wattHours ?? 0,
                    state: energy == nil ? .missing : .whole
                )
            )
            let sum = used.sums.first { $0.contains(index) }
            let shared = sum.map { " (of \($0.count) days together)" } ?? ""
            rows.append(
                Row(
                    name: date.text,
                    units: energy.map { $0.unitsText + shared } ?? "no reading",
                    range: "",
                    total: Energy(wattHours: total).wholeUnitsText
                )
            )
        }
        for (index, day) in cycle.rest.days.enumerated() {
            let date = cycle.rest.first.adding(days: index)
            let running = cycle.rest.running[index]
            bars.append(
                SVGBarChart.Bar(
                    label: ticks[totals.count + index] ?? "",
                    name: date.text,
                    thousandths: wattHours(day.middle),
                    state: .expected(low: wattHours(day.low), high: wattHours(day.high))
                )
            )
            func text(_ kilowattHours: Double, from start: Energy = .zero) -> Energy {
                start + Energy(wattHours: wattHours(kilowattHours))
            }
            rows.append(
                Row(
                    name: date.text + (date < cycle.rest.open ? " (not yet read)" : ""),
                    units: text(day.middle).unitsText,
                    range: "\(text(day.low).unitsText) to \(text(day.high).unitsText)",
                    total: "\(text(running.middle, from: used.total).wholeUnitsText) ("
                        + "\(text(running.low, from: used.total).wholeUnitsText) to "
                        + "\(text(running.high, from: used.total).wholeUnitsText))"
                )
            )
        }
        svg =
            SVGBarChart(
                identifier: "days",
                title: "Units of each day, known and expected",
                summary: "\(counted(cycle.readDays, "day")) known, "
                    + "\(counted(cycle.period.days - cycle.readDays, "day")) expected.",
                unit: "units",
                bars: bars
            ).svg
        self.rows = rows
        hasGaps = used.days.contains { $0 == nil }
        hasComing = !cycle.rest.days.isEmpty
    }
}
