package import Units

/// Compares rated bills with published figures, to the paisa.
package struct TariffCheck: Sendable {
    /// One figure that came out differently; `computed` is nil when no such line was rated.
    package struct Difference: Sendable, Equatable {
        package let key: String
        package let expected: String
        package let computed: Money?
    }

    /// One case: what differs, or why it could not be rated.
    package struct CaseResult: Sendable {
        package let id: String
        package let tariff: String
        package let differences: [Difference]
        package let failure: String?
        /// Lines left out because the case does not give their parameter.
        package let leftOut: [String]
        /// The same as a person reads them: the document, the line and what it needs.
        let leftOutTexts: [String]

        package var passed: Bool { differences.isEmpty && failure == nil }
    }

    /// All cases that were run.
    package struct Report: Sendable {
        package let results: [CaseResult]

        package var passed: Int { results.count(where: \.passed) }
        /// Whether at least one case ran and none differs.
        package var isGood: Bool { !results.isEmpty && passed == results.count }

        /// One line for each differing figure or failed case, what was left out, then the count.
        package var text: String {
            var lines: [String] = []
            for result in results where !result.passed {
                if let failure = result.failure {
                    lines.append("\(result.id) (\(result.tariff)): \(failure)")
                }
                for difference in result.differences {
                    lines.append(
                        "\(result.id) (\(result.tariff)) \(difference.key): expected "
                            + "\(difference.expected), computed "
                            + (difference.computed?.plainText ?? "nothing")
                    )
                }
            }
            var leftOut: [String: Int] = [:]
            for text in results.flatMap(\.leftOutTexts) { leftOut[text, default: 0] += 1 }
            for (text, count) in leftOut.sorted(by: { $0.key < $1.key }) {
                lines.append("left out in \(count) \(count == 1 ? "case" : "cases"): \(text)")
            }
            lines.append("\(passed) of \(results.count) cases agree to the paisa")
            return lines.joined(separator: "\n")
        }
    }

    /// Runs the cases whose id or tariff matches the glob `only` (`*`, `?`); throws when the text
    /// is no case file.
    package static func run(
        cases json: [UInt8],
        documents: [TariffDocument],
        only: String? = nil
    ) throws(TariffDocumentError) -> Report {
        let value: JSONValue
        do { value = try JSONParser.parse(json) } catch {
            throw .notJSON(error)
        }
        let root = JSONNode(value: value, path: "$")
        var list = root
        if case .object = value { list = try root.object(["cases", "note"]).required("cases") }
        let tariffs = Dictionary(documents.map { ($0.id, $0) }) { first, _ in first }
        var results: [CaseResult] = []
        var ids: Set<String> = []
        for node in try list.array(0...Limits.cases) {
            let fields = try node.anyObject()
            let id = try fields.required("id").text()
            let tariff = try fields.required("tariff")
            let name = try tariffName(tariff)
            if let only, !matches(id, glob: only), !matches(name, glob: only) { continue }
            let result =
                ids.insert(id).inserted
                ? run(id, name, node, documents, tariffs)
                : failed(id, name, "\(node.path).id: \"\(id)\" stands twice")
            results.append(result)
        }
        return Report(results: results)
    }

    /// Keys of a case; those after the first four are for its readers.
    private static let keys = [
        "id", "tariff", "inputs", "expected", "note", "source", "basis", "utility", "category",
        "detail", "rounding_notes",
    ]

    private static func failed(_ id: String, _ tariff: String, _ failure: String) -> CaseResult {
        CaseResult(
            id: id,
            tariff: tariff,
            differences: [],
            failure: failure,
            leftOut: [],
            leftOutTexts: []
        )
    }

    /// A document's id, a family, or several ids joined for the report.
    private static func tariffName(_ node: JSONNode) throws(TariffDocumentError) -> String {
        guard case .array = node.value else { return try node.text() }
        var ids: [String] = []
        for element in try node.array(1...Limits.documents) { ids.append(try element.text()) }
        return ids.joined(separator: "+")
    }

    private static func run(
        _ id: String,
        _ name: String,
        _ node: JSONNode,
        _ documents: [TariffDocument],
        _ tariffs: [String: TariffDocument]
    ) -> CaseResult {
        do {
            let fields = try node.object(keys)
            let rating = try rating(name, fields, documents, tariffs)
            return CaseResult(
                id: id,
                tariff: name,
                differences: try differences(rating, try fields.required("expected")),
                failure: nil,
                leftOut: rating.leftOut.map(\.id),
                leftOutTexts: rating.leftOut.map {
                    "\(rating.document.id) \($0.id) (\($0.reason.need))"
                }
            )
        } catch {
            return failed(id, name, "\(error)")
        }
    }

    /// What the case's inputs cost by its document, or by the versions of its family.
    private static func rating(
        _ name: String,
        _ fields: JSONFields,
        _ documents: [TariffDocument],
        _ tariffs: [String: TariffDocument]
    ) throws -> Rating {
        var inputs = try RatingInputs(try fields.required("inputs"))
        inputs.missing = .leavesLineOut
        if let contradiction = inputs.contradiction { throw contradiction }
        if let document = tariffs[name] { return try rate(document, inputs) }
        let ids = name.split(separator: "+").map(String.init)
        let versions = documents.filter { ids.contains($0.id) || $0.family == name }
        guard !versions.isEmpty else {
            throw TariffDocumentError.invalid(
                path: "\(fields.path).tariff",
                reason: "no document or family is called \"\(name)\""
            )
        }
        return try rate(try TariffVersions(versions), inputs)
    }

    private static func differences(_ rating: Rating, _ node: JSONNode)
        throws(TariffDocumentError) -> [Difference]
    {
        let figures = try node.anyObject().nodes
        guard !figures.isEmpty else {
            throw node.fails("\"expected\" has no figure: a line's id, total_unrounded or total")
        }
        var differences: [Difference] = []
        for (key, node) in figures {
            let expected = try node.millionths()
            let computed = figure(key, rating)
            if (computed?.paise).map({ $0 * 10_000 == expected }) ?? false { continue }
            // A line that did not apply agrees with a published zero.
            if computed == nil, expected == 0,
                rating.document.lines.contains(where: { $0.id == key })
            {
                continue
            }
            differences.append(
                Difference(
                    key: key,
                    expected: Rate(millionths: expected).text,
                    computed: computed
                )
            )
        }
        return differences
    }

    private static func figure(_ key: String, _ rating: Rating) -> Money? {
        switch key {
        case "total": rating.total
        case "total_unrounded": rating.totalUnrounded
        default: rating.amount(of: key)
        }
    }

    /// Whether a text matches a pattern in which `*` stands for any run and `?` for any one
    /// character.
    package static func matches(_ text: String, glob pattern: String) -> Bool {
        let text = Array(text)
        let pattern = Array(pattern)
        var (position, place) = (0, 0)
        var (star, retry) = (-1, 0)
        while position < text.count {
            if place < pattern.count, pattern[place] == "*" {
                (star, retry) = (place, position)
                place += 1
            } else if place < pattern.count,
                pattern[place] == "?" || pattern[place] == text[position]
            {
                position += 1
                place += 1
            } else if star >= 0 {
                retry += 1
                position = retry
                place = star + 1
            } else {
                return false
            }
        }
        while place < pattern.count, pattern[place] == "*" { place += 1 }
        return place == pattern.count
    }
}
