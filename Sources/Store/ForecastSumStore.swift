package import Forecasting
import Postgres
import Registry
package import Units

// Forecasts added up by transformer and feeder, and how they went.

/// The forecasts of a transformer's services, added up.
package struct TransformerSum: Hashable, Sendable {
    /// Nil for services that hang from none.
    package var feeder: String?
    package var transformer: String?
    package var sum: ForecastSum
}

/// Under which part the sums of a finished night stand.
private let finishedPart: Int32 = -1

extension TenantTransaction {
    /// Puts a part's sums by transformer in place; the key 0 stands for no transformer.
    package func keep(sums: [Int32: ForecastSum], of origin: CivilDate, part: Int32) throws {
        try connection.execute(
            """
            delete from forecast_sum
            where tenant_id = \(tenant.value) and origin = \(origin) and part = \(part)
            """
        )
        try insert(sums: sums, of: origin, part: part)
    }

    private func insert(sums: [Int32: ForecastSum], of origin: CivilDate, part: Int32) throws {
        let ordered = sums.sorted { $0.key < $1.key }
        guard !ordered.isEmpty else { return }
        let days = Int32(Forecasting.Limits.horizonDays)
        try connection.execute(
            """
            insert into forecast_sum (tenant_id, origin, transformer_id, part, services, means,
                spreads)
            select \(tenant.value), \(origin), f.transformer, \(part), f.services,
                (\(ordered.flatMap(\.value.means)))[f.place * \(days) + 1 : (f.place + 1) * \(days)],
                (\(ordered.flatMap(\.value.spreads)))[f.place * 4 + 1 : (f.place + 1) * 4]
            from unnest(\(ordered.indices.map { Int32(clamping: $0) }), \(ordered.map(\.key)),
                \(ordered.map { Int32(clamping: $0.value.services) }))
                as f (place, transformer, services)
            """
        )
    }

    /// Adds up the parts of a night: one row for each transformer stays.
    ///
    /// In the order of the parts, so that the same night gives the same bits however it was shared;
    /// read piece by piece, however many services are scattered over however many transformers.
    package func mergeForecastSums(of origin: CivilDate) throws {
        var (transformer, part) = (Int32.min, Int32.min)
        var waiting: [Int32: ForecastSum] = [:]
        while true {
            let rows = try connection.query(
                """
                select transformer_id, part, services, means, spreads from forecast_sum
                where tenant_id = \(tenant.value) and origin = \(origin) and part >= 0
                    and (transformer_id, part) > (\(transformer), \(part))
                order by transformer_id, part limit \(Int32(clamping: Limits.forecastSumsPerRead))
                """
            )
            for row in rows {
                let next: Int32 = try row[0]
                // The transformer before is whole once the next one is seen.
                if next != transformer, waiting.count >= Limits.forecastSumsPerWrite {
                    try insert(sums: waiting, of: origin, part: finishedPart)
                    waiting = [:]
                }
                (transformer, part) = (next, try row[1])
                let sum = ForecastSum(
                    services: Int(try row[2] as Int32),
                    means: try row[3],
                    spreads: try row[4]
                )
                if let sum { waiting[transformer, default: ForecastSum()].add(sum) }
            }
            if rows.count < Limits.forecastSumsPerRead { break }
        }
        try insert(sums: waiting, of: origin, part: finishedPart)
        try connection.execute(
            """
            delete from forecast_sum
            where tenant_id = \(tenant.value) and origin = \(origin) and part >= 0
            """
        )
    }

    /// The sums of a night by transformer, in order of feeder and transformer; of one feeder where
    /// asked.
    package func forecastSums(of origin: CivilDate, feeder: String? = nil) throws
        -> [TransformerSum]
    {
        var result: [TransformerSum] = []
        for row in try connection.query(
            """
            select f.code, t.code, s.services, s.means, s.spreads from forecast_sum s
            left join transformer t
                on t.tenant_id = s.tenant_id and t.transformer_id = s.transformer_id
            left join feeder f on f.tenant_id = t.tenant_id and f.feeder_id = t.feeder_id
            where s.tenant_id = \(tenant.value) and s.origin = \(origin)
                and (\(feeder)::text is null or f.code = \(feeder))
            order by f.code nulls last, t.code nulls last, s.part
            """
        ) {
            let feeder: String? = try row[0]
            let transformer: String? = try row[1]
            guard
                let sum = ForecastSum(
                    services: Int(try row[2] as Int32),
                    means: try row[3],
                    spreads: try row[4]
                )
            else { continue }
            if let last = result.indices.last, result[last].transformer == transformer,
                result[last].feeder == feeder
            {
                result[last].sum.add(sum)
            } else {
                result.append(
                    TransformerSum(feeder: feeder, transformer: transformer, sum: sum)
                )
            }
        }
        return result
    }

    /// How many of the services that were connected on a day hang from each feeder now, or from each
    /// transformer of one; under nil those that hang from none.
    package func servicesHanging(
        from feeder: String?,
        on day: CivilDate
    ) throws -> [String?: Int] {
        var result: [String?: Int] = [:]
        for row in try connection.query(
            """
            select case when \(feeder)::text is null then f.code else t.code end, count(*)
            from service s
            left join transformer t
                on t.tenant_id = s.tenant_id and t.transformer_id = s.transformer_id
            left join feeder f on f.tenant_id = t.tenant_id and f.feeder_id = t.feeder_id
            where s.tenant_id = \(tenant.value) and (\(feeder)::text is null or f.code = \(feeder))
                and s.connected_on <= \(day) and (s.closed_on is null or s.closed_on > \(day))
            group by 1
            """
        ) {
            result[try row[0]] = Int(try row[1] as Int64)
        }
        return result
    }

    /// Whether the office has a feeder of this code.
    package func hasFeeder(_ code: String) throws -> Bool {
        try !connection.query(
            "select from feeder where tenant_id = \(tenant.value) and code = \(code)"
        ).isEmpty
    }

    /// Keeps how forecasts went; a span is scored once.
    package func keep(_ spans: [ScoredSpan]) throws {
        guard !spans.isEmpty else { return }
        let sums = spans.map(\.score.sums)
        let length = Int32(clamping: sums[0].count)
        try connection.execute(
            """
            insert into forecast_accuracy (tenant_id, kind, first_day, last_day, sums)
            select \(tenant.value), a.kind, a.first_day, a.last_day,
                (\(sums.flatMap { $0 }))[a.place * \(length) + 1 : (a.place + 1) * \(length)]
            from unnest(\(spans.indices.map { Int32(clamping: $0) }),
                \(spans.map(\.kind.rawValue)), \(spans.map(\.first)), \(spans.map(\.last)))
                as a (place, kind, first_day, last_day)
            on conflict on constraint forecast_accuracy_pkey do nothing
            """
        )
    }

    /// How forecasts went, newest span first.
    package func scoredSpans(limit: Int) throws -> [ScoredSpan] {
        try connection.query(
            """
            select kind, first_day, last_day, sums from forecast_accuracy
            where tenant_id = \(tenant.value)
            order by last_day desc, first_day, kind limit \(Int32(clamping: limit))
            """
        ).compactMap { row in
            guard let score = ForecastScore(sums: try row[3]) else { return nil }
            return ScoredSpan(
                kind: try known(ScoredSpan.Kind.self, try row[0]),
                first: try row[1],
                last: try row[2],
                score: score
            )
        }
    }
}
