package import Units

/// Values that change without a new tariff version (FAC, PPAC, FPPAS): dated, by utility and
/// parameter.
package struct ParameterSeries: Sendable {
    /// The values of one parameter of one utility (and one family, when stated), in order of days.
    struct Entry: Sendable {
        let utility: String
        let family: String?
        let parameter: String
        let values: [DatedValue]
    }

    /// A value (or one for each slab) that holds on these days.
    struct DatedValue: Sendable {
        let period: BillingPeriod
        let values: [Int64]
        let isList: Bool
    }

    /// Days of a bill for which a parameter has no value: the bill is held.
    package struct Uncovered: Error, Sendable, Equatable, CustomStringConvertible {
        package let parameter: String
        package let days: BillingPeriod

        package var description: String { "\"\(parameter)\" has no value for \(days)" }
    }

    /// A parameter whose last value is taken to go on, and the last day it is published for.
    package struct Continued: Sendable, Hashable {
        package let parameter: String
        package let lastDay: CivilDate
    }

    let entries: [Entry]

    /// Reads `{"series": [{"utility", "parameter", "family"?, "windows": [{"percent" | "rate" |
    /// "rates", "from", "to"}]}]}`.
    package init(json: [UInt8]) throws(TariffDocumentError) {
        let value: JSONValue
        do { value = try JSONParser.parse(json) } catch {
            throw .notJSON(error)
        }
        var entries: [Entry] = []
        let root = try JSONNode(value: value, path: "$").object(["series", "note"])
        for node in try root.required("series").array(0...Limits.documents) {
            let fields = try node.object(["utility", "family", "parameter", "windows", "note"])
            entries.append(
                Entry(
                    utility: try fields.required("utility").text(),
                    family: try fields.optional("family")?.text(),
                    parameter: try fields.required("parameter").text(),
                    values: try ParameterSeries.values(try fields.required("windows"))
                )
            )
        }
        self.entries = entries
    }

    private static func values(_ node: JSONNode) throws(TariffDocumentError) -> [DatedValue] {
        var result: [DatedValue] = []
        for element in try node.array(1...Limits.documents) {
            let fields = try element.object(["percent", "rate", "rates", "value", "from", "to"])
            let first = try fields.required("from").date()
            let last = try fields.required("to").date()
            guard let period = BillingPeriod(first: first, last: last) else {
                throw element.fails("\"from\" is after \"to\"")
            }
            if let before = result.last, before.period.last >= first {
                throw element.fails("windows stand in order of days and do not overlap")
            }
            let given = ["percent", "rate", "value"].compactMap { fields.optional($0) }
            if let rates = fields.optional("rates"), given.isEmpty {
                var list: [Int64] = []
                for rate in try rates.array(1...Limits.entries) {
                    list.append(try rate.millionths())
                }
                result.append(DatedValue(period: period, values: list, isList: true))
            } else if let value = given.first, given.count == 1, !fields.has("rates") {
                result.append(
                    DatedValue(period: period, values: [try value.millionths()], isList: false)
                )
            } else {
                throw element.fails("one of \"percent\", \"rate\" and \"rates\" is expected")
            }
        }
        return result
    }

    /// What the series knows of a document's parameters on these days; a name it does not list is
    /// not given.
    package func values(
        for document: TariffDocument,
        during period: BillingPeriod
    ) throws(Uncovered) -> [String: ParameterValue] {
        try values(for: document, during: period, continuing: false).known
    }

    /// The same; with `continuing` the last value of a parameter goes on beyond its last day, and it
    /// is told which do.
    package func values(
        for document: TariffDocument,
        during period: BillingPeriod,
        continuing: Bool
    ) throws(Uncovered) -> (known: [String: ParameterValue], continued: [Continued]) {
        var result: [String: ParameterValue] = [:]
        var continued: [Continued] = []
        for name in document.parameterNames {
            let matching = entries.filter {
                $0.parameter == name && $0.utility == document.utility
                    && $0.family == document.family
            }
            let general = entries.filter {
                $0.parameter == name && $0.utility == document.utility && $0.family == nil
            }
            guard let entry = matching.first ?? general.first else { continue }
            var values = entry.values
            if continuing, let last = values.last, last.period.last < period.last,
                let longer = BillingPeriod(first: last.period.first, last: period.last)
            {
                continued.append(Continued(parameter: name, lastDay: last.period.last))
                values[values.count - 1] = DatedValue(
                    period: longer,
                    values: last.values,
                    isList: last.isList
                )
            }
            result[name] = try ParameterSeries.cut(entry.parameter, values, to: period)
        }
        return (result, continued)
    }

    private static func cut(
        _ parameter: String,
        _ values: [DatedValue],
        to period: BillingPeriod
    ) throws(Uncovered) -> ParameterValue {
        var parts: [DatedValue] = []
        var next = period.first
        for value in values {
            let first = max(value.period.first, period.first)
            let last = min(value.period.last, period.last)
            guard let days = BillingPeriod(first: first, last: last) else { continue }
            if first > next, let gap = BillingPeriod(first: next, last: first.adding(days: -1)) {
                throw Uncovered(parameter: parameter, days: gap)
            }
            next = last.adding(days: 1)
            if let before = parts.last, before.values == value.values,
                let joined = BillingPeriod(first: before.period.first, last: last)
            {
                parts[parts.count - 1] = DatedValue(
                    period: joined,
                    values: value.values,
                    isList: value.isList
                )
            } else {
                parts.append(
                    DatedValue(period: days, values: value.values, isList: value.isList)
                )
            }
        }
        if let gap = BillingPeriod(first: next, last: period.last) {
            throw Uncovered(parameter: parameter, days: gap)
        }
        if parts.contains(where: \.isList) {
            if parts.count == 1 { return .list(parts[0].values) }
            return .listWindows(
                parts.map { ParameterListWindow(values: $0.values, period: $0.period) }
            )
        }
        return .windows(parts.map { ParameterWindow(value: $0.values[0], period: $0.period) })
    }
}
