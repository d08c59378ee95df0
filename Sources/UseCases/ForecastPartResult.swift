import Forecasting
import FoundationEssentials
import Store
import Units

/// What the services of a part of a night said together, and how older forecasts of them went.
struct ForecastPartResult: Codable, Sendable {
    /// Services of one tariff family: peers of each other.
    struct Family: Codable, Sendable {
        var summary: FleetSummary
        var scores: ScoreBook
    }

    /// A month or a cycle that was scored.
    struct Span: Codable, Sendable {
        var kind: ScoredSpan.Kind
        var first: CivilDate
        var last: CivilDate
        var sums: [Double]
    }

    var forecasts = 0
    var families: [String: Family] = [:]
    var spans: [Span] = []

    /// Adds another part of the same night.
    mutating func merge(_ other: ForecastPartResult) {
        forecasts += other.forecasts
        for (name, family) in other.families {
            guard families[name] != nil else {
                families[name] = family
                continue
            }
            families[name]?.summary.merge(family.summary)
            families[name]?.scores.merge(family.scores)
        }
        for span in other.spans {
            let place = spans.firstIndex {
                $0.kind == span.kind && $0.first == span.first && $0.last == span.last
            }
            guard let place, var sum = ForecastScore(sums: spans[place].sums),
                let more = ForecastScore(sums: span.sums)
            else {
                spans.append(span)
                continue
            }
            sum.add(more)
            spans[place].sums = sum.sums
        }
    }

    /// As it is kept until the night is finished.
    func text() throws -> String { try jsonText(self) }

    init() {}

    init(text: String) throws { self = try jsonValue(text) }
}

/// A value as JSON, members in order.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// A value from its JSON.
func jsonValue<Value: Decodable>(_ text: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
}
