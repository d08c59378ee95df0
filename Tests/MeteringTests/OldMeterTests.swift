import Metering
import Testing
import Units

private let meter = Meter(
    id: Meter.ID(1),
    serial: "OLD-1",
    registerDigits: 8,
    multiplier: 1,
    channels: 3
)

/// Registers and protection of an old meter, as one pure value.
struct OldMeterTests {
    private let start = Instant(secondsSince1970: 1_795_415_400)

    private func message(
        volts: Int32? = 230,
        amperes: Int32? = 5,
        watts: Int32? = 1_200
    ) -> OldMeterMessage {
        let channel = OldChannelReading(
            voltageMillivolts: volts.map { $0 * 1_000 },
            currentMilliamps: amperes.map { $0 * 1_000 },
            powerMilliwatts: watts.map { $0 * 1_000 }
        )
        return OldMeterMessage(main: channel, dev1: channel, dev2: OldChannelReading())
    }

    private func after(milliseconds: Int64) -> Instant {
        Instant(microsecondsSince1970: start.microsecondsSince1970 + milliseconds * 1_000)
    }

    @Test(arguments: [1_600, 3_700, 13_000] as [Int64])
    func `energy is exact over whatever intervals the messages come in`(period: Int64) {
        var state = OldMeterState()
        var at: Int64 = 0
        while at < 7_200_000 {
            _ = state.take(message(), at: after(milliseconds: at), meter: meter)
            at = min(at + period, 7_200_000)
        }
        _ = state.take(message(), at: after(milliseconds: at), meter: meter)
        #expect(state.main.wattHours == 2_400)
        #expect(state.main.remainder == 0)
        #expect(state.dev1.wattHours == 2_400)
        #expect(state.dev2 == DerivedRegister())
    }

    @Test func `a silence makes no energy, a long one is told, and thirty seconds are none yet`() {
        var state = OldMeterState()
        _ = state.take(message(), at: start, meter: meter)
        let step = state.take(message(), at: start.adding(seconds: 30), meter: meter)
        #expect(state.main.wattHours == 10)
        #expect(step.events == [])
        let late = state.take(message(), at: after(milliseconds: 60_001), meter: meter)
        #expect(state.main.wattHours == 10)
        #expect(late.events == [])
        _ = state.take(message(), at: after(milliseconds: 90_001), meter: meter)
        #expect(state.main.wattHours == 20)
        let back = state.take(message(), at: after(milliseconds: 390_002), meter: meter)
        #expect(state.main.wattHours == 20)
        #expect(back.events.map(\.kind) == [.silence])
    }

    @Test func `a message out of order, or two at once, changes no register`() {
        var state = OldMeterState()
        _ = state.take(message(), at: start, meter: meter)
        _ = state.take(message(), at: start.adding(seconds: 15), meter: meter)
        let before = state
        _ = state.take(message(watts: 9_000), at: start.adding(seconds: 7), meter: meter)
        _ = state.take(message(watts: 9_000), at: start.adding(seconds: 15), meter: meter)
        #expect(state.main == before.main)
        #expect(state.lastAt == before.lastAt)
    }

    @Test func `a channel without its power is carried by its own next one`() {
        var state = OldMeterState()
        _ = state.take(message(), at: start, meter: meter)
        _ = state.take(message(watts: nil), at: start.adding(seconds: 15), meter: meter)
        #expect(state.main.wattHours == 0)
        _ = state.take(message(), at: start.adding(seconds: 30), meter: meter)
        #expect(state.main.wattHours == 10)
    }

    @Test func `one reading a minute is kept, derived, at the time of receipt`() throws {
        var state = OldMeterState()
        var readings: [AcceptedReading] = []
        for second in stride(from: Int64(0), through: 600, by: 5) {
            let step = state.take(message(), at: start.adding(seconds: second), meter: meter)
            if let reading = step.reading { readings.append(reading) }
        }
        #expect(readings.map { $0.at } == (0...10).map { start.adding(seconds: $0 * 60) })
        #expect(readings.allSatisfy { $0.flags == [.derived, .placedByAge] && $0.dev2 == nil })
        #expect(readings.map(\.main.energyWattHours) == (0...10).map { $0 * 20 })
        #expect(readings.last?.dev1?.energyWattHours == 200)
    }

    @Test func `a reading waits for the main channel a minute more, not for ever`() throws {
        var state = OldMeterState()
        _ = state.take(message(), at: start, meter: meter)
        let bad = message(volts: nil)
        for second in stride(from: Int64(10), to: 120, by: 10) {
            let step = state.take(bad, at: start.adding(seconds: second), meter: meter)
            #expect(step.reading == nil)
        }
        let step = state.take(bad, at: start.adding(seconds: 120), meter: meter)
        let reading = try #require(step.reading)
        #expect(reading.flags.contains(.registerOnly))
        #expect(reading.main.energyWattHours == 40)
        #expect(reading.dev1?.powerMilliwatts == 1_200_000)
    }

    @Test func `a minute above the limit trips once, and the wavering around it is one episode`() {
        var state = OldMeterState()
        var commands: [OldRelayCommand] = []
        var kinds: [OldMeterEvent.Kind] = []
        for (index, volts) in [230, 300, 301, 301, 299, 301, 295, 301, 301].enumerated() {
            let step = state.take(
                message(volts: Int32(volts)),
                at: start.adding(seconds: Int64(index) * 5),
                meter: meter
            )
            commands += step.commands
            kinds += step.events.map(\.kind)
        }
        #expect(commands == [.mainOff])
        #expect(kinds == [.overVoltage])
        #expect(state.protection.trippedAt == start.adding(seconds: 10))
    }

    /// A meter that has tripped and gone off.
    private func tripped() -> OldMeterState {
        var state = OldMeterState()
        _ = state.take(message(volts: 301), at: start, meter: meter)
        _ = state.take(message(volts: 0, amperes: 0), at: start.adding(seconds: 5), meter: meter)
        return state
    }

    @Test func `a supply that comes on again after a trip is told again`() {
        var state = tripped()
        let off = state.take(message(volts: 49), at: start.adding(seconds: 10), meter: meter)
        #expect(off.commands == [])
        let back = state.take(message(volts: 230), at: start.adding(seconds: 15), meter: meter)
        #expect(back.commands == [.mainOff])
        #expect(back.events.map(\.kind) == [.overVoltageEnded, .tripRepeated])
        let next = state.take(message(volts: 230), at: start.adding(seconds: 20), meter: meter)
        #expect(next.commands == [])
    }

    @Test func `a meter that was silent after a trip is told again, whatever it shows`() {
        for volts in [nil, 0, 230, 301] as [Int32?] {
            var state = tripped()
            let back = state.take(
                message(volts: volts),
                at: start.adding(seconds: 60),
                meter: meter
            )
            #expect(back.commands == [.mainOff], "\(volts ?? -1)")
            #expect(back.events.map(\.kind).contains(.tripRepeated))
        }
    }

    @Test func `a supply that never went off is told again after a while`() {
        var state = OldMeterState()
        var told: [Int64] = []
        for second in stride(from: Int64(0), through: 250, by: 10) {
            let step = state.take(
                message(volts: 301),
                at: start.adding(seconds: second),
                meter: meter
            )
            if !step.commands.isEmpty { told.append(second) }
        }
        #expect(told == [0, 130])
    }

    @Test func `after a release nothing is repeated, and the next over-voltage trips anew`() {
        var state = tripped()
        state.protection.release()
        let on = state.take(message(volts: 230), at: start.adding(seconds: 10), meter: meter)
        #expect(on.commands == [])
        let again = state.take(message(volts: 301), at: start.adding(seconds: 15), meter: meter)
        #expect(again.commands == [.mainOff])
        #expect(again.events.map(\.kind) == [.overVoltage])
    }

    @Test func `a voltage that cannot be read trips nothing`() {
        var state = OldMeterState()
        let step = state.take(message(volts: nil), at: start, meter: meter)
        #expect(step.commands == [] && step.events == [])
    }
}
