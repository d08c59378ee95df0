import Units

extension RatingInputs {
    /// Reads the `inputs` of a case or of a stored bill; unknown keys are refused.
    package init(json: [UInt8]) throws(TariffDocumentError) {
        let value: JSONValue
        do { value = try JSONParser.parse(json) } catch {
            throw .notJSON(error)
        }
        try self.init(JSONNode(value: value, path: "$"))
    }

    init(_ node: JSONNode) throws(TariffDocumentError) {
        let fields = try node.object([
            "units", "months", "days", "from", "to", "days_in_month", "load_kw", "demand",
            "contract_demand", "date", "params", "lines_on", "opt_in", "export", "banked", "kvah",
            "daily_units", "carried_in",
        ])
        self.init(units: Energy(wattHours: try fields.required("units").thousandths()))
        if let node = fields.optional("months") {
            months = try RatingInputs.months(node)
        }
        days = try fields.optional("days")?.integer(1...Limits.days)
        if fields.optional("from") != nil || fields.optional("to") != nil {
            let first = try fields.required("from").date()
            let last = try fields.required("to").date()
            guard let period = BillingPeriod(first: first, last: last) else {
                throw node.fails("\"from\" is after \"to\"")
            }
            self.period = period
        }
        guard months != nil || days != nil || period != nil else {
            throw node.fails("\"months\", \"days\", or \"from\" and \"to\" are missing")
        }
        daysInMonth = try fields.optional("days_in_month")?.integer(28...31)
        if let load = try fields.optional("load_kw")?.thousandths() {
            let (milliwatts, overflow) = load.multipliedReportingOverflow(by: 1_000)
            guard !overflow else { throw node.fails("\"load_kw\" is too large") }
            self.load = Power(milliwatts: milliwatts)
        }
        demandVoltAmperes = try fields.optional("demand")?.thousandths()
        contractDemandVoltAmperes = try fields.optional("contract_demand")?.thousandths()
        date = try fields.optional("date")?.date()
        optIn = try fields.boolean("opt_in")
        try readLists(fields)
        exported.wattHours = try fields.optional("export")?.thousandths() ?? 0
        banked.wattHours = try fields.optional("banked")?.thousandths() ?? 0
        apparentEnergyVoltAmpereHours = try fields.optional("kvah")?.thousandths()
        carriedIn.paise = try fields.optional("carried_in")?.decimal(places: 2) ?? 0
    }

    private mutating func readLists(_ fields: JSONFields) throws(TariffDocumentError) {
        for (name, value) in try fields.optional("params")?.anyObject().nodes ?? [] {
            parameters[name] = try ParameterValue(value)
        }
        for line in try fields.optional("lines_on")?.array() ?? [] {
            linesOn.append(try line.text())
        }
        for day in try fields.optional("daily_units")?.array(1...Limits.days) ?? [] {
            dailyUnits.append(Energy(wattHours: try day.thousandths()))
        }
    }

    /// A decimal, or a fraction such as `"1/3"`.
    private static func months(_ node: JSONNode) throws(TariffDocumentError) -> Ratio? {
        if case .string(let text) = node.value, text.contains("/") {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let top = parseDecimal(parts[0], places: 0),
                let bottom = parseDecimal(parts[1], places: 0), let ratio = Ratio(top, bottom)
            else { throw node.fails("a decimal or a fraction such as \"1/3\" is expected") }
            return ratio
        }
        return Ratio(try node.millionths(signed: false), 1_000_000)
    }

    /// The inputs as `init(json:)` reads them, so that a stored bill can be recomputed; `missing` is not kept.
    package var json: JSONValue {
        var members = [RatingInputs.thousandths("units", units.wattHours)]
        if let months { members.append(JSONMember("months", .string(months.description))) }
        if let days { members.append(JSONMember("days", .integer(days))) }
        if let period {
            members.append(JSONMember("from", .string(period.first.description)))
            members.append(JSONMember("to", .string(period.last.description)))
        }
        if let daysInMonth { members.append(JSONMember("days_in_month", .integer(daysInMonth))) }
        if let load { members.append(RatingInputs.thousandths("load_kw", load.milliwatts / 1_000)) }
        for (name, value) in [
            ("demand", demandVoltAmperes), ("contract_demand", contractDemandVoltAmperes),
            ("kvah", apparentEnergyVoltAmpereHours),
            ("export", exported == .zero ? nil : exported.wattHours),
            ("banked", banked == .zero ? nil : banked.wattHours),
        ] {
            if let value { members.append(RatingInputs.thousandths(name, value)) }
        }
        if let date { members.append(JSONMember("date", .string(date.description))) }
        if !dailyUnits.isEmpty {
            members.append(
                JSONMember(
                    "daily_units",
                    .array(dailyUnits.map { .string($0.kilowattHoursText) })
                )
            )
        }
        if !parameters.isEmpty {
            let sorted = parameters.sorted { $0.key < $1.key }
            members.append(
                JSONMember("params", .object(sorted.map { JSONMember($0.key, $0.value.json) }))
            )
        }
        if !linesOn.isEmpty {
            members.append(JSONMember("lines_on", .array(linesOn.map(JSONValue.string))))
        }
        if optIn { members.append(JSONMember("opt_in", .boolean(true))) }
        if carriedIn != .zero {
            members.append(JSONMember("carried_in", .string(carriedIn.plainText)))
        }
        return .object(members)
    }

    private static func thousandths(_ name: String, _ value: Int64) -> JSONMember {
        JSONMember(name, .string(decimalText(value, places: 3)))
    }
}
