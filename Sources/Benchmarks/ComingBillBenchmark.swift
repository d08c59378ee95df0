import Billing
import Forecasting
import Foundation
import Registry
import Tariffs
import Units

/// How much processor time the forecast of one coming bill takes beyond that of its units: 55 outcomes
/// priced, and the bounds of slabs with what each costs.
struct ComingBillBenchmark: Sendable {
    /// The figure of one tariff.
    struct Line: Encodable, Sendable {
        var document: String
        var microseconds: Double
        var slabsFound: Int
    }

    /// Folder of the documents; that of the checkout, from its top.
    var documents = "Sources/Tariffs/Documents"
    var isJSON = false

    private static let services = 5_000

    static let help = """
        usage: bench coming-bill [--json]

        coming-bill: what the forecast of a bill takes beyond that of its units: 55 outcomes
        priced, the bounds of slabs found, and what passing each costs. Processor time a service.
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        for option in arguments {
            switch option {
            case "--help", "-h": return nil
            case "--json": isJSON = true
            default: throw BenchmarkError("there is no option '\(option)'")
            }
        }
    }

    func run() throws {
        let lines = try [
            line("tneb-lt1a-2024-07", family: "tneb-lt1a", months: 2),
            line("kseb-lt1a-2025-04", family: "kseb-lt1a", months: 1),
            line("delhi-dom-2019-08", family: "delhi-dom", months: 1),
        ]
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return print(String(decoding: try encoder.encode(["bills": lines]), as: UTF8.self))
        }
        print("coming bill           µs each   slabs")
        for line in lines {
            let name = line.document.padding(toLength: 19, withPad: " ", startingAt: 0)
            print(name + String(format: " %9.1f  %6d", line.microseconds, line.slabsFound))
        }
    }

    private func line(_ id: String, family: String, months: Int) throws -> Line {
        let path = "\(documents)/\(id).json"
        guard let bytes = FileManager.default.contents(atPath: path),
            let end = CivilDate("2026-04-30"),
            let cycle = BillingPeriod(first: end.month.adding(months: 1 - months).first, last: end)
        else { throw BenchmarkError("\(path) is not there: start at the top of the checkout") }
        let forecaster = BillForecaster(
            shelf: try TariffShelf(
                [
                    PublishedTariff(
                        id: id,
                        family: family,
                        effectiveFrom: cycle.first,
                        effectiveTo: nil,
                        digest: [],
                        body: String(decoding: bytes, as: UTF8.self)
                    )
                ],
                parameters: try ParameterSeries(json: Array(Self.parameters.utf8))
            )
        )
        let input = service(family, cycle, months: months)
        let known = cycle.days / 2
        let used = CycleUse(
            through: cycle.first.adding(days: known - 1),
            total: Energy(wattHours: Int64(known) * 8_500),
            days: Array(repeating: Energy(wattHours: 8_500), count: known)
        )
        let rest = outlook(from: cycle.first.adding(days: known), days: cycle.days - known)
        var slabs = 0
        let start = Stopwatch.processorSeconds
        for _ in 0..<Self.services {
            slabs = try forecaster.forecast(input, used: used, outlook: rest).crossings.count
        }
        let seconds = Stopwatch.processorSeconds - start
        return Line(
            document: id,
            microseconds: 1_000_000 * seconds / Double(Self.services),
            slabsFound: slabs
        )
    }

    private static let parameters = """
        {"series": [
        {"utility": "KSEB", "parameter": "fuel_surcharge_per_unit",
        "windows": [{"rate": 0.09, "from": "2025-04-01", "to": "2027-03-31"}]},
        {"utility": "BRPL/BYPL/TPDDL", "parameter": "ppac_windows",
        "windows": [{"percent": 20.69, "from": "2025-04-01", "to": "2027-03-31"}]},
        {"utility": "BRPL/BYPL/TPDDL", "parameter": "pension_percent",
        "windows": [{"percent": 7, "from": "2025-04-01", "to": "2027-03-31"}]}]}
        """

    /// Equal days, the totals spread around them.
    private func outlook(from first: CivilDate, days: Int) -> UseOutlook {
        let day = ForecastRange(low: 6, middle: 8.5, high: 12)
        let running = (1...days).map { number in
            let sum = 8.5 * Double(number)
            return ForecastRange(low: 0.8 * sum, middle: sum, high: 1.3 * sum)
        }
        let whole = 8.5 * Double(days)
        let samples = Forecasting.Limits.outlookSamples
        let totals = (0..<samples).map { whole * (0.6 + 0.9 * Double($0) / Double(samples)) }
        let ranges = Array(repeating: day, count: days)
        return UseOutlook(first: first, days: ranges, running: running, totals: totals)
            ?? UseOutlook(nothingFrom: first)
    }

    private func service(
        _ family: String,
        _ cycle: BillingPeriod,
        months: Int
    ) -> ServiceToBill {
        let consumer = Consumer.ID(1)
        return ServiceToBill(
            service: Service(
                id: Service.ID(1),
                number: "S-1",
                consumer: consumer,
                consumerNumber: "C-1",
                consumerName: "Meena",
                category: "LT",
                tariffFamily: family,
                sanctionedLoadWatts: 3_000,
                phases: 1,
                feeder: nil,
                transformer: nil,
                address: "",
                connectedOn: cycle.first,
                closedOn: nil
            ),
            occupancy: Occupancy(
                consumer: consumer,
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
}
