import Tariffs
package import Units

extension BillForecaster {
    /// What the whole period may cost by possible totals of its units, equally likely, at least one.
    package func bill(
        _ input: ServiceToBill,
        totals: [Energy]
    ) throws(ForecastRefusal) -> Spread<Money> {
        precondition(!totals.isEmpty, "At least one outcome.")
        return Spread(sorted: try bills(input, of: totals).sorted())
    }

    /// What the whole period costs with each of these energies used.
    package func bills(
        _ input: ServiceToBill,
        of energies: [Energy]
    ) throws(ForecastRefusal) -> [Money] {
        let rating = try comingRating(input, tariff: nil).rating
        var bills: [Money] = []
        bills.reserveCapacity(energies.count)
        for energy in energies { bills.append(try rated(rating, energy).total) }
        return bills
    }
}
