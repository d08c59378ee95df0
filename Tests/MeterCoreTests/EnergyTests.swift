import MeterCore
import Testing

@Suite struct EnergyTests {
    @Test func `energy carries its remainder and loses nothing`() {
        let meter = TestMeter()
        var microjoules: UInt64 = 0
        for second in 0..<3_000 {
            meter.pushCycle(0, volts: 231, amps: 0.3 + Double(second % 7))
            meter_close_window(meter.core, 997)
            microjoules += UInt64(meter.core.pointee.channels.0.last.milliwatts) * 997
        }

        #expect(meter.core.pointee.channels.0.energy_wh == microjoules / 3_600_000_000)
        #expect(meter.core.pointee.channels.0.energy_remainder == microjoules % 3_600_000_000)
    }

    @Test func `the register rolls over at its modulus`() {
        let meter = TestMeter(modulus: 10_000)
        meter.core.pointee.channels.0.energy_wh = 9_500
        meter.pushCycle(0, volts: 230, amps: 4)
        meter_close_window(meter.core, 3_600_000)

        #expect((419...420).contains(meter.core.pointee.channels.0.energy_wh))
    }

    @Test func `a day at full power is counted in one window`() {
        let meter = TestMeter()
        meter.pushCycle(0, volts: 240, amps: 40)
        meter_close_window(meter.core, 86_400_000)

        #expect((230_350...230_450).contains(meter.core.pointee.channels.0.energy_wh))
    }

    @Test func `a configuration that cannot measure is refused`() {
        let good = TestMeter().configuration
        let storage = UnsafeMutablePointer<meter_reading>.allocate(capacity: 4)
        defer { storage.deallocate() }
        let faults: [(inout meter_configuration) -> Void] = [
            { $0.channel_count = 0 }, { $0.channel_count = 4 }, { $0.register_modulus_wh = 0 },
            { $0.register_modulus_wh = .max }, { $0.trip_millivolts = 0 },
            { $0.trip_windows = 0 }, { $0.window_readings = 0 }, { $0.resend_seconds = 0 },
            { $0.channels.0.microvolts_per_count = .max },
            { $0.channels.1.phase_permille = 2_001 },
        ]
        for fault in faults {
            var core = meter_core()
            var configuration = good
            fault(&configuration)
            #expect(meter_init(&core, &configuration, storage, 4, 0) == METER_INVALID_ARGUMENT)
        }
        var core = meter_core()
        var configuration = good
        #expect(meter_init(&core, &configuration, storage, 0, 0) == METER_INVALID_ARGUMENT)
        #expect(meter_init(&core, &configuration, nil, 4, 0) == METER_INVALID_ARGUMENT)
        #expect(meter_init(&core, &configuration, storage, 4, .max) == METER_INVALID_ARGUMENT)
        #expect(meter_init(&core, &configuration, storage, 4, 0) == METER_OK)
    }
}
