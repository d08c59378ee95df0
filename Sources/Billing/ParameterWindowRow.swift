package import Tariffs
package import Units

/// One window of a monthly parameter as an office keeps it.
package struct ParameterWindowRow: Hashable, Sendable {
    package var utility: String
    /// Empty where the value is for every family of the utility.
    package var family: String
    package var parameter: String
    package var from: CivilDate
    package var to: CivilDate
    /// The window's members besides its days, as JSON.
    package var value: String

    package init(
        utility: String,
        family: String,
        parameter: String,
        from: CivilDate,
        to: CivilDate,
        value: String
    ) {
        self.utility = utility
        self.family = family
        self.parameter = parameter
        self.from = from
        self.to = to
        self.value = value
    }

    /// The windows of a series file, after it was read as a whole.
    ///
    /// Throws what `ParameterSeries` finds wrong, by path.
    package static func rows(json: [UInt8]) throws -> [ParameterWindowRow] {
        _ = try ParameterSeries(json: json)
        let root = try JSONValue(parsing: json)
        var rows: [ParameterWindowRow] = []
        for series in root.list("series") {
            for window in series.list("windows") {
                guard case .object(let members) = window,
                    let from = window.text("from").flatMap(CivilDate.init),
                    let to = window.text("to").flatMap(CivilDate.init)
                else { continue }
                let value = JSONValue.object(
                    members.filter { $0.name != "from" && $0.name != "to" }
                )
                rows.append(
                    ParameterWindowRow(
                        utility: series.text("utility") ?? "",
                        family: series.text("family") ?? "",
                        parameter: series.text("parameter") ?? "",
                        from: from,
                        to: to,
                        value: String(decoding: value.bytes(sortedKeys: true), as: UTF8.self)
                    )
                )
            }
        }
        return rows
    }

    /// The series that rows stand for, in order of days; nil when there are none.
    package static func series(_ rows: [ParameterWindowRow]) throws -> ParameterSeries? {
        guard !rows.isEmpty else { return nil }
        var groups: [[String]: [ParameterWindowRow]] = [:]
        for row in rows {
            groups[[row.utility, row.family, row.parameter], default: []].append(row)
        }
        let series = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, rows in
            var members = [JSONMember("utility", .string(key[0]))]
            if !key[1].isEmpty { members.append(JSONMember("family", .string(key[1]))) }
            members.append(JSONMember("parameter", .string(key[2])))
            let windows = rows.sorted { $0.from < $1.from }.map { row -> JSONValue in
                var own: [JSONMember] = []
                if case .object(let value)? = try? JSONValue(parsing: Array(row.value.utf8)) {
                    own = value
                }
                own.append(JSONMember("from", .string(row.from.description)))
                own.append(JSONMember("to", .string(row.to.description)))
                return .object(own)
            }
            members.append(JSONMember("windows", .array(windows)))
            return JSONValue.object(members)
        }
        return try ParameterSeries(
            json: JSONValue.object([JSONMember("series", .array(series))]).bytes()
        )
    }
}
