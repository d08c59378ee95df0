import Units

/// How the sum of the lines becomes the total to pay.
struct TotalRounding: Sendable {
    var stepPaise: Int64 = 1
    var mode = RoundingMode.halfUp
    /// Whether what the last bill's rounding cut or added is settled with this one.
    var carries = false
}

/// The document's `rounding`: the rule of every line and the rule of the total.
struct RoundingRules {
    private(set) var line = LineRounding(stepPaise: 1, mode: .halfUp)
    private(set) var total = TotalRounding()

    init() {}

    init(_ node: JSONNode?) throws(TariffDocumentError) {
        guard let node else { return }
        let fields = try node.object(["line", "line_mode", "total", "total_mode", "carry"])
        line = LineRounding(
            stepPaise: try fields.attempt(try fields.optional("line").map(RoundingRules.step)) ?? 1,
            mode: try fields.word("line_mode", RoundingMode.self) ?? .halfUp
        )
        total.stepPaise =
            try fields.attempt(try fields.optional("total").map(RoundingRules.step)) ?? 1
        total.mode = try fields.word("total_mode", RoundingMode.self) ?? .halfUp
        total.carries = try fields.boolean("carry")
    }

    /// A step such as `"0.01"`, `"1"` or `"10"` rupees, in paise.
    static func step(_ node: JSONNode) throws(TariffDocumentError) -> Int64 {
        let step = try node.decimal(places: 2, signed: false)
        guard step > 0, step <= 100_000 else {
            throw node.fails("a step from \"0.01\" to \"1000\" rupees is expected")
        }
        return step
    }
}
