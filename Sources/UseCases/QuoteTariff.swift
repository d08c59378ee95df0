import Billing
import Registry
package import Store
package import Tariffs
import Units

/// Prices a consumption by a published tariff, without a bill.
package struct QuoteTariff: Sendable {
    let store: Store

    package init(store: Store) { self.store = store }

    /// Prices by one published document.
    package func callAsFunction(
        document id: String,
        inputs: RatingInputs,
        by caller: Caller
    ) async throws -> Rating {
        let tariff = try await PublishTariff(store: store).show(id: id, by: caller)
        let document = try TariffDocument.load(Array(tariff.body.utf8))
        if let refusal = document.notInForce(for: inputs) {
            throw InvalidInput("from", "out_of_range", refusal.description)
        }
        let asBilled = try await counted(inputs, by: caller)
        do throws(RatingError) {
            return try rate(document, asBilled)
        } catch {
            throw InvalidInput("inputs", "invalid", error.description)
        }
    }

    /// Days that are a whole cycle of the office or of one of its groups count as its months, as on a
    /// bill.
    private func counted(_ inputs: RatingInputs, by caller: Caller) async throws -> RatingInputs {
        guard let period = inputs.period else { return inputs }
        let cycles = try await store.withTenant(caller.office, readOnly: true) {
            try [$0.office().cycle] + $0.billingGroups().map(\.cycle)
        }
        let cycle = cycles.first { $0.period(named: $0.name(containing: period.last)) == period }
        return cycle.map { inputs.asBilled(cycleMonths: $0.months) } ?? inputs
    }
}
