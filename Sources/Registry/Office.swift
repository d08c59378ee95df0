package import Units

/// An electricity board office: the tenant everything else belongs to.
package struct Office: Hashable, Sendable {
    package typealias ID = Identifier<Office>

    package var id: ID
    /// The name in URLs, in meters' names and on the command line.
    package var code: String
    package var name: String
    package var zone: OfficeZone
    package var language: Language
    package var cycle: CycleRule
    /// Readings older than this many days are refused by name.
    package var oldestReadingDays: Int
    package var billing: OfficeBilling
    package var metering: OfficeMetering
    package var forecasting: OfficeForecasting
    /// The last month of which the readings are in the archive: none so old are taken any more.
    package var archivedThrough: CivilMonth?

    package init(
        id: ID,
        code: String,
        name: String,
        zone: OfficeZone,
        language: Language,
        cycle: CycleRule,
        oldestReadingDays: Int,
        billing: OfficeBilling = OfficeBilling(),
        metering: OfficeMetering = OfficeMetering(),
        forecasting: OfficeForecasting = OfficeForecasting(),
        archivedThrough: CivilMonth? = nil
    ) {
        self.metering = metering
        self.forecasting = forecasting
        self.id = id
        self.code = code
        self.name = name
        self.zone = zone
        self.language = language
        self.cycle = cycle
        self.oldestReadingDays = oldestReadingDays
        self.billing = billing
        self.archivedThrough = archivedThrough
    }
}

/// How an office's meters report and how their days are judged.
package struct OfficeMetering: Hashable, Sendable {
    /// Length of a block of the load curve: 5 to 60 minutes, dividing the day.
    package var blockMinutes: Int
    /// How often meters are set to report; a longer silence is a gap.
    package var readingIntervalSeconds: Int
    /// The office's own thresholds by their keys; what is missing has its default.
    package var validationRules: [String: String]
    /// Days that the photo of a reading is kept after the decision about it.
    package var photoDays: Int

    package init(
        blockMinutes: Int = 15,
        readingIntervalSeconds: Int = 900,
        validationRules: [String: String] = [:],
        photoDays: Int = 400
    ) {
        self.blockMinutes = blockMinutes
        self.readingIntervalSeconds = readingIntervalSeconds
        self.validationRules = validationRules
        self.photoDays = photoDays
    }
}

/// What forecasts of an office's services rest on.
package struct OfficeForecasting: Hashable, Sendable {
    /// Station or climate zone of the program's table.
    package var climate: String
    /// The office's own monthly mean temperatures, January first; they go before the table's.
    package var monthlyCelsius: [Double]?

    /// By default the mean climate of India.
    package init(climate: String = "india", monthlyCelsius: [Double]? = nil) {
        self.climate = climate
        self.monthlyCelsius = monthlyCelsius
    }
}

/// How an office bills a reading that came after the end of its cycle.
package enum LateReadingPolicy: String, CaseIterable, Hashable, Sendable {
    /// One bill up to the reading, slabs scaled to its days.
    case days
    /// The cycle alone, cut at its end by time; the rest belongs to the next.
    case cycleSplit = "cycle_split"
    /// One bill up to the reading with the slabs of one cycle, as other offices print it.
    case asPrinted = "as_printed"
}

/// Which bills wait for approval before they are issued.
package enum ApprovalRule: String, CaseIterable, Hashable, Sendable {
    /// Those that an exception holds.
    case held
    case all
}

/// How an office bills; every part can be changed later, for bills not yet made.
package struct OfficeBilling: Hashable, Sendable {
    package var lateReadings: LateReadingPolicy
    package var approval: ApprovalRule
    /// Whether who approves must be another person than who ran the bills.
    package var makerChecker: Bool
    /// Bills above this are held.
    package var billLimit: Money?
    /// Consumption a day above (below) this percentage of the highest (lowest) of the last bills is
    /// held.
    ///
    /// An extra digit is ten times; houses stand empty, so nothing is too low unless said.
    package var usualHighPercent: Int
    package var usualLowPercent: Int

    package init(
        lateReadings: LateReadingPolicy = .days,
        approval: ApprovalRule = .held,
        makerChecker: Bool = false,
        billLimit: Money? = nil,
        usualHighPercent: Int = 1_000,
        usualLowPercent: Int = 0
    ) {
        self.lateReadings = lateReadings
        self.approval = approval
        self.makerChecker = makerChecker
        self.billLimit = billLimit
        self.usualHighPercent = usualHighPercent
        self.usualLowPercent = usualLowPercent
    }
}

/// Services billed on a cycle of their own.
package struct BillingGroup: Hashable, Sendable {
    package var code: String
    package var cycle: CycleRule

    package init(code: String, cycle: CycleRule) {
        self.code = code
        self.cycle = cycle
    }
}

/// A language that bills, messages and pages are written in.
package enum Language: String, CaseIterable, Hashable, Sendable {
    case english = "en"
    case tamil = "ta"
    case hindi = "hi"
}

/// How an office cuts time into billing cycles.
///
/// A cycle is named by the month its last day falls in: with day 1 and two months ending in even
/// months, `2026-10` is 1 September to 31 October.
package struct CycleRule: Hashable, Sendable {
    /// 1 or 2.
    package var months: Int
    /// The day of the month on which a cycle begins, 1 to 31; the last day of a shorter month.
    package var day: Int
    /// Two-monthly cycles only: whether the last day falls in an even month.
    package var endsInEvenMonth: Bool

    package init(months: Int, day: Int = 1, endsInEvenMonth: Bool = true) {
        self.months = months
        self.day = day
        self.endsInEvenMonth = endsInEvenMonth
    }

    /// The days of the cycle of this name; nil when no cycle of this office ends in that month.
    package func period(named name: CivilMonth) -> BillingPeriod? {
        if months == 2, (name.month % 2 == 0) != endsInEvenMonth { return nil }
        // With day 1 the last day is the end of the named month; else the day before `day` in it.
        let end = day == 1 ? name.last : name.day(day).adding(days: -1)
        let firstMonth = name.adding(months: day == 1 ? 1 - months : -months)
        return BillingPeriod(first: firstMonth.day(day), last: end)
    }

    /// The name of the cycle that a day lies in.
    package func name(containing date: CivilDate) -> CivilMonth {
        let beginsLater = day == 1 || date < date.month.day(day)
        var name = beginsLater ? date.month : date.month.adding(months: 1)
        if months == 2, (name.month % 2 == 0) != endsInEvenMonth { name = name.adding(months: 1) }
        return name
    }
}
