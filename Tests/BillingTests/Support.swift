import Foundation
import Metering
import Registry
import Tariffs
import Testing
import Units

@testable import Billing
@testable import Forecasting

/// The same numbers from the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The tariff documents that come with the program.
enum Shipped {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Tariffs/Documents")

    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (files ?? []).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
            .sorted()
    }()

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(name).json"), encoding: .utf8)
    }

    static func document(_ name: String) throws -> TariffDocument {
        try TariffDocument.load(Array(try text(name).utf8))
    }
}

/// A shelf of these texts of documents, and a series of monthly parameters.
func shelf(_ bodies: [String], parameters: String? = nil) throws -> TariffShelf {
    try TariffShelf(
        bodies.map { PublishedTariff(body: $0) },
        parameters: try parameters.map { try ParameterSeries(json: Array($0.utf8)) }
    )
}

extension PublishedTariff {
    /// As the office's shelf gets it, but for what does not matter to pricing.
    fileprivate init(body: String) {
        self.init(
            id: "test",
            family: "test",
            effectiveFrom: CivilDate(daysSince1970: 0),
            effectiveTo: nil,
            digest: [],
            body: body
        )
    }
}

func date(_ text: String) -> CivilDate {
    guard let date = CivilDate(text) else { preconditionFailure("\(text) is a day") }
    return date
}

func period(_ first: String, _ last: String) -> BillingPeriod {
    guard let period = BillingPeriod(first: date(first), last: date(last)) else {
        preconditionFailure("\(first) to \(last) is a period")
    }
    return period
}

func units(_ value: Int64) -> Energy { Energy(wattHours: value * 1_000) }

/// A service of a family in a whole cycle.
func service(
    _ family: String,
    _ cycle: BillingPeriod,
    months: Int,
    loadWatts: Int = 3_000,
    optionalLines: [String] = [],
    optIn: Bool = false
) -> ServiceToBill {
    ServiceToBill(
        service: Service(
            id: Service.ID(1),
            number: "S-1",
            consumer: Consumer.ID(1),
            consumerNumber: "C-1",
            consumerName: "Meena",
            category: "Domestic",
            tariffFamily: family,
            sanctionedLoadWatts: loadWatts,
            phases: 1,
            feeder: nil,
            transformer: nil,
            address: "",
            connectedOn: cycle.first,
            closedOn: nil,
            optIn: optIn,
            optionalLines: optionalLines
        ),
        occupancy: Occupancy(
            consumer: Consumer.ID(1),
            consumerNumber: "C-1",
            consumerName: "Meena",
            from: cycle.first
        ),
        kind: .regular,
        cycle: cycle.last.month,
        whole: cycle,
        period: cycle,
        months: months
    )
}

/// An outlook of so many equal days: the middle total is their sum, the others spread around it in
/// proportion, from `1 - spread` to `1 + spread`.
func outlook(
    from first: CivilDate,
    days: Int,
    kilowattHoursADay: Double,
    spread: Double = 0.3
) throws -> UseOutlook {
    guard days > 0 else { return UseOutlook(nothingFrom: first) }
    let count = Limits.outlookSamples
    func factor(_ position: Double) -> Double { 1 + spread * (2 * position - 1) }
    let day = ForecastRange(
        low: kilowattHoursADay * factor(0.1),
        middle: kilowattHoursADay,
        high: kilowattHoursADay * factor(0.9)
    )
    let running = (1...days).map { day in
        ForecastRange(
            low: Double(day) * kilowattHoursADay * factor(0.1),
            middle: Double(day) * kilowattHoursADay,
            high: Double(day) * kilowattHoursADay * factor(0.9)
        )
    }
    let whole = kilowattHoursADay * Double(days)
    let totals = (0..<count).map { index in
        whole * factor((Double(index) + 0.5) / Double(count))
    }
    let ranges = Array(repeating: day, count: days)
    return try #require(
        UseOutlook(first: first, days: ranges, running: running, totals: totals)
    )
}

/// So many days of equal use from the start of a cycle.
func use(_ cycle: BillingPeriod, days: Int, kilowattHoursADay: Int64) -> CycleUse {
    CycleUse(
        through: cycle.first.adding(days: days - 1),
        total: units(Int64(days) * kilowattHoursADay),
        days: Array(repeating: units(kilowattHoursADay), count: days)
    )
}

/// A series that gives every parameter of a document, up to a day.
func parameters(
    of document: TariffDocument,
    from first: String = "2010-01-01",
    to last: String = "2030-12-31"
) -> String {
    let series = document.parameterNames.map { name in
        let value = name.hasSuffix("by_slab") ? "\"rates\": [0.1, 0.2, 0.3, 0.4]" : "\"rate\": 0.9"
        return """
            {"utility": "\(document.utility)", "parameter": "\(name)",
            "windows": [{\(value), "from": "\(first)", "to": "\(last)"}]}
            """
    }
    return "{\"series\": [\(series.joined(separator: ", "))]}"
}

extension ServiceToBill {
    /// The same with a meter that counted this energy, evenly over the period, and was read at the
    /// end of every day.
    func metered(_ used: CycleUse) -> ServiceToBill {
        let zone = OfficeZone.india
        let meter = Meter(
            id: Meter.ID(1),
            serial: "m-1",
            registerDigits: 8,
            multiplier: 1,
            channels: 1
        )
        let bounds = zone.bounds(of: period)
        var input = self
        input.installations = [
            MeteredInstallation(
                installation: Installation(
                    meter: meter,
                    installedAt: bounds.start,
                    openingRegister: units(1_000)
                ),
                before: RegisterReading(at: bounds.start, register: units(1_000)),
                days: (0..<period.days).map { index in
                    let day = period.first.adding(days: index)
                    let part = used.total.wattHours * Int64(index + 1) / Int64(period.days)
                    let reading = RegisterReading(
                        at: zone.start(of: day.adding(days: 1)),
                        register: units(1_000) + Energy(wattHours: part)
                    )
                    return DayRegisters(day: day, first: reading, last: reading)
                },
                after: RegisterReading(at: bounds.end, register: units(1_000) + used.total)
            )
        ]
        return input
    }
}
