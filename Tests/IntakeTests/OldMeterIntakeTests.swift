import Metering
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Old meters over a real broker: a listener each, with a mount point.
///
/// One at a time: each has a broker of its own, but the tests share a database, and a server sends what
/// waits in all of it.
@Suite(
    .serialized,
    .enabled(
        if: TestCluster.isAvailable && PrivateBroker.isInstalled,
        "PostgreSQL or Mosquitto is not installed"
    )
)
struct OldMeterIntakeTests {
    /// Sends a message so many seconds later, and again until a server has taken it: this firmware
    /// knows no acknowledgement, and a server may just be starting.
    private func send(
        _ text: String,
        after milliseconds: Int64,
        _ meter: SimulatedOldMeter,
        _ town: OldMeterTown,
        number: Int = 0
    ) async throws {
        let clock = town.office.clock
        clock.now = Instant(
            microsecondsSince1970: clock.now.microsecondsSince1970 + milliseconds * 1_000
        )
        let now = clock.now
        while true {
            try await meter.publish(text)
            for _ in 0..<50 {
                if try await town.state(of: town.meters[number]).lastAt == now { return }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private func send(
        _ count: Int,
        of text: String,
        every milliseconds: Int64,
        _ meter: SimulatedOldMeter,
        _ town: OldMeterTown
    ) async throws {
        for _ in 0..<count { try await send(text, after: milliseconds, meter, town) }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a day of such a meter is metered, tripped once above 300 V, and again after a reset`()
        async throws
    {
        try await OldMeterTown.run(meters: 1) { town in
            let ordinary = SimulatedOldMeter.message(volts: "231.20")
            let off = "{\"message\":\"mainoff\"}"
            try await SimulatedOldMeter(town.meters[0]).run { meter in
                try await town.withServer("first") { useCases in
                    try await meterBadValues(meter, town, useCases)
                }
                // The server is away for eleven seconds; the meter does not notice.
                try await town.withServer("second") { _ in
                    try await send(ordinary, after: 11_000, meter, town)
                    try await send(5, of: ordinary, every: 13_000, meter, town)
                    // 180 seconds at 1200 VA, through two servers.
                    #expect(try await town.state(of: town.meters[0]).main.wattHours == 60)

                    let high = SimulatedOldMeter.message(volts: "301.00")
                    try await send(12, of: high, every: 5_000, meter, town)
                    try await eventually { !meter.heard.isEmpty }
                    #expect(meter.heard == [off])
                    let gone = SimulatedOldMeter.message(
                        volts: "0.00",
                        amperes: "0.00",
                        watts: "0.00"
                    )
                    try await send(2, of: gone, every: 5_000, meter, town)
                    #expect(try await town.events() == [.overVoltage])
                }
            }
            try await resetAfterTrip(town, ordinary, off)
        }
    }

    /// 104 seconds with everything that such a meter prints.
    private func meterBadValues(
        _ meter: SimulatedOldMeter,
        _ town: OldMeterTown,
        _ useCases: UseCaseSet
    ) async throws {
        let ordinary = SimulatedOldMeter.message(volts: "231.20")
        try await send(ordinary, after: 0, meter, town)
        try await send(10, of: ordinary, every: 1_600, meter, town)
        try await send(
            SimulatedOldMeter.message(volts: "nan", amperes: "inf", watts: "ovf"),
            after: 8_000,
            meter,
            town
        )
        try await send(#"{"c":"1200.00","a":231.2}"#, after: 8_000, meter, town)
        try await meter.publish(#"{"a":"231.20","b":"5.0"#)
        try await eventually {
            try await town.office.useCases.showMeters.rejections(by: town.office.manager)
                .contains { $0.code == "malformed" && $0.meterSerial == "OLD-1" }
        }
        try await send(6, of: ordinary, every: 12_000, meter, town)
        // What is shown follows what is stored, a moment later.
        func latest() -> LatestReading? {
            useCases.live.latest(of: town.meters[0].meter.id, office: town.office.office.id)
        }
        try await eventually { latest()?.at == town.office.clock.now }
        let live = latest()
        #expect(live?.main.voltageMillivolts == 231_200)
        #expect(live?.main.energyWattHours == 34)
    }

    /// Its relays are on again: the trip still stands.
    private func resetAfterTrip(
        _ town: OldMeterTown,
        _ ordinary: String,
        _ off: String
    ) async throws {
        try await SimulatedOldMeter(town.meters[0]).run { meter in
            try await town.withServer("third") { useCases in
                try await send(ordinary, after: 6_000, meter, town)
                try await eventually { !meter.heard.isEmpty }
                #expect(meter.heard == [off])
                await #expect(throws: StateConflict.self) {
                    try await useCases.switchOldRelay(
                        serial: "OLD-1",
                        channel: .main,
                        on: true,
                        by: town.office.manager
                    )
                }
                try await useCases.switchOldRelay.release(
                    serial: "OLD-1",
                    by: town.office.manager
                )
                _ = try await useCases.switchOldRelay(
                    serial: "OLD-1",
                    channel: .main,
                    on: true,
                    by: town.office.manager
                )
                try await eventually { meter.heard.count == 2 }
                #expect(meter.heard.last == "{\"message\":\"mainon\"}")
                // Ten minutes of silence at 1200 VA are no energy.
                let before = try await town.state(of: town.meters[0]).main.wattHours
                try await send(ordinary, after: 600_000, meter, town)
                #expect(try await town.state(of: town.meters[0]).main.wattHours == before)
            }
        }
        #expect(
            try await town.events() == [
                .overVoltage, .overVoltageEnded, .tripRepeated, .released, .switched, .silence,
            ]
        )
        let readings = try await town.readings(of: town.meters[0])
        let registers = readings.map(\.main.energyWattHours)
        #expect(registers == registers.sorted())
        #expect(readings.count >= 5 && readings.count <= 7)
        #expect(readings.allSatisfy { $0.flags.isSuperset(of: [.derived, .placedByAge]) })
    }

    @Test(.timeLimit(.minutes(3)))
    func `two servers that share the messages keep one register and trip once`() async throws {
        try await OldMeterTown.run(meters: 1) { town in
            try await SimulatedOldMeter(town.meters[0]).run { meter in
                try await town.withServer("one") { one in
                    try await send(
                        SimulatedOldMeter.message(volts: "231.20"),
                        after: 0,
                        meter,
                        town
                    )
                    try await town.withServer("two") { two in
                        let ids = (town.meters[0].meter.id, town.office.office.id)
                        try await send(
                            60,
                            of: SimulatedOldMeter.message(volts: "231.20"),
                            every: 6_000,
                            meter,
                            town
                        )
                        #expect(try await town.state(of: town.meters[0]).main.wattHours == 120)
                        // Both have heard it.
                        #expect(one.live.latest(of: ids.0, office: ids.1) != nil)
                        #expect(two.live.latest(of: ids.0, office: ids.1) != nil)
                        try await send(
                            10,
                            of: SimulatedOldMeter.message(volts: "310.00"),
                            every: 6_000,
                            meter,
                            town
                        )
                        try await eventually { !meter.heard.isEmpty }
                    }
                }
                #expect(meter.heard == ["{\"message\":\"mainoff\"}"])
            }
            #expect(try await town.events() == [.overVoltage])
            #expect(try await town.readings(of: town.meters[0]).count == 8)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `while the database is away a supply above 300 V is switched off all the same`()
        async throws
    {
        try await OldMeterTown.run(meters: 1) { town in
            try await SimulatedOldMeter(town.meters[0]).run { meter in
                let away = try useCasesWithoutDatabase(clock: town.office.clock)
                try await town.withServer("blind", useCases: away) { _ in
                    let high = SimulatedOldMeter.message(volts: "301.00")
                    while meter.heard.isEmpty {
                        try await meter.publish(high)
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    for _ in 0..<5 { try await meter.publish(high) }
                }
                #expect(meter.heard == ["{\"message\":\"mainoff\"}"])
            }
            #expect(try await town.events() == [])
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `an old meter can neither speak nor listen for another`() async throws {
        try await OldMeterTown.run(meters: 2) { town in
            let (first, second) = (town.meters[0], town.meters[1])
            let ordinary = SimulatedOldMeter.message(volts: "231.20")
            let main = try #require(await town.broker.port)
            try await town.withServer("only") { useCases in
                try await SimulatedOldMeter(first, identifier: "own").run { own in
                    try await send(ordinary, after: 1_000, own, town)
                    // The second's name at the first's listener, and the other way round.
                    try await SimulatedOldMeter(
                        second,
                        port: first.gatewayPort,
                        identifier: "guest"
                    ).run { guest in
                        try await guest.publish(ordinary)
                        try await guest.publish(
                            ordinary,
                            topic: "vidyut/\(first.name)/esp32/pub"
                        )
                        try await SimulatedOldMeter(second, port: main, identifier: "main").run {
                            stranger in
                            try await stranger.publish(
                                ordinary,
                                topic: "vidyut/\(first.name)/esp32/pub"
                            )
                            _ = try await useCases.switchOldRelay(
                                serial: first.meter.serial,
                                channel: .dev1,
                                on: true,
                                by: town.office.manager
                            )
                            try await eventually { !own.heard.isEmpty }
                            // What the strangers sent came before this.
                            try await send(ordinary, after: 7_000, own, town)
                            #expect(own.heard == ["{\"message\":\"dev1on\"}"])
                            #expect(guest.heard == [])
                            #expect(stranger.heard == [])
                        }
                    }
                }
                #expect(try await town.state(of: second).lastAt == nil)
                #expect(try await town.state(of: first).main.wattHours == 2)
            }
        }
    }
}
