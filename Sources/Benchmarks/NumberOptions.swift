/// Whole numbers named on the command line, each within its bounds, and whether figures are wanted as
/// JSON.
struct NumberOptions: Sendable {
    /// What an option is when it is not given, and what may be asked for.
    struct Known: Sendable {
        let standard: Int
        let range: ClosedRange<Int>

        init(_ standard: Int, _ range: ClosedRange<Int>) {
            self.standard = standard
            self.range = range
        }
    }

    private var values: [String: Int]
    private(set) var isJSON = false

    /// Nil when help was asked for.
    init?(
        _ arguments: ArraySlice<String>,
        _ known: KeyValuePairs<String, Known>
    ) throws(BenchmarkError) {
        values = [:]
        for (name, option) in known { values[name] = option.standard }
        var rest = arguments
        while let word = rest.popFirst() {
            if word == "--help" || word == "-h" { return nil }
            if word == "--json" {
                isJSON = true
                continue
            }
            guard let (name, option) = known.first(where: { "--\($0.key)" == word }) else {
                throw BenchmarkError("there is no option '\(word)'")
            }
            guard let text = rest.popFirst(), let value = Int(text), option.range.contains(value)
            else {
                throw BenchmarkError(
                    "\(word) is \(option.range.lowerBound) to \(option.range.upperBound)"
                )
            }
            values[name] = value
        }
    }

    subscript(_ name: String) -> Int { values[name] ?? 0 }
}
