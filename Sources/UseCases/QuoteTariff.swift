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
        do throws(RatingError) {
            return try rate(document, inputs)
        } catch {
            throw InvalidInput("inputs", "invalid", error.description)
        }
    }
}
