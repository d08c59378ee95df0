import Forecasting
import Tariffs
import Units

/// Finds the bounds of slabs that a cycle has passed or may pass, and what each costs.
struct SlabSearch {
    let rating: PeriodRating
    let period: BillingPeriod
    let used: CycleUse
    let outlook: UseOutlook
    /// The highest possible energy of the period.
    let highest: Energy

    private static let unit: Int64 = 1_000
    /// Units over which the price above and below a bound is measured, so that the rounding of lines
    /// does not show.
    private static let span: Int64 = 10

    func crossings() throws(ForecastRefusal) -> [SlabCrossing] {
        let bounds: [Energy]
        do { bounds = try rating.unitBounds() } catch { throw .noBill("\(error)") }
        var found: [SlabCrossing] = []
        for (index, bound) in bounds.enumerated() where bound < highest {
            let isPassed = used.total > bound
            let need = Double((bound - used.total).wattHours) / 1_000
            let chance = isPassed ? 1 : outlook.chance(thatTotalExceeds: need)
            let permille = Int((chance * 1_000).rounded())
            guard permille > 0 else { continue }
            let previous = index > 0 ? bounds[index - 1] : .zero
            let next = index + 1 < bounds.count ? bounds[index + 1] : nil
            guard var crossing = try priced(bound, between: previous, and: next) else { continue }
            crossing.chancePermille = permille
            crossing.isPassed = isPassed
            if isPassed {
                crossing.date = dayPassed(bound)
            } else {
                crossing.date = day(ofPassing: need, chance: chance)
                crossing.isUnread = crossing.date.map { $0 < outlook.open } ?? true
            }
            crossing.dayOfCycle = crossing.date.map { $0.days(since: period.first) + 1 }
            found.append(crossing)
        }
        return found
    }

    /// The bound with its prices; nil where nothing changes there.
    private func priced(
        _ bound: Energy,
        between previous: Energy,
        and next: Energy?
    ) throws(ForecastRefusal) -> SlabCrossing? {
        let unit = Energy(wattHours: SlabSearch.unit)
        let above = bound + unit
        // Neither span reaches into another slab.
        let room = next.map { ($0 - above).wattHours / SlabSearch.unit } ?? SlabSearch.span
        let up = min(SlabSearch.span, max(1, room))
        let under = (bound - previous).wattHours / SlabSearch.unit
        let down = min(SlabSearch.span, max(1, under))
        let atBound = try rated(rating, bound)
        let justAbove = try rated(rating, above)
        let further = try rated(
            rating,
            above + Energy(wattHours: up * SlabSearch.unit)
        ).totalUnrounded
        let before = try rated(
            rating,
            Energy(wattHours: max(0, bound.wattHours - down * SlabSearch.unit))
        ).totalUnrounded
        func each(_ money: Money, _ units: Int64) -> Money {
            let paise = RoundingMode.halfUp.quotient(Int128(money.paise), over: Int128(units))
            return Money(paise: Int64(clamping: paise))
        }
        let below = each(atBound.totalUnrounded - before, down)
        let beyond = each(further - justAbove.totalUnrounded, up)
        let step = justAbove.totalUnrounded - atBound.totalUnrounded
        // A paisa or two are the rounding of lines.
        let isSame = abs(below.paise - beyond.paise) <= 2 && abs(step.paise - beyond.paise) <= 10
        guard !isSame else { return nil }
        return SlabCrossing(
            bound: bound,
            chancePermille: 0,
            isPassed: false,
            date: nil,
            dayOfCycle: nil,
            billAtBound: atBound.total,
            cost: justAbove.total - atBound.total,
            unitBelow: below,
            unitAbove: beyond
        )
    }

    /// The day whose readings went over the bound.
    ///
    /// Nil where a day before it is missing, whose energy may have gone over it already, and where
    /// registers tell the days around it together only.
    private func dayPassed(_ bound: Energy) -> CivilDate? {
        var sum = Energy.zero
        for (index, day) in used.days.enumerated() {
            guard let day else { return nil }
            sum += day
            guard sum > bound else { continue }
            let isShare = used.sums.contains { $0.contains(index) && $0.count > 1 }
            return isShare ? nil : period.first.adding(days: index)
        }
        return nil
    }

    /// The day on which the median passes; where it does not, the median of the outcomes that pass.
    ///
    /// Nil where that is on a day between known ones that nobody has read.
    private func day(ofPassing need: Double, chance: Double) -> CivilDate? {
        let index: Int?
        if chance >= 0.5 {
            if let unread = outlook.unread, unread.range.middle > need { return nil }
            index = outlook.running.firstIndex { $0.middle > need }
        } else {
            let share =
                outlook.total(at: 1 - chance / 2) / max(outlook.mean, .leastNonzeroMagnitude)
            var sum = (outlook.unread?.mean ?? 0) * share
            if sum > need { return nil }
            index = outlook.days.firstIndex { day in
                sum += day.middle * share
                return sum > need
            }
        }
        guard !outlook.days.isEmpty else { return nil }
        return outlook.first.adding(days: index ?? outlook.days.count - 1)
    }
}
