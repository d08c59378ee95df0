import Metering
import Postgres
import Synchronization
import Units

/// The limit: what PostgreSQL itself does with the same rows on this machine.
///
/// One statement of a thousand rows from binary arrays, `on conflict do nothing returning`, into a
/// twin of the partitioned table: same columns, same key, filled to the same degree, without
/// row-level security and without anything of the program around it.
struct InsertLimit: Sendable {
    let office: BenchmarkOffice
    let source: ReadingSource
    let processes: MeasuredProcesses
    /// Batches handed out until now: a writer takes the next one.
    private let batches = BatchNumber()

    private final class BatchNumber: Sendable {
        private let value = Atomic<Int64>(0)

        func next() -> Int64 { value.wrappingAdd(1, ordering: .relaxed).oldValue }
    }

    /// Inserts for so many seconds with as many writers as the platform's notes recommend.
    func measure(seconds: Int) async throws -> Measurement {
        let counter = RowCounter()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Limits.insertWriters {
                group.addTask { try await write(counter) }
            }
            try await Task.sleep(for: .seconds(Limits.warmUpSeconds))
            let before = processes.now()
            let start = Stopwatch.seconds
            counter.restart()
            try await Task.sleep(for: .seconds(seconds))
            let rows = counter.count
            let duration = Stopwatch.seconds - start
            let used = processes.now() - before
            counter.stop()
            try await group.waitForAll()
            return Measurement(
                readings: rows,
                seconds: duration,
                used: used,
                latenciesSeconds: counter.latencies,
                repeated: 0
            )
        }
    }

    private func write(_ counter: RowCounter) async throws {
        while !counter.isStopped {
            let statement = insertion(batch: batches.next())
            let sentAt = Stopwatch.seconds
            let stored = try await office.pool.withConnection { connection in
                try connection.query(statement).count
            }
            guard stored == Limits.insertRows else {
                throw BenchmarkError("the twin had some of these rows already")
            }
            counter.add(stored, seconds: Stopwatch.seconds - sentAt)
        }
    }

    /// A thousand rows in the order in which a fleet sends them: every meter's reading of one
    /// instant, then the next instant.
    private func insertion(batch: Int64) -> SQL {
        let first = batch * Int64(Limits.insertRows)
        let count = Int64(office.meters.count)
        let rows = (first..<first + Int64(Limits.insertRows)).map { place in
            (meter: office.meters[Int(place % count)].id, number: place / count + 1)
        }
        let main = Columns(rows.map { source.main($0.meter, $0.number) })
        let dev1 = Columns(rows.map { source.dev1($0.meter, $0.number) })
        let dev2 = Columns(rows.map { source.dev2($0.meter, $0.number) })
        let meters = rows.map(\.meter)
        let instants = rows.map { source.at($0.number) }
        let sequences = rows.map { Int32(clamping: $0.number) }
        let zeros = [Int16](repeating: 0, count: rows.count)
        return """
            insert into reading_twin (at, main_energy_wh, dev1_energy_wh, dev2_energy_wh,
                tenant_id, meter_id, sequence, main_power_mw, main_voltage_mv, main_current_ma,
                dev1_power_mw, dev1_voltage_mv, dev1_current_ma, dev2_power_mw,
                dev2_voltage_mv, dev2_current_ma, main_power_factor_permille,
                dev1_power_factor_permille, dev2_power_factor_permille, epoch, flags)
            select b.at, b.e0, b.e1, b.e2, \(office.tenant), b.meter, b.sequence, b.p0, b.v0,
                b.c0, b.p1, b.v1, b.c1, b.p2, b.v2, b.c2, b.f0, b.f1, b.f2, b.zero, b.zero
            from unnest(\(instants), \(main.energies), \(dev1.energies), \(dev2.energies),
                \(meters), \(sequences), \(main.powers), \(main.voltages), \(main.currents),
                \(dev1.powers), \(dev1.voltages), \(dev1.currents), \(dev2.powers),
                \(dev2.voltages), \(dev2.currents), \(main.factors), \(dev1.factors),
                \(dev2.factors), \(zeros))
                as b (at, e0, e1, e2, meter, sequence, p0, v0, c0, p1, v1, c1, p2, v2, c2, f0,
                    f1, f2, zero)
            on conflict do nothing
            returning meter_id, at
            """
    }

    /// One channel's columns, as arrays to bind.
    private struct Columns {
        let energies: [Int64]
        let powers: [Int32]
        let voltages: [Int32]
        let currents: [Int32]
        let factors: [Int16]

        init(_ readings: [ChannelReading]) {
            energies = readings.map(\.energyWattHours)
            powers = readings.map(\.powerMilliwatts)
            voltages = readings.map(\.voltageMillivolts)
            currents = readings.map(\.currentMilliamps)
            factors = readings.map(\.powerFactorPermille)
        }
    }
}

/// What the writers have done since the measurement began.
private final class RowCounter: Sendable {
    private struct State {
        var rows: Int64 = 0
        var latenciesSeconds: [Float] = []
    }

    private let state = Mutex(State())
    private let stopped = Atomic<Bool>(false)

    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    var count: Int64 { state.withLock { $0.rows } }
    var latencies: [Float] { state.withLock { $0.latenciesSeconds } }

    func restart() { state.withLock { $0 = State() } }

    func stop() { stopped.store(true, ordering: .relaxed) }

    func add(_ rows: Int, seconds: Double) {
        state.withLock { state in
            state.rows += Int64(rows)
            state.latenciesSeconds.append(Float(seconds))
        }
    }
}
