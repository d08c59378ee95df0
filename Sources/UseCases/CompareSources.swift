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
        let metering = try office().metering
        let (validation, _) = ValidationRules.reading(metering.validationRules)
        let compared = try compared(
            entries.filter { $0.register != nil && $0.state != .rejected }
        )
        var rows: [CompareSources.Row] = []
        for installed in try installations(of: service.id) {
            let own = compared.filter { byID[$0.id]?.meter == installed.meter.id }
            let comparisons = SourceComparison.rows(
                assessor: own.filter { byID[$0.id]?.source == .assessor },
                consumer: own.filter { byID[$0.id]?.source == .consumer },
                rules: validation.registerRules(
                    meter: installed.meter,
                    sanctionedLoadWatts: service.sanctionedLoadWatts,
                    intervalSeconds: Int64(metering.readingIntervalSeconds)
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

    /// Each beside what its meter reported, asked for together.
    private func compared(_ entries: [ManualReading]) throws -> [ComparedRegister] {
        let reports = try reports(
            around: entries.map { ($0.meter, $0.at) },
            within: Metering.Limits.reportingSilenceSeconds
        )
        return zip(entries, reports).map { entry, report in
            ComparedRegister(
                id: entry.id.value,
                reading: RegisterReading(at: entry.at, register: entry.register ?? .zero),
                reported: ReportedRegister(
                    at: entry.at,
                    before: report.before,
                    after: report.after
                )
            )
        }
    }
}
