package import Forecasting
import Postgres
package import Registry
package import Units

// The nights of an office: which there were, their parts, and what the fleet has taught.

/// A night of forecasts of an office.
package struct ForecastRun: Hashable, Sendable {
    /// The last day that was known.
    package var origin: CivilDate
    /// The night before; nil on the first.
    package var previous: CivilDate?
    /// The night of whose fleet the forecasts were made.
    package var stateOrigin: CivilDate
    package var startedAt: Instant
    package var finishedAt: Instant?
    package var services: Int
    package var forecasts: Int

    /// A night that begins.
    package init(
        origin: CivilDate,
        previous: CivilDate?,
        stateOrigin: CivilDate,
        startedAt: Instant
    ) {
        self.origin = origin
        self.previous = previous
        self.stateOrigin = stateOrigin
        self.startedAt = startedAt
        services = 0
        forecasts = 0
    }
}

/// Services of a night that are worked on together.
package struct ForecastPart: Hashable, Sendable {
    package var number: Int32
    package var services: ClosedRange<Int32>
}

extension TenantTransaction {
    /// One process at a time opens or finishes a night of the office.
    package func lockForecasts() throws {
        try connection.execute(
            "select pg_advisory_xact_lock(\(forecastLock), \(tenant.value))"
        )
    }

    /// A night by its origin.
    package func forecastRun(_ origin: CivilDate) throws -> ForecastRun? {
        try connection.query(
            "\(fragment: selectRun) where tenant_id = \(tenant.value) and origin = \(origin)"
        ).first.map(ForecastRun.init(row:))
    }

    /// The last night; of those that are finished where asked.
    package func lastForecastRun(finished: Bool) throws -> ForecastRun? {
        try connection.query(
            """
            \(fragment: selectRun)
            where tenant_id = \(tenant.value) and (not \(finished) or finished_at is not null)
            order by origin desc limit 1
            """
        ).first.map(ForecastRun.init(row:))
    }

    /// The first night of which there is a forecast.
    package func firstForecastOrigin() throws -> CivilDate? {
        try connection.query(
            "select min(origin) from forecast_run where tenant_id = \(tenant.value)"
        ).first?[0]
    }

    /// The nights of these origins.
    package func forecastRuns(_ origins: [CivilDate]) throws -> [ForecastRun] {
        try connection.query(
            """
            \(fragment: selectRun)
            where tenant_id = \(tenant.value) and origin = any(\(origins)) order by origin
            """
        ).map(ForecastRun.init(row:))
    }

    /// The settings that a night began with, as JSON; nil where none were kept.
    package func forecastSettings(of origin: CivilDate) throws -> String? {
        try connection.query(
            """
            select settings from forecast_run
            where tenant_id = \(tenant.value) and origin = \(origin)
            """
        ).first?[0]
    }

    /// Begins a night: its services in parts, in order of their keys.
    ///
    /// What is left of an earlier night that was never finished is given up. `settings`: what holds
    /// for the whole night, as JSON.
    package func open(_ run: ForecastRun, settings: String, servicesPerPart: Int) throws {
        try connection.execute(
            """
            delete from forecast_part where tenant_id = \(tenant.value) and origin < \(run.origin)
            """
        )
        try connection.execute(
            """
            insert into forecast_run (tenant_id, origin, previous_origin, state_origin, started_at,
                settings, services)
            select \(tenant.value), \(run.origin), \(run.previous), \(run.stateOrigin),
                \(run.startedAt), \(settings), count(*)::int4
            from service where tenant_id = \(tenant.value)
            """
        )
        try connection.execute(
            """
            insert into forecast_part (tenant_id, origin, part, first_service, last_service)
            select \(tenant.value), \(run.origin), part, min(service_id), max(service_id)
            from (select service_id, ((row_number() over (order by service_id) - 1)
                    / \(Int64(servicesPerPart)))::int4 as part
                from service where tenant_id = \(tenant.value)) s
            group by part
            """
        )
    }

    /// Claims the next part of a night that nobody has done or works on; it is free again when this
    /// transaction ends without having finished it.
    package func claimForecastPart(of origin: CivilDate) throws -> ForecastPart? {
        try connection.query(
            """
            select part, first_service, last_service from forecast_part
            where tenant_id = \(tenant.value) and origin = \(origin) and done_at is null
            order by part limit 1 for update skip locked
            """
        ).first.map(ForecastPart.init(row:))
    }

    /// Some parts of a night, spread evenly over it.
    package func forecastPartSample(of origin: CivilDate, count: Int) throws -> [ForecastPart] {
        try connection.query(
            """
            select part, first_service, last_service from (
                select *, count(*) over () as parts from forecast_part
                where tenant_id = \(tenant.value) and origin = \(origin)) p
            where (part * \(Int64(count))) % parts < \(Int64(count)) order by part
            """
        ).map(ForecastPart.init(row:))
    }

    /// How many parts of a night are not done, those under way elsewhere included.
    package func forecastPartsLeft(of origin: CivilDate) throws -> (left: Int, all: Int) {
        let rows = try connection.query(
            """
            select count(*) filter (where done_at is null), count(*) from forecast_part
            where tenant_id = \(tenant.value) and origin = \(origin)
            """
        )
        let row = try firstRow(rows, "parts")
        return (Int(try row[0] as Int64), Int(try row[1] as Int64))
    }

    /// A part is done; `result`: what it said, as JSON.
    package func finish(
        _ part: ForecastPart,
        of origin: CivilDate,
        result: String,
        at: Instant
    ) throws {
        try connection.execute(
            """
            update forecast_part set done_at = \(at), result = \(result)
            where tenant_id = \(tenant.value) and origin = \(origin) and part = \(part.number)
            """
        )
    }

    /// Results of a night's parts in their order, after the given one.
    package func forecastResults(of origin: CivilDate, after part: Int32, limit: Int) throws
        -> [(part: Int32, result: String)]
    {
        try connection.query(
            """
            select part, result from forecast_part
            where tenant_id = \(tenant.value) and origin = \(origin) and part > \(part)
                and result is not null
            order by part limit \(Int32(clamping: limit))
            """
        ).map { (part: try $0[0], result: try $0[1]) }
    }

    /// Closes a night; its parts are not needed any more.
    package func finishForecastRun(_ origin: CivilDate, forecasts: Int, at: Instant) throws {
        try connection.execute(
            """
            update forecast_run set finished_at = \(at), forecasts = \(Int32(clamping: forecasts))
            where tenant_id = \(tenant.value) and origin = \(origin)
            """
        )
        try connection.execute(
            "delete from forecast_part where tenant_id = \(tenant.value) and origin = \(origin)"
        )
    }

    // MARK: What the fleet has taught

    /// The families of which most services are, at most `limit` of them.
    package func forecastFamilies(limit: Int) throws -> [String] {
        try connection.query(
            """
            select tariff_family from service where tenant_id = \(tenant.value)
            group by 1 order by count(*) desc, 1 limit \(Int32(clamping: limit))
            """
        ).map { try $0[0] }
    }

    /// States of the fleet after a night, as JSON, by tariff family; of these families alone where
    /// they are named.
    package func fleetStates(
        of origin: CivilDate,
        families: [String]? = nil
    ) throws -> [String: String] {
        var result: [String: String] = [:]
        let rows =
            if let families {
                try connection.query(
                    """
                    select tariff_family, state from forecast_fleet
                    where tenant_id = \(tenant.value) and tariff_family = any(\(families))
                        and origin = \(origin)
                    """
                )
            } else {
                try connection.query(
                    """
                    select tariff_family, state from forecast_fleet
                    where tenant_id = \(tenant.value) and origin = \(origin)
                    """
                )
            }
        for row in rows {
            result[try row[0]] = try row[1]
        }
        return result
    }

    /// Keeps the states after a night.
    package func keep(fleetStates states: [String: String], of origin: CivilDate) throws {
        let families = states.keys.sorted()
        try connection.execute(
            """
            insert into forecast_fleet (tenant_id, tariff_family, origin, state)
            select \(tenant.value), f.family, \(origin), f.state
            from unnest(\(families), \(families.map { states[$0] ?? "" })) as f (family, state)
            on conflict on constraint forecast_fleet_pkey do update set state = excluded.state
            """
        )
    }

    /// Counts of past errors, as JSON, by tariff family.
    package func scoreBooks() throws -> [String: String] {
        var result: [String: String] = [:]
        for row in try connection.query(
            "select tariff_family, book from forecast_score where tenant_id = \(tenant.value)"
        ) {
            result[try row[0]] = try row[1]
        }
        return result
    }

    /// Keeps the counts.
    package func keep(scoreBooks books: [String: String]) throws {
        let families = books.keys.sorted()
        try connection.execute(
            """
            insert into forecast_score (tenant_id, tariff_family, book)
            select \(tenant.value), f.family, f.book
            from unnest(\(families), \(families.map { books[$0] ?? "" })) as f (family, book)
            on conflict on constraint forecast_score_pkey do update set book = excluded.book
            """
        )
    }

    /// Forgets sums before `recent`, and states that no forecast that is kept was made with.
    ///
    /// `kept`: older origins of which forecasts are kept.
    package func forgetFleet(before recent: CivilDate, kept: [CivilDate]) throws {
        try connection.execute(
            "delete from forecast_sum where tenant_id = \(tenant.value) and origin < \(recent)"
        )
        try connection.execute(
            """
            delete from forecast_fleet where tenant_id = \(tenant.value) and origin < \(recent)
                and origin not in (select state_origin from forecast_run
                    where tenant_id = \(tenant.value)
                        and (origin >= \(recent) or origin = any(\(kept))))
            """
        )
    }
}

private let forecastLock: Int32 = 0x666F_7265

private let selectRun: SQL = """
    select origin, previous_origin, state_origin, started_at, finished_at, services, forecasts
    from forecast_run
    """

extension ForecastPart {
    init(row: Row) throws {
        let (first, last): (Int32, Int32) = (try row[1], try row[2])
        self.init(number: try row[0], services: first...max(first, last))
    }
}

extension ForecastRun {
    init(row: Row) throws {
        self.init(
            origin: try row[0],
            previous: try row[1],
            stateOrigin: try row[2],
            startedAt: try row[3]
        )
        finishedAt = try row[4]
        services = Int(try row[5] as Int32)
        forecasts = Int(try row[6] as Int32)
    }
}
