package import Units

/// The shape that a chosen method gives consecutive blocks of a day: weights by block, or nil where
/// the method has nothing to say.
///
/// Where registers tell what the blocks used together only the proportions matter; where none do for
/// any of them, the weights are watt-hours.
///
/// `days`: consecutive, the day and those beside it; `method`: nil takes the best that has something
/// to say, in the order of `EstimationMethod`.
package func shape(
    of slots: ClosedRange<Int>,
    on day: CivilDate,
    among days: [BlockDay],
    by method: EstimationMethod?,
    from sources: EstimationSources,
    rules: EstimationRules = EstimationRules()
) -> (method: EstimationMethod, weights: [Int: Int64])? {
    guard let index = days.firstIndex(where: { $0.day == day }),
        slots.lowerBound >= 0, slots.upperBound < days[index].energies.count
    else { return nil }
    let first = index * days[index].energies.count + slots.lowerBound
    let isOpen = days[index].qualities[slots].contains { $0.contains(.missing) }
    let gap = EstimationGap(places: first..<first + slots.count, isOpen: isOpen)
    let estimator = Estimator(days: days, sources: sources, rules: rules)
    for method in method.map({ [$0] }) ?? EstimationMethod.allCases {
        guard let shape = estimator.shape(of: gap, by: method),
            isOpen || shape.weights.contains(where: { $0 > 0 })
        else { continue }
        let weights =
            isOpen ? shape.weights.map { ($0 + shape.unit / 2) / shape.unit } : shape.weights
        return (method, Dictionary(uniqueKeysWithValues: zip(slots, weights)))
    }
    return nil
}

/// The methods that have something to say of a block of a day, or of several, best first: what a person
/// may choose from.
///
/// `days`, `sources`: as for `shape`.
package func methods(
    on day: CivilDate,
    among days: [BlockDay],
    from sources: EstimationSources
) -> [EstimationMethod] {
    let blocks = days.first { $0.day == day }?.energies.indices ?? 0..<0
    return EstimationMethod.chosen.filter { method in
        blocks.contains { block in
            shape(of: block...block, on: day, among: days, by: method, from: sources) != nil
        }
    }
}

extension EstimationMethod {
    /// Those that a person may name; the sender's own estimates come with its readings.
    package static let chosen = allCases.filter { $0 != .sender }
}

extension Estimator {
    /// What one method says of a gap; the sender of readings says nothing here.
    fileprivate func shape(
        of gap: EstimationGap,
        by method: EstimationMethod
    ) -> EstimationShape? {
        switch method {
        case .neighbours: neighbours(gap)
        case .likeDays: likeDays(gap)
        case .lastYear: lastYear(gap)
        case .peers: peers(gap)
        case .flat where !gap.isOpen:
            EstimationShape(
                method: .flat,
                weights: [Int64](repeating: 1, count: gap.places.count),
                unit: 1
            )
        case .flat, .sender: nil
        }
    }
}
