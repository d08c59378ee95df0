/// Names and labels as the Prometheus text format wants them.
enum MetricName {
    /// Letters, digits, `_` and `:`, not beginning with a digit; anything else becomes `_`.
    static func sanitised(_ text: String, isLabel: Bool = false) -> String {
        var name = ""
        for scalar in text.unicodeScalars.prefix(Limits.nameCharacters) {
            let isLetter =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
            let isDigit = ("0"..."9").contains(scalar)
            if isDigit, name.isEmpty { name = "_" }
            let fits = isLetter || isDigit || (scalar == ":" && !isLabel)
            name.unicodeScalars.append(fits ? scalar : "_")
        }
        return name.isEmpty ? "_" : name
    }

    /// The name with its unit or kind at the end, as the format's users expect it.
    static func sanitised(_ text: String, ending: String) -> String {
        let name = sanitised(text)
        return name.hasSuffix(ending) ? name : name + ending
    }
}

/// The labels of one series, in a fixed order, each name once.
struct LabelSet: Hashable, Sendable, Comparable {
    /// Between the braces: `route="/v1/meters",status="200"`; empty without labels.
    let text: String

    init(_ dimensions: [(String, String)]) {
        var pairs: [(name: String, value: String)] = []
        for (name, value) in dimensions {
            let name = MetricName.sanitised(name, isLabel: true)
            guard !pairs.contains(where: { $0.name == name }) else { continue }
            pairs.append((name, value))
        }
        text = pairs.sorted { $0.name < $1.name }
            .map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    /// What stands for all label sets above the limit.
    static func overflow(of dimensions: [(String, String)]) -> LabelSet {
        LabelSet(dimensions.map { ($0.0, "overflow") })
    }

    /// In braces, with one more label where a histogram needs it.
    func braced(adding label: String = "") -> String {
        if text.isEmpty, label.isEmpty { return "" }
        let separator = text.isEmpty || label.isEmpty ? "" : ","
        return "{\(text)\(separator)\(label)}"
    }

    static func < (left: LabelSet, right: LabelSet) -> Bool { left.text < right.text }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.prefix(Limits.labelCharacters) {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n", "\r", "\r\n": text += "\\n"
            default: text.append(character)
            }
        }
        return text
    }
}

extension Double {
    /// As the text format writes numbers: whole ones without a fraction.
    var metricText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: self).map { String($0) } ?? description
    }
}
