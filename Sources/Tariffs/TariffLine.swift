package import Units

/// One line of a tariff document, compiled: integers and indices, nothing to parse while rating.
package final class TariffLine: Sendable {
    package let id: String
    /// What a bill prints; from the document or made from the id.
    package let label: String
    let form: LineForm
    /// Applies only when a service asks for it by id (or gives its parameter).
    package let isOptional: Bool
    /// Applies only to a consumer who opted in.
    package let needsOptIn: Bool
    let validFrom: CivilDate?
    let validTo: CivilDate?
    let season: Season?
    /// Whether it holds on some days only.
    let isDated: Bool
    let conditions: [Condition]
    package let rounding: LineRounding
    /// The named parameters this line reads.
    package let parameterNames: [String]
    /// The same by their position in the document's `parameterNames`.
    let parameters: [Int]

    init(
        id: String,
        label: String?,
        form: LineForm,
        common: LineCommon,
        rounding: LineRounding,
        parameters: [Int],
        named names: [String]
    ) {
        self.id = id
        self.label = label ?? TariffLine.label(of: id)
        self.form = form
        isOptional = common.isOptional
        needsOptIn = common.needsOptIn
        validFrom = common.validFrom
        validTo = common.validTo
        season = common.season
        isDated = common.validFrom != nil || common.validTo != nil || common.season != nil
        conditions = common.conditions
        self.rounding = rounding
        self.parameters = parameters
        parameterNames = parameters.map { names[$0] }
    }

    /// Slabs or charges that a bill of one part may have of this line.
    var likelySlabs: Int {
        switch form {
        case .blocks(let line): line.tables.map(\.blocks.count).max() ?? 1
        case .band(let line): line.isMarginal ? line.bands.count : 1
        case .like, .freeUnits: 6
        case .demand(let line): 1 + line.excess.count
        case .timeOfDay: 2
        case .perUnit, .minimum, .cases: 1
        case .percent, .windows, .powerFactor: 0
        }
    }

    /// Percentages that a bill of one part may have of this line, over lines before it.
    func likelyPieces(after lines: [TariffLine]) -> Int {
        switch form {
        case .windows(let line): line.splitsUnits ? max(1, lines[line.line].likelySlabs) : 2
        case .percent, .cases, .powerFactor: 1
        case .timeOfDay(let line): line.slots.count
        case .blocks, .like, .band, .perUnit, .freeUnits, .demand, .minimum: 0
        }
    }

    private static func label(of id: String) -> String {
        let words = id.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

/// How the exact amount of a line becomes money: whole steps of so many paise, by one mode.
package struct LineRounding: Sendable, Hashable {
    package let stepPaise: Int64
    package let mode: RoundingMode
}

/// What every kind of line may state.
struct LineCommon {
    var isOptional = false
    var needsOptIn = false
    var validFrom: CivilDate?
    var validTo: CivilDate?
    var season: Season?
    var conditions: [Condition] = []
}
