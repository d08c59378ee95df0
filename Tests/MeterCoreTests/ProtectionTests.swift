import MeterCore
import Testing

@Suite struct ProtectionTests {
    @Test func `above 300 V the meter switches off by itself, after the windows that are set`() {
        let meter = TestMeter(tripWindows: 2)
        meter.pushCycle(0, volts: 310, amps: 1)
        #expect(!meter_close_window(meter.core, 200))
        #expect(meter_relay_wanted_on(meter.core, 0))
        meter.pushCycle(0, volts: 312, amps: 1)
        #expect(meter_close_window(meter.core, 200))

        #expect(!meter_relay_wanted_on(meter.core, 0))
        #expect(!meter_relay_wanted_on(meter.core, 1))
        #expect(abs(meter.core.pointee.protection.trip_millivolts - 312_000) < 30)
    }

    @Test func `300 V exactly, or one short spike, does not trip`() {
        let meter = TestMeter(tripWindows: 2)
        for volts in [299.9, 310, 240, 310, 240] {
            meter.pushCycle(0, volts: volts, amps: 1)
            #expect(!meter_close_window(meter.core, 200))
        }
    }

    @Test func `a trip stays when the voltage is good again`() {
        let meter = tripped()
        for _ in 0..<100 {
            meter.pushCycle(0, volts: 230, amps: 0)
            #expect(!meter_close_window(meter.core, 200))
        }

        #expect(!meter_relay_wanted_on(meter.core, 0))
        let sequence = meter_take_reading(meter.core, meter_time(seconds: 9, uptime_seconds: 9))
        let flags = meter_held_reading(meter.core, sequence)?.pointee.flags ?? 0
        #expect(flags & UInt8(METER_READING_TRIPPED) != 0)
    }

    @Test func `a trip survives a power cut`() {
        let before = tripped()
        let state = before.saved()
        let after = TestMeter()
        var uptime: UInt32 = 0
        #expect(meter_restore(after.core, state, state.count, &uptime) == METER_OK)

        #expect(!meter_relay_wanted_on(after.core, 0))
        #expect(after.core.pointee.protection.trips == 1)
    }

    @Test func `only a reset releases the latch, an on command is refused`() {
        let meter = tripped()
        #expect(apply("on", to: meter) == METER_COMMAND_TRIPPED)
        #expect(!meter_relay_wanted_on(meter.core, 0))
        #expect(apply("reset", to: meter) == METER_COMMAND_DONE)
        #expect(meter_relay_wanted_on(meter.core, 0))
    }

    private func tripped() -> TestMeter {
        let meter = TestMeter(tripWindows: 1)
        meter.pushCycle(0, volts: 320, amps: 1)
        meter_close_window(meter.core, 200)
        return meter
    }

    private func apply(_ action: String, to meter: TestMeter) -> meter_command_result {
        let text = Array(#"{"id":1,"channel":"main","action":"\#(action)"}"#.utf8)
        var command = meter_command()
        #expect(meter_command_decode(text, text.count, &command) == METER_OK)
        return meter_command_apply(
            meter.core,
            &command,
            meter_time(seconds: 0, uptime_seconds: 0)
        )
    }
}
