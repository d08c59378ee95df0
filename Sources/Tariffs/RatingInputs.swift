package import Units

/// Everything about a bill that the tariff does not say; give `months`, `days` or `period` for its
/// length.
package struct RatingInputs: Sendable {
    /// What happens when a named parameter or input of a line is not given.
    package enum Missing: Sendable {
        /// Rating throws: a real bill is held, never silently short of a line.
        case refused
        /// The line is left out and named in `Rating.leftOut`: for checks against published
        /// figures.
        case leavesLineOut
    }

    /// Imported energy of the whole bill.
    package var units: Energy
    /// Length in months, possibly a fraction; wins over days and dates for limits and fixed
    /// charges.
    package var months: Ratio?
    package var days: Int?
    /// The days of the bill, both included; needed for revisions, windows and calendar scaling.
    package var period: BillingPeriod?
    /// Days of the month the bill belongs to, for tariffs scaled by it when there is no `period`.
    package var daysInMonth: Int?
    package var load: Power?
    /// Recorded demand in volt-amperes (watts where the tariff bills kW).
    package var demandVoltAmperes: Int64?
    /// Contracted demand in volt-amperes; the load when not given.
    package var contractDemandVoltAmperes: Int64?
    /// The day that decides which dated lines apply; without it a bill is split at their dates.
    package var date: CivilDate?
    package var exported: Energy = .zero
    /// Units credited by earlier bills under net metering.
    package var banked: Energy = .zero
    /// Apparent energy in volt-ampere-hours.
    package var apparentEnergyVoltAmpereHours: Int64?
    /// The units of each day of `period`, where real blocks exist: they split a bill instead of
    /// days.
    package var dailyUnits: [Energy] = []
    package var parameters: [String: ParameterValue] = [:]
    /// Ids of optional lines that apply.
    package var linesOn: [String] = []
    package var optIn = false
    /// What rounding cut from the previous bill, for tariffs that carry it.
    package var carriedIn: Money = .zero
    package var missing: Missing = .refused

    /// A bill of so many months.
    package init(units: Energy, months: Int) {
        self.units = units
        self.months = Ratio(whole: Int64(months))
    }

    /// A bill of so many days.
    package init(units: Energy, days: Int) {
        self.units = units
        self.days = days
    }

    /// A bill of these days.
    package init(units: Energy, period: BillingPeriod) {
        self.units = units
        self.period = period
    }

    init(units: Energy) { self.units = units }
}
