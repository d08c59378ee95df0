import Units

/// Days of every year from a month and day to another, both included; it may go over the year's
/// end.
struct Season: Sendable, Hashable {
    /// A day of a year; 02-29 is the day before 03-01 in every year.
    private struct MonthDay: Hashable {
        let month: Int
        let day: Int

        init(_ node: JSONNode) throws(TariffDocumentError) {
            // A leap year has every day.
            guard case .string(let text) = node.value, text.utf8.count == 5,
                let date = CivilDate("2024-" + text)
            else { throw node.fails("a month and day such as \"05-01\" is expected") }
            let components = date.components
            (month, day) = (components.month, components.day)
        }

        /// Its first day in a year, or the next day where the year lacks it.
        func first(in year: Int) -> CivilDate? {
            CivilDate(year: year, month: month, day: day)
                ?? CivilDate(year: year, month: 3, day: 1)
        }

        func isBefore(_ month: Int, _ day: Int) -> Bool {
            (self.month, self.day) < (month, day)
        }
    }

    private let from: MonthDay
    private let to: MonthDay

    init(_ node: JSONNode) throws(TariffDocumentError) {
        let fields = try node.object(["from", "to"])
        from = try MonthDay(try fields.required("from"))
        to = try MonthDay(try fields.required("to"))
    }

    func contains(_ date: CivilDate) -> Bool {
        let (_, month, day) = date.components
        let hasBegun = !((month, day) < (from.month, from.day))
        let hasEnded = to.isBefore(month, day)
        let isWithinYear = !to.isBefore(from.month, from.day)
        return isWithinYear ? hasBegun && !hasEnded : hasBegun || !hasEnded
    }

    /// The days on which it begins or has ended, within a period.
    func changes(in period: BillingPeriod) -> [CivilDate] {
        var days: [CivilDate] = []
        for year in period.first.components.year...period.last.components.year {
            if let day = from.first(in: year) { days.append(day) }
            guard let last = to.first(in: year) else { continue }
            // In a year without 02-29 the first day after it is 03-01.
            let isThere = (last.components.month, last.components.day) == (to.month, to.day)
            days.append(isThere ? last.adding(days: 1) : last)
        }
        return days.filter(period.contains)
    }
}
