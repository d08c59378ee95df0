import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// An office whose meter reported 100 Wh every quarter of an hour for four days up to yesterday,
/// but for the quarters 41 to 48 of the second day.
struct EditedDayStage {
    let office: TestOffice
    let meter: Meter
    let first: CivilDate

    var day: CivilDate { first.adding(days: 1) }
    var serial: String { meter.serial }
    var engineer: Caller {
        Caller(office: office.office.id, name: "ravi", role: .engineer)
    }

    func at(_ quarter: Int) -> Instant {
        office.office.zone.start(of: first).adding(seconds: Int64(quarter) * 900)
    }

    var useCases: UseCaseSet { office.useCases }

    func send(_ quarters: [Int], extraWattHours: Int64 = 0) async throws {
        let identity = office.identity(of: meter)
        for start in stride(from: 0, to: quarters.count, by: 50) {
            let piece = quarters[start..<min(start + 50, quarters.count)]
            _ = try await office.useCases.acceptReadings(
                MeterReport(
                    epoch: 0,
                    sequence: Int64(piece.last ?? 0),
                    oldestSequence: nil,
                    items: piece.map { quarter in
                        .success(
                            ReportedReading(
                                at: at(quarter),
                                sequence: Int64(quarter),
                                main: ChannelReading(
                                    energyWattHours: 1_000_000 + Int64(quarter) * 100
                                        + extraWattHours,
                                    powerMilliwatts: 400_000,
                                    voltageMillivolts: 230_000
                                )
                            )
                        )
                    }
                ),
                from: identity
            )
        }
    }

    func edit(
        _ change: EditDay.Change,
        reason: String = "seen on site",
        day: CivilDate? = nil,
        by caller: Caller? = nil
    ) async throws -> DayHistory {
        try await office.useCases.editDay(
            serial: serial,
            day: day ?? self.day,
            change,
            reason: reason,
            by: caller ?? engineer
        )
    }

    func undo(_ version: Int64) async throws -> DayHistory {
        try await office.useCases.editDay.undo(
            serial: serial,
            day: day,
            version: version,
            reason: "not so",
            by: engineer
        )
    }

    func history() async throws -> DayHistory {
        try await office.useCases.showDay(serial: serial, day: day, by: engineer)
    }

    /// What is kept of the day.
    func curve() async throws -> BlockCurve {
        let curves = try await office.useCases.showMeters.blocks(
            serial: serial,
            from: day,
            to: day,
            by: engineer
        )
        return try #require(curves.first)
    }

    /// Days that would come out otherwise.
    func differing() async throws -> [CivilDate] {
        try await office.useCases.rebuildDays(
            from: first.adding(days: -5),
            onlyCompares: true,
            by: engineer
        ).differing.map(\.day)
    }

    /// The quarters that the second day lacks; its blocks 40 to 48 are a gap.
    static let missing = 96 + 41...96 + 48

    static func make(
        _ name: String,
        _ body: @escaping @Sendable (EditedDayStage) async throws -> Void
    ) async throws {
        let office = try await TestOffice.make()
        let first = office.office.zone.date(of: office.clock.now).adding(days: -4)
        let (_, meter) = try await office.connect(
            name,
            on: first.description,
            openingRegisterWattHours: 1_000_000
        )
        let stage = EditedDayStage(office: office, meter: meter.meter, first: first)
        try await stage.running {
            try await stage.send((1...4 * 96).filter { !missing.contains($0) })
            try await office.useCases.rollUpDays(office: office.office)
            try await body(stage)
        }
    }

    /// While readings are taken.
    func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await office.useCases.acceptReadings.run() }
            do {
                try await body()
            } catch {
                await office.useCases.acceptReadings.close()
                throw error
            }
            await office.useCases.acceptReadings.close()
            try await group.waitForAll()
        }
    }
}
