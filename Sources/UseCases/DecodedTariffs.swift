import Billing
import Registry
import Store
import Synchronization
import Tariffs

/// Tariff documents that were decoded once, for whoever prices again and again.
///
/// A published version never changes, and its digest says which it is: what is kept is right for ever
/// and for every office that published the same text. Which versions an office has is asked each time.
final class DecodedTariffs: Sendable {
    private let kept = Mutex<[[UInt8]: TariffDocument]>([:])

    /// What prices bills by the tariffs of these families, or by single documents, as they are
    /// published now.
    func forecaster(
        for names: Set<String>,
        in transaction: TenantTransaction
    ) throws -> BillForecaster {
        let versions = try transaction.tariffVersions(named: names.sorted())
        var known = kept.withLock { kept in
            versions.reduce(into: [[UInt8]: TariffDocument]()) { $0[$1.digest] = kept[$1.digest] }
        }
        let missing = versions.filter { known[$0.digest] == nil }
        if !missing.isEmpty {
            var decoded: [[UInt8]: TariffDocument] = [:]
            for tariff in try transaction.tariffs(ids: missing.map(\.id)) {
                decoded[tariff.digest] = try TariffDocument.load(Array(tariff.body.utf8))
            }
            keep(decoded)
            known.merge(decoded) { first, _ in first }
        }
        let documents = versions.compactMap { version in
            known[version.digest].map { (document: $0, digest: version.digest) }
        }
        return BillForecaster(
            shelf: try TariffShelf(
                documents: documents,
                parameters: try ParameterWindowRow.series(
                    transaction.parameterWindows(
                        utilities: Set(documents.map(\.document.utility)).sorted(),
                        families: Set(documents.map(\.document.family)).sorted()
                    )
                )
            )
        )
    }

    private func keep(_ decoded: [[UInt8]: TariffDocument]) {
        kept.withLock { kept in
            // More versions than anybody has in use: begin anew rather than keep an order.
            if kept.count + decoded.count > Limits.decodedTariffs { kept = [:] }
            kept.merge(decoded) { first, _ in first }
        }
    }
}
