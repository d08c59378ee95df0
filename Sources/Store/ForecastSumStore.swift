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

extension TenantTransaction {
    /// Puts a part's sums by transformer in place; the key 0 stands for no transformer.
    package func keep(sums: [Int32: ForecastSum], of origin: CivilDate, part: Int32) throws {
        try connection.execute(
            """
            delete from forecast_sum
            where tenant_id = \(tenant.value) and origin = \(origin) and part = \(part)
            """
        )
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
