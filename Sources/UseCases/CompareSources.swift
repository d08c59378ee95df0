package import Metering
package import Registry
package import Store
import Units

/// Shows the registers of a service that people read beside what its meter reported itself.
package struct CompareSources: Sendable {
    /// A row: what the assessor, the consumer and the meter say of about the same time.
    package struct Row: Sendable {
        package var comparison: SourceComparison
        package var assessor: ManualReading?
        package var consumer: ManualReading?
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// The newest readings of a service, newest first; a consumer sees those of their own time.
    package func callAsFunction(serviceNumber: String, by caller: Caller) async throws -> [Row] {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let service = try transaction.visibleService(serviceNumber, caller)
            let since = caller.role == .consumer ? try transaction.ownSince(service) : nil
            let entries = try transaction.manualReadings(
                ManualReadingFilter(service: service.id, since: since),
                before: nil,
                limit: Limits.comparedReadings
            )
            return try transaction.compare(entries, of: service)
        }
    }
}

extension TenantTransaction {
    fileprivate func compare(
        _ entries: [ManualReading],
        of service: Service
    ) throws -> [CompareSources.Row] {
        let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id.value, $0) })
        let (validation, _) = ValidationRules.reading(try office().metering.validationRules)
        let interval = Int64(try office().metering.readingIntervalSeconds)
        var rows: [CompareSources.Row] = []
        for installed in try installations(of: service.id) {
            let own = entries.filter {
                $0.meter == installed.meter.id && $0.register != nil && $0.state != .rejected
            }
            let comparisons = SourceComparison.rows(
                assessor: try own.filter { $0.source == .assessor }.map(compared),
                consumer: try own.filter { $0.source == .consumer }.map(compared),
                rules: validation.registerRules(
                    meter: installed.meter,
                    sanctionedLoadWatts: service.sanctionedLoadWatts,
                    intervalSeconds: interval
                )
            )
            rows += comparisons.map { comparison in
                CompareSources.Row(
                    comparison: comparison,
                    assessor: comparison.assessor.flatMap { byID[$0.id] },
                    consumer: comparison.consumer.flatMap { byID[$0.id] }
                )
            }
        }
        return rows.sorted { $0.comparison.at > $1.comparison.at }
    }

    private func compared(_ entry: ManualReading) throws -> ComparedRegister {
        let reports = try reports(
            of: entry.meter,
            around: entry.at,
            within: Metering.Limits.reportingSilenceSeconds
        )
        return ComparedRegister(
            id: entry.id.value,
            reading: RegisterReading(at: entry.at, register: entry.register ?? .zero),
            reported: ReportedRegister(
                at: entry.at,
                before: reports.before,
                after: reports.after
            )
        )
    }
}
