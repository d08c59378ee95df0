import ArgumentParser
import Tariffs
import Units

extension TariffCommands {
    /// `vidyut tariff quote`.
    struct Quote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Price a consumption and show the working.",
            discussion: """
                The tariff is a document or a family; with a family the versions in force on the \
                days of --from and --to count, or that of --date. A document says its own days, and \
                other days are refused but with --ignore-dates. Days from --from to --to that are \
                whole cycles of the tariff count as months, as on a bill; --days beside them makes \
                them count as days, as on the bill of a part of a cycle.
                  vidyut tariff quote tneb-lt1a-2024-07 --units 600 --days 75
                  vidyut tariff quote tneb-lt1a --units 350.5 --from 2026-04-01 --to 2026-05-31
                  vidyut tariff quote kseb-lt1a-2025-04 --units 240 --months 2 --load-kw 3 \\
                    --param fuel_surcharge_per_unit=0.09
                A parameter is a decimal or the JSON of a case: slots '{"peak": 40}', a rate for \
                each slab '["0.5", "0.8"]', windows '[{"percent": 10, "from": "2026-04-01", "to": \
                "2026-04-30", "units": 90}, …]'.
                """
        )

        @Argument(help: "Id of a document, or name of a family.")
        var tariff: String

        @Option(help: ArgumentHelp("Consumption in units (kWh).", valueName: "kWh"))
        var units: String

        @Option(
            help: ArgumentHelp("Length of the bill in months: 2, 1.5 or 1/3.", valueName: "months")
        )
        var months: String?

        @Option(help: ArgumentHelp("Length of the bill in days.", valueName: "days"))
        var days: Int?

        @Option(help: ArgumentHelp("First day of the bill.", valueName: "date"))
        var from: String?

        @Option(help: ArgumentHelp("Last day of the bill.", valueName: "date"))
        var to: String?

        @Option(help: ArgumentHelp("Day that decides which dated lines apply.", valueName: "date"))
        var date: String?

        @Option(help: ArgumentHelp("Sanctioned load.", valueName: "kW"))
        var loadKw: String?

        @Option(help: ArgumentHelp("Recorded demand (kVA, or kW).", valueName: "kVA"))
        var demand: String?

        @Option(help: ArgumentHelp("Contracted demand (kVA, or kW).", valueName: "kVA"))
        var contractDemand: String?

        @Option(
            name: [.customLong("exported"), .customLong("export")],
            help: ArgumentHelp("Units exported.", valueName: "kWh")
        )
        var exported: String?

        @Option(help: ArgumentHelp("Units banked by earlier bills.", valueName: "kWh"))
        var banked: String?

        @Option(help: ArgumentHelp("Apparent energy, where the tariff asks.", valueName: "kVAh"))
        var kvah: String?

        @Option(
            help: ArgumentHelp("Units of each day of the bill, with commas.", valueName: "kWh,…")
        )
        var dailyUnits: String?

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp(
                "What rounding cut from the last bill, where the tariff carries it.",
                valueName: "rupees"
            )
        )
        var carriedIn: String?

        @Option(help: ArgumentHelp("Days of the month of the bill.", valueName: "days"))
        var daysInMonth: Int?

        @Option(
            help: ArgumentHelp(
                "What the tariff asks of the bill; may be repeated.",
                valueName: "name=value"
            )
        )
        var param: [String] = []

        @Option(
            help: ArgumentHelp("An optional line that applies; may be repeated.", valueName: "id")
        )
        var line: [String] = []

        @Flag(help: "The consumer has opted in, where the tariff asks.")
        var optIn = false

        @Flag(help: "Price by a document on days on which it is not in force.")
        var ignoreDates = false

        @Option(
            help: ArgumentHelp(
                "File or folder of documents; those of this program when left out.",
                valueName: "path"
            )
        )
        var tariffs: String?

        @Flag(help: "Print JSON for programs.")
        var json = false

        func run() async throws {
            let inputs = try ratingInputs()
            if let contradiction = inputs.contradiction {
                throw CommandFailure(contradiction.description)
            }
            let rating = try rating(inputs, try tariffDocuments(tariffs))
            Terminal.print(json ? TariffJSON.text(rating) : QuoteText.render(rating))
        }

        private func rating(_ inputs: RatingInputs, _ documents: [TariffDocument]) throws -> Rating
        {
            if let document = documents.first(where: { $0.id == tariff }) {
                if !ignoreDates, let refusal = document.notInForce(for: inputs) {
                    throw CommandFailure(
                        "\(refusal); --ignore-dates prices it all the same, and the family "
                            + "\(document.family) by the version of the day"
                    )
                }
                return try rate(document, inputs.asBilled(cycleMonths: document.baseMonths))
            }
            let versions = documents.filter { $0.family == tariff }
            guard !versions.isEmpty else {
                let known =
                    tariffs.map { path in
                        "in \(path) there are \(documents.map(\.id).joined(separator: ", "))"
                    } ?? "`vidyut tariff list --shipped` names them"
                throw CommandFailure("there is no document or family \(tariff); \(known)")
            }
            let dated = try TariffVersions(versions)
            let last = inputs.period.flatMap { dated.inForce(on: $0.last) }
            return try rate(dated, inputs.asBilled(cycleMonths: last?.baseMonths ?? 0))
        }

        private func ratingInputs() throws -> RatingInputs {
            var inputs = try length(
                of: Energy(wattHours: Int64(try wholeThousandths(units, option: "--units")))
            )
            inputs.daysInMonth = daysInMonth
            inputs.date = try date.map { try day($0, option: "--date") }
            inputs.load = try loadKw.map {
                let watts = try wholeThousandths($0, option: "--load-kw")
                return Power(milliwatts: Int64(watts) * 1_000)
            }
            inputs.demandVoltAmperes = try demand.map {
                Int64(try wholeThousandths($0, option: "--demand"))
            }
            inputs.contractDemandVoltAmperes = try contractDemand.map {
                Int64(try wholeThousandths($0, option: "--contract-demand"))
            }
            try readEnergies(&inputs)
            if let carriedIn {
                guard let paise = parseSignedDecimal(carriedIn, places: 2) else {
                    throw ValidationError(
                        "--carried-in is rupees such as 9.50, not '\(carriedIn)'."
                    )
                }
                inputs.carriedIn = Money(paise: paise)
            }
            inputs.linesOn = line
            inputs.optIn = optIn
            for text in param {
                guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                    throw ValidationError("--param is name=value, not '\(text)'.")
                }
                inputs.parameters[String(text[..<equals])] = try ParameterValue(
                    text: String(text[text.index(after: equals)...])
                )
            }
            return inputs
        }

        private func readEnergies(_ inputs: inout RatingInputs) throws {
            func wattHours(_ text: String?, _ option: String) throws -> Int64? {
                try text.map { Int64(try wholeThousandths($0, option: option)) }
            }
            if let energy = try wattHours(exported, "--export") {
                inputs.exported.wattHours = energy
            }
            if let energy = try wattHours(banked, "--banked") { inputs.banked.wattHours = energy }
            inputs.apparentEnergyVoltAmpereHours = try wattHours(kvah, "--kvah")
            inputs.dailyUnits = try (dailyUnits?.split(separator: ",") ?? []).map {
                let day = $0.trimmingPrefix(" ")
                return Energy(
                    wattHours: Int64(try wholeThousandths(String(day), option: "--daily-units"))
                )
            }
        }

        /// The bill's length: months, days, or its first and last day.
        private func length(of units: Energy) throws -> RatingInputs {
            if let from, let to {
                guard
                    let period = BillingPeriod(
                        first: try day(from, option: "--from"),
                        last: try day(to, option: "--to")
                    )
                else { throw ValidationError("--to is before --from.") }
                var inputs = RatingInputs(units: units, period: period)
                inputs.months = try ratio(months)
                inputs.days = days
                return inputs
            }
            guard from == nil, to == nil else {
                throw ValidationError("--from and --to go together.")
            }
            if let months = try ratio(months) {
                var inputs = RatingInputs(units: units, months: 1)
                inputs.months = months
                inputs.days = days
                return inputs
            }
            guard let days else {
                throw ValidationError("How long is the bill? --months, --days, or --from and --to.")
            }
            return RatingInputs(units: units, days: days)
        }

        private func ratio(_ text: String?) throws -> Ratio? {
            guard let text else { return nil }
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            let places = parts.count == 1 ? 6 : 0
            guard parts.count <= 2, let top = parseDecimal(parts[0], places: places),
                let bottom = parts.count == 1 ? 1_000_000 : parseDecimal(parts[1], places: 0),
                let ratio = Ratio(top, bottom)
            else {
                throw ValidationError("--months is a number such as 2, 1.5 or 1/3, not '\(text)'.")
            }
            return ratio
        }
    }
}
