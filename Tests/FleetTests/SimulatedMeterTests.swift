import Fleet
import Metering
import Testing
import Units
import Wire

@Suite struct SimulatedMeterTests {
    let start = Instant(secondsSince1970: 1_795_305_600)

    private func meter(
        _ change: (inout SimulatedMeterConfiguration) -> Void = { _ in }
    ) throws -> SimulatedMeter {
        var configuration = SimulatedMeterConfiguration(
            serial: "SM-7",
            seed: 9,
            capacity: 4_000,
            keepsTruth: true
        )
        change(&configuration)
        return try SimulatedMeter(configuration, start: start)
    }

    @Test func `a day makes 96 readings on the quarter hours, with registers that only grow`()
        throws
    {
        let meter = try meter()
        #expect(meter.advance(to: start.adding(seconds: 86_400)) == 96)

        let produced = meter.produced
        #expect(produced.map(\.sequence) == Array(1...96))
        for (index, reading) in produced.enumerated() {
            #expect(reading.at == start.adding(seconds: Int64(index + 1) * 900))
        }
        for (earlier, later) in zip(produced, produced.dropFirst()) {
            #expect(zip(earlier.registerWattHours, later.registerWattHours).allSatisfy(<=))
        }
        let day = produced[95].registerWattHours
        #expect((1_000...30_000).contains(day[0]))
        #expect(day[1] + day[2] <= day[0] + 2)
    }

    @Test func `the frames say what the registers said`() throws {
        let meter = try meter()
        let end = start.adding(seconds: 86_400)
        meter.advance(to: end)
        var told: [ProducedReading] = []
        while let frame = meter.nextFrame(maximumReadings: 10, at: end) {
            #expect(frame.count < 400)
            for item in try ReportDecoder.decode(frame).items {
                let reading = try item.get()
                told.append(
                    ProducedReading(
                        epoch: reading.epoch,
                        sequence: reading.sequence ?? -1,
                        at: try #require(reading.at),
                        registerWattHours: [reading.main, reading.dev1, reading.dev2].compactMap {
                            $0?.energyWattHours
                        }
                    )
                )
            }
        }
        #expect(told == meter.produced)
    }

    @Test func `the same seed makes the same bytes, however time is cut`() throws {
        let one = try meter()
        let two = try meter()
        let end = start.adding(seconds: 7_200)
        one.advance(to: end)
        for step in 1...8 { two.advance(to: start.adding(seconds: Int64(step) * 900)) }
        #expect(
            one.nextFrame(maximumReadings: 8, at: end) == two.nextFrame(maximumReadings: 8, at: end)
        )
    }

    @Test func `a killed meter goes on from its saved state and loses nothing`() throws {
        let whole = try meter()
        let first = try meter()
        let middle = start.adding(seconds: 40_000)
        let end = start.adding(seconds: 86_400)
        first.advance(to: middle)
        whole.advance(to: middle)
        _ = first.nextFrame(maximumReadings: 10, at: middle)
        first.acknowledge(
            AcknowledgementEncoder.encode(epoch: 0, acknowledgedSequence: 10),
            at: middle
        )
        let second = try SimulatedMeter(first.configuration, restoring: first.saved())
        second.advance(to: end)
        whole.advance(to: end)

        #expect(second.registers == whole.registers)
        #expect(second.produced == Array(whole.produced.suffix(second.produced.count)))
        #expect(second.heldReadings == 86)
        let report = try ReportDecoder.decode(
            try #require(second.nextFrame(maximumReadings: 500, at: end))
        )
        #expect(report.oldestSequence == 11)
        #expect(report.firstSequence == 11)
    }

    @Test func `damaged state is refused`() throws {
        let meter = try meter()
        meter.advance(to: start.adding(seconds: 9_000))
        var state = meter.saved()
        state[40] ^= 1
        #expect(throws: FleetError.self) {
            try SimulatedMeter(meter.configuration, restoring: state)
        }
        #expect(throws: FleetError.self) {
            try SimulatedMeter(meter.configuration, restoring: [1, 2, 3])
        }
        #expect(throws: FleetError.self) {
            var configuration = meter.configuration
            configuration.intervalSeconds = 0
            _ = try SimulatedMeter(configuration, start: start)
        }
    }

    @Test func `over-voltage trips the meter, and it stays off through a kill until it is reset`()
        throws
    {
        let event = VoltageEvent(
            from: start.adding(seconds: 3_600),
            until: start.adding(seconds: 4_500),
            volts: 321
        )
        let meter = try meter { $0.voltageEvents = [event] }
        meter.advance(to: start.adding(seconds: 3_600))
        #expect(!meter.isTripped)
        meter.advance(to: start.adding(seconds: 7_200))
        #expect(meter.isTripped)
        #expect(!meter.isSupplyOn)
        let register = meter.registers[0]
        let later = try SimulatedMeter(meter.configuration, restoring: meter.saved())
        later.advance(to: start.adding(seconds: 14_400))
        #expect(later.registers[0] == register)

        let on = MeterCommand(identifier: 1, channel: .main, action: .on)
        let reset = MeterCommand(identifier: 2, channel: .main, action: .reset)
        #expect(try outcome(of: on, later) == .tripped)
        #expect(try outcome(of: reset, later) == .done)
        later.advance(to: start.adding(seconds: 28_800))
        #expect(later.registers[0] > register)
    }

    @Test func `a switched-off supply uses nothing and says so in its readings`() throws {
        let meter = try meter()
        meter.advance(to: start.adding(seconds: 3_600))
        let off = MeterCommand(identifier: 5, channel: .main, action: .off)
        #expect(try outcome(of: off, meter) == .done)
        let register = meter.registers
        meter.advance(to: start.adding(seconds: 36_000))
        #expect(meter.registers == register)

        let live = try ReportDecoder.decodeLive(meter.liveFrame(at: meter.now))
        #expect(live.flags.contains(.switchedOff))
        #expect(live.main.powerMilliwatts == 0)
        #expect(live.main.voltageMillivolts > 200_000)
    }

    @Test func `a meter without a clock gives ages`() throws {
        let meter = try meter { $0.clockUnset = true }
        meter.advance(to: start.adding(seconds: 2_700))
        let frame = try #require(
            meter.nextFrame(maximumReadings: 10, at: start.adding(seconds: 2_760))
        )
        let readings = try ReportDecoder.decode(frame).items.map { try $0.get() }
        #expect(readings.map(\.at) == [nil, nil, nil])
        #expect(readings.map(\.ageSeconds) == [1_860, 960, 60])
    }

    @Test func `the register rolls over at its modulus`() throws {
        let meter = try meter {
            $0.registerModulusWattHours = 100_000
            $0.openingRegisterWattHours = 99_900
        }
        meter.advance(to: start.adding(seconds: 86_400))
        #expect(meter.registers[0] < 50_000)
    }

    private func outcome(
        of command: MeterCommand,
        _ meter: SimulatedMeter
    ) throws -> MeterCommandResult.Outcome {
        let result = try #require(meter.perform(command.encoded(), at: meter.now))
        return try MeterCommandResult(decoding: result).outcome
    }
}
