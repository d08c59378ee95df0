import Billing
import Metering
import Registry
import Units

/// A bill of a list.
struct BillRow: Sendable {
    let address: String
    let cycle: String
    let service: String
    let serviceAddress: String
    let consumer: String
    let number: String
    let units: String
    let total: String
    let due: String
    /// Without the year, for small screens.
    let shortDue: String
    let isDraft: Bool

    init(_ bill: BillSummary) {
        address = "/bills/" + pathPiece(bill.number ?? String(bill.id.value))
        cycle = CivilMonth(bill.cycle)?.text ?? bill.cycle
        service = bill.serviceNumber
        serviceAddress = "/services/" + pathPiece(bill.serviceNumber)
        consumer = bill.consumerName
        number = bill.number ?? "–"
        units = bill.energy.unitsText
        total = bill.total.formatted
        due = bill.dueOn?.text ?? "–"
        shortDue = bill.dueOn?.shortText ?? "–"
        isDraft = bill.state == .draft
    }
}

/// What a service owes, or has to its credit, in words.
func balanceText(_ balance: Money) -> (label: String, amount: String) {
    balance < .zero
        ? ("In your favour", (-balance).formatted) : ("Balance to pay", balance.formatted)
}

/// The billing cycle that runs, and what was used in it so far.
struct RunningCycle: Sendable {
    let period: BillingPeriod
    let used: Energy
    let missing: [CivilDate]

    /// Sums the days of the cycle that today lies in; nil when the office's rule names none.
    init?(rule: CycleRule, today: CivilDate, connectedOn: CivilDate, days: [UsageValue]) {
        guard let period = rule.period(named: rule.name(containing: today)) else { return nil }
        let inside = days.filter { period.contains($0.first) && $0.first >= connectedOn }
        self.period = period
        used = inside.reduce(.zero) { $0 + ($1.energy ?? .zero) }
        missing = missingDays(in: inside)
    }

    /// `day 23 of 61`.
    func dayText(_ today: CivilDate) -> String {
        "day \(today.days(since: period.first) + 1) of \(period.days)"
    }
}

/// Everything about one service, for its consumer and for staff.
struct ServicePage: Sendable {
    /// Power drawn over the last hours.
    struct Power: Sendable {
        let hours: Int
        let svg: String
    }

    /// What the page is made from.
    struct Facts: Sendable {
        var service: Service
        var office: Office
        var meter: Meter?
        var latest: LatestReading?
        /// From the first day of the oldest month shown to today.
        var days: [UsageValue]
        var readings: [AcceptedReading]
        var bills: [BillSummary]
        var balance: Money
        var isStaff: Bool
        /// What the coming bill may be; nil where nobody knows.
        var nextBill: BillForecast?
    }

    /// The coming bill in short.
    struct NextBill: Sendable {
        let address: String
        let likely: String
        /// Nil where there is nothing to come.
        let range: String?
        let warning: String?
    }

    let backAddress: String
    let backLabel: String
    let number: String
    let category: String
    let owner: String
    let place: String
    let hasMeter: Bool
    /// Where a reading is sent; with an s, those so far.
    let readingAddress: String
    let stream: String
    let live: LivePanel
    let used: String
    let cycle: String
    let cycleDay: String
    let cycleGaps: String?
    let balanceLabel: String
    let balance: String
    let meter: String?
    let load: String
    let nextBill: NextBill?
    let days: UsagePanel
    let months: UsagePanel
    let power: Power?
    let bills: [BillRow]
    let hasBills: Bool

    init(_ facts: Facts, wording: Wording) {
        let service = facts.service
        backAddress = facts.isStaff ? "/office/services" : "/home"
        backLabel = facts.isStaff ? "Services" : "Your services"
        number = service.number
        category = service.category
        owner = service.consumerName
        place = service.address
        hasMeter = facts.meter != nil
        readingAddress = "/services/\(pathPiece(service.number))/reading"
        stream = "/services/\(pathPiece(service.number))/live"
        live = LivePanel(facts.latest, wording: wording)
        let known = facts.days.filter { $0.first >= service.connectedOn }
        let running = RunningCycle(
            rule: facts.office.cycle,
            today: wording.today,
            connectedOn: service.connectedOn,
            days: known
        )
        used = (running?.used ?? .zero).unitsText
        cycle = running?.period.text ?? "–"
        cycleDay = running?.dayText(wording.today) ?? "–"
        cycleGaps = running.flatMap { $0.missing.isEmpty ? nil : dayRangesText($0.missing) }
        (balanceLabel, balance) = balanceText(facts.balance)
        meter = facts.meter?.serial
        load = decimal(thousandths: Int64(service.sanctionedLoadWatts), places: 1) + " kW"
        nextBill = facts.nextBill.map { bill in
            NextBill(
                address: "/services/\(pathPiece(service.number))/next-bill",
                likely: bill.bill.median.rupeesText,
                range: bill.bill.low == bill.bill.high
                    ? nil : "\(bill.bill.low.rupeesText) to \(bill.bill.high.rupeesText)",
                warning: bill.warning
            )
        }
        days = UsagePanel(days: known, of: wording.today.month)
        months = UsagePanel(months: monthlyUsage(known))
        power = powerLine(facts.readings, wording: wording).map {
            Power(hours: Limits.powerHours, svg: $0.svg)
        }
        bills = facts.bills.map(BillRow.init)
        hasBills = !bills.isEmpty
    }
}

/// The power of the last hours as a line; nil where too little is known to draw one.
func powerLine(_ readings: [AcceptedReading], wording: Wording) -> SVGLine? {
    let measured = readings.filter { !$0.flags.contains(.registerOnly) }
    guard measured.count > 1 else { return nil }
    let last = wording.now.secondsSince1970
    let first = last - Int64(Limits.powerHours) * 3_600
    let width = max((last - first) / Int64(Limits.powerPoints), 1)
    var points: [SVGLine.Point] = []
    var slot: (number: Int64, sum: Int64, count: Int64)?
    func close() {
        guard let slot else { return }
        points.append(
            SVGLine.Point(
                seconds: first + slot.number * width + width / 2,
                thousandths: slot.sum / slot.count
            )
        )
    }
    for reading in measured {
        let number = (reading.at.secondsSince1970 - first) / width
        let power = Int64(reading.main.powerMilliwatts)
        if let open = slot, open.number == number {
            slot = (number, open.sum + power, open.count + 1)
        } else {
            close()
            slot = (number, power, 1)
        }
    }
    close()
    let highest = points.map(\.thousandths).max() ?? 0
    // Even hours of the office's clock.
    let step = Int64(2 * 3_600)
    let offset = Int64(wording.zone.offsetSeconds)
    let firstTick = ((first + offset) / step + 1) * step - offset
    let ticks = stride(from: firstTick, through: last, by: Int(step)).map { seconds in
        SVGLine.Tick(
            seconds: seconds,
            label: wording.clock(Instant(secondsSince1970: seconds))
        )
    }
    return SVGLine(
        identifier: "power",
        title: "Power in the last \(Limits.powerHours) hours",
        summary: "The highest was \(decimal(thousandths: highest, places: 0)) W.",
        unit: "W",
        first: first,
        last: last,
        points: points,
        ticks: ticks,
        joinedGapSeconds: Limits.joinedGapSeconds
    )
}
