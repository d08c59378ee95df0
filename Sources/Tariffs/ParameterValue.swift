package import Units

/// A value given with a bill rather than by the tariff; numbers are millionths.
package enum ParameterValue: Sendable, Equatable {
    case number(Int64)
    case list([Int64])
    case windows([ParameterWindow])
    /// Rates for each slab that change inside the bill; made by a `ParameterSeries`.
    case listWindows([ParameterListWindow])
    case table([String: Int64])

    /// Reads what a command line gives: a decimal, or the JSON of a list, of windows or of a table.
    package init(text: String) throws(TariffDocumentError) {
        if let number = parseSignedDecimal(text, places: 6) {
            self = .number(number)
            return
        }
        let value: JSONValue
        do { value = try JSONParser.parse(Array(text.utf8)) } catch {
            throw .invalid(path: "value", reason: "\"\(text)\" is neither a decimal nor JSON")
        }
        self = try ParameterValue(JSONNode(value: value, path: "value"))
    }

    init(_ node: JSONNode) throws(TariffDocumentError) {
        switch node.value {
        case .boolean(let value): self = .number(value ? 1_000_000 : 0)
        case .object:
            var table: [String: Int64] = [:]
            for (name, member) in try node.anyObject().nodes {
                table[name] = try member.millionths()
            }
            self = .table(table)
        case .array(let elements):
            if elements.first?.member("rates") != nil {
                self = .listWindows(try ParameterListWindow.list(node))
            } else if case .object? = elements.first {
                self = .windows(try ParameterWindow.list(node))
            } else {
                var list: [Int64] = []
                for element in try node.array() { list.append(try element.millionths()) }
                self = .list(list)
            }
        default: self = .number(try node.millionths())
        }
    }
}

extension ParameterValue {
    /// The value as a case writes it and `init(text:)` reads it.
    package var json: JSONValue {
        func text(_ value: Int64) -> JSONValue { .string(decimalText(value, places: 6)) }
        func days(_ period: BillingPeriod) -> [JSONMember] {
            [
                JSONMember("from", .string(period.first.description)),
                JSONMember("to", .string(period.last.description)),
            ]
        }
        switch self {
        case .number(let number): return text(number)
        case .list(let list): return .array(list.map(text))
        case .windows(let windows):
            return .array(
                windows.map { window in
                    var members = [JSONMember("value", text(window.value))]
                    if let period = window.period { members += days(period) }
                    if let units = window.units {
                        members.append(JSONMember("units", .string(units.kilowattHoursText)))
                    }
                    return .object(members)
                }
            )
        case .listWindows(let windows):
            return .array(
                windows.map {
                    .object(
                        [JSONMember("rates", .array($0.values.map(text)))] + days($0.period)
                    )
                }
            )
        case .table(let table):
            return .object(
                table.sorted { $0.key < $1.key }.map { JSONMember($0.key, text($0.value)) }
            )
        }
    }
}

/// Rates, one for each slab, that hold on these days.
package struct ParameterListWindow: Sendable, Equatable {
    /// Millionths of a rupee.
    package let values: [Int64]
    package let period: BillingPeriod

    package init(values: [Int64], period: BillingPeriod) {
        self.values = values
        self.period = period
    }

    /// An array of `{rates, from, to}`.
    static func list(_ node: JSONNode) throws(TariffDocumentError) -> [ParameterListWindow] {
        var windows: [ParameterListWindow] = []
        for element in try node.array(1...Limits.windows) {
            let fields = try element.object(["rates", "from", "to"])
            let first = try fields.required("from").date()
            let last = try fields.required("to").date()
            guard let period = BillingPeriod(first: first, last: last) else {
                throw element.fails("\"from\" is after \"to\"")
            }
            var values: [Int64] = []
            for rate in try fields.required("rates").array(1...Limits.entries) {
                values.append(try rate.millionths())
            }
            windows.append(ParameterListWindow(values: values, period: period))
        }
        return windows
    }
}

extension [ParameterWindow] {
    /// Whether the bill may fall into several of them, or they say how many units fell into them.
    var hasSplit: Bool { count > 1 || first?.units != nil }
}

/// A value that holds from one day to another, both included, and the units that fell into it when
/// known.
package struct ParameterWindow: Sendable, Equatable {
    /// Millionths of a percent or of a rupee.
    package let value: Int64
    package let period: BillingPeriod?
    package let units: Energy?

    package init(value: Int64, period: BillingPeriod?, units: Energy? = nil) {
        self.value = value
        self.period = period
        self.units = units
    }

    /// An array of `{percent | rate | value, from, to[, units]}`, in order of days and without
    /// overlaps.
    static func list(_ node: JSONNode) throws(TariffDocumentError) -> [ParameterWindow] {
        var windows: [ParameterWindow] = []
        for element in try node.array(1...Limits.windows) {
            let fields = try element.object(["percent", "rate", "value", "from", "to", "units"])
            let values = ["percent", "rate", "value"].compactMap { fields.optional($0) }
            guard values.count == 1, let value = values.first else {
                throw element.fails("a window has either \"percent\" or \"rate\"")
            }
            let period = try period(fields, element)
            if let before = windows.last {
                guard let end = before.period?.last, let start = period?.first, end < start else {
                    throw element.fails("windows stand in order of days and do not overlap")
                }
            }
            let units = try fields.optional("units").map { node throws(TariffDocumentError) in
                Energy(wattHours: try node.thousandths())
            }
            windows.append(
                ParameterWindow(value: try value.millionths(), period: period, units: units)
            )
        }
        return windows
    }

    private static func period(_ fields: JSONFields, _ node: JSONNode) throws(TariffDocumentError)
        -> BillingPeriod?
    {
        guard fields.optional("from") != nil || fields.optional("to") != nil else { return nil }
        let first = try fields.required("from").date()
        let last = try fields.required("to").date()
        guard let period = BillingPeriod(first: first, last: last) else {
            throw node.fails("\"from\" is after \"to\"")
        }
        return period
    }
}
