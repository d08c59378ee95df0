package import Metering
package import Registry
package import Units

/// Whether a bill is one of many, or the last for a consumer who left.
package enum BillKind: String, CaseIterable, Hashable, Sendable {
    case regular
    case final
}

/// What a bill's consumption rests on.
package enum BillBasis: String, CaseIterable, Hashable, Sendable {
    /// Registers that were read.
    case actual
    /// An estimate by a named method, to be trued up when a register is read (R10, R11).
    case provisional
}

/// How consumption is estimated where no register was read; printed on the bill.
package enum ProvisionalMethod: String, CaseIterable, Hashable, Sendable {
    /// The average day of the last actual bills, up to a year back.
    case average
    /// The average day of the actual bill of the same season last year.
    case lastYear = "last_year"
    /// The average day of the last actual bill.
    case lastCycle = "last_cycle"
}

/// Why a bill waits for a person before it is issued.
package struct BillHold: Hashable, Sendable {
    /// The kinds of exceptions, as they are filtered by.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case provisional, zero, negative, high, low
        /// More than the sanctioned load can draw.
        case abovePossible = "above_possible"
        case aboveLimit = "above_limit"
        case override
        /// The readings of the period want a decision first: an exception, or a doubtful end.
        case readings
        /// An optional line reads a monthly parameter that nobody has published.
        case missingParameter = "missing_parameter"
        /// A register was derived from apparent power, which is no measurement for revenue.
        case derived
    }

    package var code: Code
    package var reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// An earlier bill of a service, as far as the next one needs it.
package struct PastBill: Hashable, Sendable {
    package var id: Bill.ID
    package var cycle: String
    package var kind: BillKind
    package var state: BillState
    package var basis: BillBasis
    package var period: BillingPeriod
    package var energy: Energy
    /// The bill and its notes together.
    package var standing: Money
    /// Units of export, and paise of rounding, carried to the next bill.
    package var surplus: Energy
    package var carried: Money
    package var segments: [ConsumptionSegment]
    package var consumer: Consumer.ID?
    package var consumerNumber: String
    package var consumerName: String
    /// Whole months it was rated by; nil where it was rated by days.
    ///
    /// Known of provisional bills.
    package var months: Int?

    package init(
        id: Bill.ID,
        cycle: String,
        kind: BillKind,
        state: BillState,
        basis: BillBasis,
        period: BillingPeriod,
        energy: Energy,
        standing: Money,
        surplus: Energy = .zero,
        carried: Money = .zero,
        segments: [ConsumptionSegment] = [],
        consumer: Consumer.ID? = nil,
        consumerNumber: String = "",
        consumerName: String = "",
        months: Int? = nil
    ) {
        self.consumer = consumer
        self.consumerNumber = consumerNumber
        self.consumerName = consumerName
        self.months = months
        self.id = id
        self.cycle = cycle
        self.kind = kind
        self.state = state
        self.basis = basis
        self.period = period
        self.energy = energy
        self.standing = standing
        self.surplus = surplus
        self.carried = carried
        self.segments = segments
    }

    /// What it closed with on a meter.
    package func closing(of meter: Meter.ID) -> RegisterReading? {
        segments.last { $0.meter.id == meter }?.closing
    }
}

/// A service, its occupant and its days within a cycle: what one bill is about.
package struct ServiceToBill: Sendable {
    package var service: Service
    package var occupancy: Occupancy
    package var kind: BillKind
    package var cycle: CivilMonth
    /// The cycle whole, and the part of it this bill is for.
    package var whole: BillingPeriod
    package var period: BillingPeriod
    /// Months of a whole cycle.
    package var months: Int
    /// Meters with the registers of these days.
    package var installations: [MeteredInstallation]
    /// Issued and standing bills before this one, newest first.
    package var history: [PastBill]
    /// Serials of meters whose registers are derived from apparent power.
    package var derivedMeters: [String]
    /// What the office's rules found in these days that nobody has settled, in words.
    package var doubts: [String] = []
    /// What like services use; nil where there are too few of them, or enough bills of its own.
    package var peers: PeerUse?
    /// When registers were read that a person looked at and accepted: what they say is no doubt again.
    package var vouched: Set<Instant> = []
    /// The load curves of its meters over these days, where its tariff may bill by them.
    package var curves: [BlockCurve] = []

    package init(
        service: Service,
        occupancy: Occupancy,
        kind: BillKind,
        cycle: CivilMonth,
        whole: BillingPeriod,
        period: BillingPeriod,
        months: Int,
        installations: [MeteredInstallation] = [],
        history: [PastBill] = [],
        derivedMeters: [String] = []
    ) {
        self.service = service
        self.occupancy = occupancy
        self.kind = kind
        self.cycle = cycle
        self.whole = whole
        self.period = period
        self.months = months
        self.installations = installations
        self.history = history
        self.derivedMeters = derivedMeters
    }

    /// The provisional bills since the last actual one, oldest first; also those of a consumer who
    /// moved out meanwhile, whose estimate would else be settled by who moved in.
    package var provisionalChain: [PastBill] {
        var chain: [PastBill] = []
        var next = period.first.adding(days: -1)
        for bill in history {
            guard bill.basis == .provisional, bill.period.last == next else { break }
            chain.append(bill)
            next = bill.period.first.adding(days: -1)
        }
        return chain.reversed()
    }
}

/// How an office wants its bills made.
package struct BillingRules: Hashable, Sendable {
    package var zone: OfficeZone
    package var late: LateReadingPolicy
    package var approval: ApprovalRule
    package var limit: Money?
    package var usualHighPercent: Int
    package var usualLowPercent: Int
    /// Nil: a service without a closing reading is refused.
    package var provisional: ProvisionalMethod?
    /// Why a third provisional bill in a year is made all the same (R10).
    package var overrideReason: String?
    /// The thresholds of readings, which the rule of the first bills goes by as well.
    package var thresholds = ValidationRules()

    package init(
        zone: OfficeZone,
        late: LateReadingPolicy,
        approval: ApprovalRule,
        limit: Money?,
        usualHighPercent: Int,
        usualLowPercent: Int,
        provisional: ProvisionalMethod? = nil,
        overrideReason: String? = nil
    ) {
        self.zone = zone
        self.late = late
        self.approval = approval
        self.limit = limit
        self.usualHighPercent = usualHighPercent
        self.usualLowPercent = usualLowPercent
        self.provisional = provisional
        self.overrideReason = overrideReason
    }

    /// The rules of an office.
    package init(_ office: Office) {
        self.init(
            zone: office.zone,
            late: office.billing.lateReadings,
            approval: office.billing.approval,
            limit: office.billing.billLimit,
            usualHighPercent: office.billing.usualHighPercent,
            usualLowPercent: office.billing.usualLowPercent
        )
        thresholds = ValidationRules.reading(office.metering.validationRules).rules
    }
}
