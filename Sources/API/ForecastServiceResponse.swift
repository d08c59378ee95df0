import Billing
import Forecasting
import Registry
import Units
package import UseCases

/// Low, median and high: P10, P50 and P90.
struct EnergySpreadResponse: Encodable {
    var lowWattHours: Int64
    var medianWattHours: Int64
    var highWattHours: Int64

    init(_ spread: Spread<Energy>) {
        lowWattHours = spread.low.wattHours
        medianWattHours = spread.median.wattHours
        highWattHours = spread.high.wattHours
    }
}

/// What a bill may come to.
struct BillForecastResponse: Encodable {
    /// A bound of a slab that was passed or may be.
    struct Crossing: Encodable {
        var boundWattHours: Int64
        var chancePermille: Int
        var isPassed: Bool
        /// Whether the day has gone by without a register that tells it.
        var isUnread: Bool
        /// Absent where the day is not known.
        var day: String?
        var dayOfCycle: Int?
        var billAtBoundPaise: Int64
        /// What the first unit above adds to the bill.
        var costPaise: Int64
        var unitBelowPaise: Int64
        var unitAbovePaise: Int64
        var sentence: String

        init(_ crossing: SlabCrossing) {
            boundWattHours = crossing.bound.wattHours
            chancePermille = crossing.chancePermille
            isPassed = crossing.isPassed
            isUnread = crossing.isUnread
            day = crossing.date?.description
            dayOfCycle = crossing.dayOfCycle
            billAtBoundPaise = crossing.billAtBound.paise
            costPaise = crossing.cost.paise
            unitBelowPaise = crossing.unitBelow.paise
            unitAbovePaise = crossing.unitAbove.paise
            sentence = crossing.sentence
        }
    }

    var tariffDocuments: [String]
    var lowPaise: Int64
    var medianPaise: Int64
    var highPaise: Int64
    var expectedPaise: Int64
    /// What the cycle would cost if nothing more were used.
    var soFarPaise: Int64
    var energy: EnergySpreadResponse
    var crossings: [Crossing]
    /// The bound to know of first, as a sentence; absent where there is none ahead.
    var warning: String?
    /// What had to be supposed, as sentences.
    var assumptions: [String]

    init(_ bill: BillForecast) {
        tariffDocuments = bill.tariffDocuments
        lowPaise = bill.bill.low.paise
        medianPaise = bill.bill.median.paise
        highPaise = bill.bill.high.paise
        expectedPaise = bill.expected.paise
        soFarPaise = bill.soFar.paise
        energy = EnergySpreadResponse(bill.units)
        crossings = bill.crossings.map { Crossing($0) }
        warning = bill.warning
        assumptions = bill.assumptions.map(\.sentence)
    }
}

/// What a service will use, and what its coming bill may be: the contract's JSON, for the command line
/// as well.
package struct ServiceForecastResponse: Encodable {
    /// A day that was; without a reading it has no energy.
    struct Past: Encodable {
        var day: String
        var energyWattHours: Int64?
    }

    /// A day to come: the mean, and the bounds of eight outcomes in ten.
    struct Day: Encodable {
        var day: String
        var lowWattHours: Int64
        var meanWattHours: Int64
        var highWattHours: Int64
    }

    /// The running cycle, or the one before as long as it waits for its bill.
    struct Cycle: Encodable {
        var name: String
        var first: String
        var last: String
        var isOver: Bool
        /// Days whose energy registers tell, and days that have passed and are estimated.
        var readDays: Int
        var unreadDays: Int
        /// Used up to the origin, as far as registers tell.
        var usedWattHours: Int64
        /// Of the whole cycle.
        var energy: EnergySpreadResponse
        /// Absent where the bill cannot be forecast; the notes say why.
        var bill: BillForecastResponse?
        var prices: [Price]
        var whatIf: Outcome?
    }

    /// What a cycle of so many units costs.
    struct Price: Encodable {
        var energyWattHours: Int64
        var billPaise: Int64
    }

    /// What would come of a change.
    struct Outcome: Encodable {
        var bill: BillForecastResponse
        /// Of the medians: negative where the bill gets smaller.
        var differencePaise: Int64
    }

    /// A remark.
    struct Note: Encodable {
        var code: String
        var detail: String
    }

    var service: String
    /// The last day that was known; absent where there is no forecast.
    var origin: String?
    /// Days of its own that it rests on.
    var knownDays: Int?
    var past: [Past]
    var days: [Day]
    var cycle: Cycle?
    /// How the forecasts of the last months went for this service, newest first.
    var accuracy: [AccuracyResponse]
    var notes: [Note]

    /// An answer as the contract writes it.
    package init(_ answer: ShowForecast.Answer) {
        service = answer.service.number
        origin = answer.cycle?.origin.description
        knownDays = answer.cycle?.knownDays
        past = answer.past.map {
            Past(day: $0.day.description, energyWattHours: $0.energy?.wattHours)
        }
        let outlook = answer.outlook
        days = (outlook?.days ?? []).enumerated().map { index, range in
            Day(
                day: (outlook?.first.adding(days: index))?.description ?? "",
                lowWattHours: wattHours(range.low),
                meanWattHours: wattHours(range.middle),
                highWattHours: wattHours(range.high)
            )
        }
        cycle = answer.cycle.map { Cycle($0) }
        accuracy = answer.accuracy.map { AccuracyResponse($0) }
        notes = answer.notes.map { Note(code: $0.code.rawValue, detail: $0.detail) }
    }
}

extension ServiceForecastResponse.Cycle {
    init(_ cycle: ShowForecast.Cycle) {
        name = cycle.name.description
        first = cycle.period.first.description
        last = cycle.period.last.description
        isOver = cycle.isOver
        readDays = cycle.readDays
        unreadDays = cycle.unreadDays
        usedWattHours = cycle.used.total.wattHours
        energy = EnergySpreadResponse(cycle.units)
        bill = cycle.forecast.map { BillForecastResponse($0.bill) }
        prices = (cycle.forecast?.prices ?? []).map {
            ServiceForecastResponse.Price(
                energyWattHours: $0.units.wattHours,
                billPaise: $0.bill.paise
            )
        }
        whatIf = cycle.forecast?.whatIf.map {
            ServiceForecastResponse.Outcome(
                bill: BillForecastResponse($0.bill),
                differencePaise: $0.difference.paise
            )
        }
    }
}
