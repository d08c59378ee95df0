package import Forecasting
package import Units

/// What was used in a cycle so far, by the registers: what is certain.
package struct CycleUse: Hashable, Sendable {
    /// The last day that is known to its end; the day before the cycle when none is.
    package var through: CivilDate
    /// All that registers tell, from the opening of the cycle; what nobody has read is not in it.
    package var total: Energy
    /// One value for each day from the first of the cycle to `through`; nil where no register tells.
    package var days: [Energy?]
    /// Days, counted from the first, of which registers tell the energy together only; the values of
    /// `days` are shares there.
    package var sums: [Range<Int>]

    package init(
        through: CivilDate,
        total: Energy,
        days: [Energy?] = [],
        sums: [Range<Int>] = []
    ) {
        self.through = through
        self.total = total
        self.days = days
        self.sums = sums
    }
}

/// The forecast of a service's coming bill with all that a page and the API say of it.
package struct ServiceForecast: Hashable, Sendable {
    package var serviceNumber: String
    /// When it was made: the last day that was known.
    package var origin: CivilDate
    package var cycle: CivilMonth
    package var period: BillingPeriod
    package var used: CycleUse
    /// What may be used, or was and nobody has read it, from the day after `used.through` to the end
    /// of the cycle.
    package var outlook: UseOutlook
    package var bill: BillForecast
    /// What cycles of some round units would cost, from none upwards: the money axis of a chart.
    package var prices: [UnitPrice]
    /// Days of its own that it rests on; few of them make it lean on its peers.
    package var knownDays: Int
    /// What was asked for besides, and what would come of it.
    package var whatIf: WhatIfOutcome?

    package init(
        serviceNumber: String,
        origin: CivilDate,
        cycle: CivilMonth,
        period: BillingPeriod,
        used: CycleUse,
        outlook: UseOutlook,
        bill: BillForecast,
        prices: [UnitPrice] = [],
        knownDays: Int,
        whatIf: WhatIfOutcome? = nil
    ) {
        self.serviceNumber = serviceNumber
        self.origin = origin
        self.cycle = cycle
        self.period = period
        self.used = used
        self.outlook = outlook
        self.bill = bill
        self.prices = prices
        self.knownDays = knownDays
        self.whatIf = whatIf
    }
}

/// What a whole cycle of so many units costs.
package struct UnitPrice: Hashable, Sendable {
    package var units: Energy
    package var bill: Money

    package init(units: Energy, bill: Money) {
        self.units = units
        self.bill = bill
    }
}

/// What shall be different in the rest of the cycle; all of it together.
package struct WhatIf: Hashable, Sendable {
    /// Something that is used more, or (with negative watts) no longer.
    package struct Appliance: Hashable, Sendable {
        package var watts: Int
        package var minutesADay: Int
        /// Nil: from the first day of the rest.
        package var from: CivilDate?

        package init(watts: Int, minutesADay: Int, from: CivilDate? = nil) {
            self.watts = watts
            self.minutesADay = minutesADay
            self.from = from
        }
    }

    /// Change of what is used, in percent: -10 for a tenth less; not below -100.
    package var percent: Int
    package var appliance: Appliance?
    /// A family of tariffs, or the id of one document, which then holds whatever its dates.
    package var tariff: String?

    package init(percent: Int = 0, appliance: Appliance? = nil, tariff: String? = nil) {
        self.percent = percent
        self.appliance = appliance
        self.tariff = tariff
    }

    /// Whether nothing is different.
    package var isNothing: Bool { percent == 0 && appliance == nil && tariff == nil }
}

/// What would come of it.
package struct WhatIfOutcome: Hashable, Sendable {
    package var whatIf: WhatIf
    package var outlook: UseOutlook
    package var bill: BillForecast
    /// The medians' difference: negative where the bill gets smaller.
    package var difference: Money

    package init(
        whatIf: WhatIf,
        outlook: UseOutlook,
        bill: BillForecast,
        difference: Money
    ) {
        self.whatIf = whatIf
        self.outlook = outlook
        self.bill = bill
        self.difference = difference
    }
}
