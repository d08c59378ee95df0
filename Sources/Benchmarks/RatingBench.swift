import Foundation
import Tariffs
import Units

/// How many bills a second of processor time rates, lines, slabs and working included, beside a
/// function written by hand for the same tariff that gives the same lines and slabs.
struct RatingBench: Sendable {
    /// The figures of one document, medians over the rounds.
    struct Line: Encodable, Sendable {
        var document: String
        var billsPerProcessorSecond: Double
        var byHandPerProcessorSecond: Double
        /// How many times the time of the function by hand a bill takes.
        var costRatio: Double
    }

    /// Folder of the documents; that of the checkout, from its top.
    var documents = "Sources/Tariffs/Documents"
    var isJSON = false

    private static let rounds = 5
    /// Of each measurement.
    private static let processorSeconds = 0.5
    /// What typical households use.
    private static let typicalUnits: ClosedRange<Int64> = 100...900
    /// Where the function by hand must agree before anything is measured.
    private static let comparedUnits: ClosedRange<Int64> = 0...1_500

    /// Compares, measures and prints the figures.
    func run() throws {
        let lines = try subjects().map(measure)
        guard isJSON else { return print(RatingBench.table(lines)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(["bills": lines]), as: UTF8.self))
    }

    // MARK: What is measured

    /// A length of bill with its parameters, and the function by hand for it.
    private struct Household {
        let inputs: RatingInputs
        let byHand: (_ wattHours: Int64) -> HandBill
    }

    private struct Subject {
        let document: TariffDocument
        let households: [Household]
    }

    private func subjects() throws -> [Subject] {
        [
            Subject(document: try document("tneb-lt1a-2024-07"), households: tamilNadu()),
            Subject(document: try document("kseb-lt1a-2025-04"), households: kerala()),
            Subject(document: try document("delhi-dom-2019-08"), households: try delhi()),
        ]
    }

    private func document(_ id: String) throws -> TariffDocument {
        let path = "\(documents)/\(id).json"
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw BenchmarkError("\(path) is not there: start at the top of the checkout")
        }
        return try TariffDocument.load([UInt8](bytes))
    }

    /// Two months as printed, and readings of some days more.
    private func tamilNadu() -> [Household] {
        var households = [
            Household(inputs: RatingInputs(units: .zero, months: 2)) {
                HandTariffs.tamilNadu($0, factor: (1, 1))
            }
        ]
        for (days, factor) in [(61, (61, 60)), (75, (5, 4))] as [(Int, (Int64, Int64))] {
            households.append(
                Household(inputs: RatingInputs(units: .zero, days: days)) {
                    HandTariffs.tamilNadu($0, factor: factor)
                }
            )
        }
        return households
    }

    private func kerala() -> [Household] {
        [1, 2].map { months in
            var inputs = RatingInputs(units: .zero, months: months)
            inputs.load = Power(milliwatts: 2_000_000)
            inputs.parameters = ["fuel_surcharge_per_unit": .number(90_000)]
            return Household(inputs: inputs) {
                HandTariffs.kerala($0, months: Int64(months), fuelPaise: 9)
            }
        }
    }

    /// The days and parameters of a printed bill of July 2022, with and without the subsidy.
    private func delhi() throws -> [Household] {
        guard let first = CivilDate("2022-06-25"), let last = CivilDate("2022-07-24"),
            let period = BillingPeriod(first: first, last: last)
        else { throw BenchmarkError("the days of the Delhi bill do not exist") }
        return [false, true].map { optIn in
            var inputs = RatingInputs(units: .zero, period: period)
            inputs.load = Power(milliwatts: 3_000_000)
            inputs.optIn = optIn
            inputs.parameters = [
                "pension_percent": .number(7_000_000),
                "ppac_windows": .windows([ParameterWindow(value: 20_690_000, period: period)]),
            ]
            let terms = HandTariffs.DelhiTerms(
                period: period,
                loadWatts: 3_000,
                ppacHundredths: 2_069,
                pensionPercent: 7,
                optIn: optIn
            )
            return Household(inputs: inputs) { HandTariffs.delhi($0, terms) }
        }
    }

    // MARK: Comparing and measuring

    private func measure(_ subject: Subject) throws -> Line {
        for household in subject.households {
            for units in RatingBench.comparedUnits {
                var inputs = household.inputs
                inputs.units.wattHours = units * 1_000
                let rating = try rate(subject.document, inputs)
                guard household.byHand(units * 1_000).agrees(with: rating) else {
                    throw BenchmarkError(
                        "\(subject.document.id): \(units) units by hand are another bill"
                    )
                }
            }
        }
        let engine = { (household: Household, units: Int64) in
            var inputs = household.inputs
            inputs.units.wattHours = units * 1_000
            let rating = try rate(subject.document, inputs)
            return rating.total.paise + Int64(rating.lines.count)
        }
        let byHand = { (household: Household, units: Int64) in
            let bill = household.byHand(units * 1_000)
            return bill.totalPaise + Int64(bill.lines.count)
        }
        var rates: [Double] = []
        var handRates: [Double] = []
        for _ in 0...RatingBench.rounds {
            rates.append(try RatingBench.billsPerSecond(subject, engine))
            handRates.append(try RatingBench.billsPerSecond(subject, byHand))
        }
        // The first round warms up.
        let (median, handMedian) = (rates.dropFirst().median, handRates.dropFirst().median)
        return Line(
            document: subject.document.id,
            billsPerProcessorSecond: median,
            byHandPerProcessorSecond: handMedian,
            costRatio: handMedian / median
        )
    }

    /// Rates all households at all typical units again and again.
    private static func billsPerSecond(
        _ subject: Subject,
        _ bill: (Household, Int64) throws -> Int64
    ) throws -> Double {
        let start = Stopwatch.processorSeconds
        var (used, bills) = (0.0, 0)
        var expected: Int64?
        repeat {
            var sum: Int64 = 0
            for household in subject.households {
                for units in typicalUnits { sum += try bill(household, units) }
            }
            guard expected ?? sum == sum else {
                throw BenchmarkError("the same bills came out differently")
            }
            expected = sum
            bills += subject.households.count * typicalUnits.count
            used = Stopwatch.processorSeconds - start
        } while used < processorSeconds
        return Double(bills) / used
    }

    private static func table(_ lines: [Line]) -> String {
        func padding(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count))
        }
        func row(_ name: String, _ figures: [String]) -> String {
            name + padding(name, 24) + figures.map { padding($0, 14) + $0 }.joined()
        }
        let head = row("", ["bills/CPU s", "by hand", "x by hand"])
        let rows = lines.map { line in
            let rates = [line.billsPerProcessorSecond, line.byHandPerProcessorSecond]
            let ratio = String(format: "%.2f", line.costRatio)
            return row(line.document, rates.map { String(Int($0)) } + [ratio])
        }
        return """
            bills: rated with lines, slabs and working, \(typicalUnits.lowerBound) to \
            \(typicalUnits.upperBound) units, medians of \(rounds) rounds
            by hand: a function of the one tariff in plain integers, the same lines and slabs

            """ + ([head] + rows).joined(separator: "\n")
    }
}

// MARK: By hand

private struct HandSlab {
    let from: Int64
    let to: Int64
    let quantity: Int64
    let ratePaise: Int64
    /// Paise, as a fraction.
    let amount: (top: Int64, bottom: Int64)
}

private struct HandLine {
    let paise: Int64
    let endSlab: Int
}

private struct HandBill {
    var lines: [HandLine] = []
    var slabs: [HandSlab] = []
    var totalPaise: Int64 = 0
    /// Quantities are thousandths over this.
    var denominator: Int64 = 1

    mutating func line(_ paise: Int64) {
        lines.append(HandLine(paise: paise, endSlab: slabs.count))
        totalPaise += paise
    }

    /// A charge for so many thousandths, so many times.
    mutating func slab(_ quantity: Int64, _ rate: Int64, times top: Int64, over bottom: Int64) {
        let amount = (quantity * rate * top, 1_000 * bottom)
        slabs.append(
            HandSlab(from: 0, to: .max, quantity: quantity, ratePaise: rate, amount: amount)
        )
    }

    /// Each rate inside its slab; answers thousandths of paise over the denominator.
    mutating func slabs(_ quantity: Int64, _ bounds: [Int64], _ rates: [Int64]) -> Int64 {
        var (sum, lower): (Int64, Int64) = (0, 0)
        for (bound, rate) in zip(bounds, rates) where lower < quantity {
            let inside = min(quantity, bound) - lower
            let amount = (inside * rate, 1_000 * denominator)
            slabs.append(
                HandSlab(from: lower, to: bound, quantity: inside, ratePaise: rate, amount: amount)
            )
            sum += inside * rate
            lower = bound
        }
        return sum
    }

    func agrees(with rating: Rating) -> Bool {
        guard rating.lines.map(\.amount.paise) == lines.map(\.paise),
            rating.total.paise == totalPaise
        else { return false }
        var first = 0
        for (line, rated) in zip(lines, rating.lines) {
            let own = slabs[first..<line.endSlab]
            let theirs = rating.slabs(of: rated)
            guard own.count == theirs.count, zip(own, theirs).allSatisfy(agrees) else {
                return false
            }
            first = line.endSlab
        }
        return true
    }

    private func agrees(_ own: HandSlab, _ slab: RatedSlab) -> Bool {
        let exact = slab.amount
        let to = slab.to.map { Int128($0.numerator) * Int128(denominator) }
        let scale = Int128(slab.quantity.denominator)
        return Int128(slab.quantity.numerator) * Int128(denominator) == Int128(own.quantity) * scale
            && Int128(slab.from.numerator) * Int128(denominator) == Int128(own.from) * scale
            && to == (own.to == .max ? nil : Int128(own.to) * scale)
            && slab.rate.millionths == own.ratePaise * 10_000
            && exact.numerator * Int128(own.amount.bottom)
                == Int128(own.amount.top) * exact.denominator
    }
}

/// Three tariffs as somebody writes them who needs no other.
private enum HandTariffs {
    /// To the nearest, a half away from zero.
    private static func rounded(_ top: Int64, _ bottom: Int64) -> Int64 {
        let (whole, rest) = top.quotientAndRemainder(dividingBy: bottom)
        return rest.magnitude * 2 >= bottom.magnitude ? whole + rest.signum() : whole
    }

    static func tamilNadu(_ wattHours: Int64, factor: (top: Int64, bottom: Int64)) -> HandBill {
        var bill = HandBill(denominator: factor.bottom)
        let quantity = wattHours * factor.bottom
        let unit = 1_000 * factor.top
        let sum =
            quantity <= 500 * unit
            ? bill.slabs(
                quantity,
                [100 * unit, 200 * unit, 400 * unit, 500 * unit],
                [0, 235, 470, 630]
            )
            : bill.slabs(
                quantity,
                [100 * unit, 400 * unit, 500 * unit, 600 * unit, 800 * unit, 1_000 * unit, .max],
                [0, 470, 630, 840, 945, 1_050, 1_155]
            )
        bill.line(rounded(sum, 1_000 * factor.bottom))
        return bill
    }

    static func kerala(_ wattHours: Int64, months: Int64, fuelPaise: Int64) -> HandBill {
        var bill = HandBill()
        let unit = 1_000 * months
        if wattHours <= 250 * unit {
            let bounds = [50 * unit, 100 * unit, 150 * unit, 200 * unit, 250 * unit]
            bill.line(rounded(bill.slabs(wattHours, bounds, [335, 425, 535, 720, 850]), 1_000))
        } else {
            let rates: [(Int64, Int64)] = [(300, 675), (350, 760), (400, 795), (500, 825)]
            let rate = rates.first { wattHours <= $0.0 * unit }?.1 ?? 920
            bill.slab(wattHours, rate, times: 1, over: 1)
            bill.line(rounded(wattHours * rate, 1_000))
        }
        let fixed: [(Int64, Int64)] = [
            (50, 50), (100, 85), (150, 105), (200, 140), (250, 160), (300, 220), (350, 240),
            (400, 260), (500, 285),
        ]
        let charge = (fixed.first { wattHours <= $0.0 * unit }?.1 ?? 310) * 100
        bill.slab(1_000, charge, times: months, over: 1)
        bill.line(charge * months)
        bill.line(rounded(bill.lines[0].paise, 10))
        bill.slab(1_000, 600, times: months, over: 1)
        bill.line(600 * months)
        bill.slab(wattHours, fuelPaise, times: 1, over: 1)
        bill.line(rounded(wattHours * fuelPaise, 1_000))
        bill.totalPaise = rounded(bill.totalPaise, 100) * 100
        return bill
    }

    struct DelhiTerms {
        let period: BillingPeriod
        let loadWatts: Int64
        let ppacHundredths: Int64
        let pensionPercent: Int64
        let optIn: Bool
    }

    static func delhi(_ wattHours: Int64, _ terms: DelhiTerms) -> HandBill {
        var bill = HandBill()
        // Days of each month over its length; 28, 29, 30 and 31 divide the whole.
        let whole: Int64 = 377_580
        var weights: [Int64] = []
        var first = terms.period.first
        while first <= terms.period.last {
            let month = first.month
            let last = min(month.last, terms.period.last)
            weights.append(Int64(last.days(since: first) + 1) * (whole / Int64(month.days)))
            first = last.adding(days: 1)
        }
        let factor = weights.reduce(0, +)
        func limit(_ units: Int64) -> Int64 { rounded(units * factor, whole) * 1_000 }

        let bounds = [limit(200), limit(400), limit(800), limit(1_200), .max]
        let energy = rounded(bill.slabs(wattHours, bounds, [300, 450, 650, 700, 800]), 1_000)
        let ppacEnergy = bill.slabs.reduce(0) {
            $0 + rounded($1.amount.top * terms.ppacHundredths, 1_000 * 10_000)
        }
        bill.line(energy)
        let bands: [(Int64, Int64)] = [(2, 2_000), (5, 5_000), (15, 10_000), (25, 20_000)]
        let rate = bands.first { terms.loadWatts <= $0.0 * 1_000 }?.1 ?? 25_000
        bill.slab(terms.loadWatts, rate, times: factor, over: whole)
        let fixed = rounded(terms.loadWatts * rate * factor, 1_000 * whole)
        bill.line(fixed)
        bill.line(ppacEnergy)
        let perWeight = terms.loadWatts * rate / 1_000 * terms.ppacHundredths
        bill.line(weights.reduce(0) { $0 + rounded(perWeight * $1, whole * 10_000) })
        bill.line(rounded((energy + fixed) * 8, 100))
        bill.line(rounded((energy + fixed) * terms.pensionPercent, 100))
        bill.line(rounded(((energy + ppacEnergy) * 100 + energy * 8) * 5, 10_000))
        guard terms.optIn else { return bill }
        if wattHours <= limit(200) {
            bill.line(-bill.totalPaise)
        } else if wattHours <= limit(400) {
            let half = -rounded(bill.totalPaise, 2)
            bill.line(max(half, -rounded(80_000 * factor, whole)))
        } else {
            bill.line(0)
        }
        return bill
    }
}
