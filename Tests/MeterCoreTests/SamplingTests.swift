import MeterCore
import Testing

@Suite struct SamplingTests {
    @Test func `a clean sine measures as its root mean square`() {
        let meter = TestMeter()
        meter.pushCycle(0, volts: 230, amps: 6)
        meter_close_window(meter.core, 20)

        let measured = meter.core.pointee.channels.0.last
        #expect(abs(measured.millivolts - 230_000) <= 20)
        #expect(abs(measured.milliamps - 6_000) <= 2)
        #expect(abs(measured.milliwatts - 1_380_000) <= 300)
        #expect(measured.power_factor_permille == 1_000)
    }

    @Test(arguments: [Int32(0), 7, -2_048, 5_000])
    func `an offset of the sensors changes nothing`(offset: Int32) {
        let plain = TestMeter()
        let shifted = TestMeter()
        plain.pushCycle(0, volts: 240, amps: 3, lag: 5)
        shifted.pushCycle(0, volts: 240, amps: 3, lag: 5, offset: offset)
        meter_close_window(plain.core, 20)
        meter_close_window(shifted.core, 20)

        let first = plain.core.pointee.channels.0.last
        let second = shifted.core.pointee.channels.0.last
        #expect(first.millivolts == second.millivolts)
        #expect(first.milliamps == second.milliamps)
        #expect(first.milliwatts == second.milliwatts)
    }

    @Test func `a lagging current has the power factor of its angle`() {
        let meter = TestMeter()
        meter.pushCycle(0, volts: 230, amps: 5, lag: 64 / 6)
        meter_close_window(meter.core, 20)

        let measured = meter.core.pointee.channels.0.last
        let expected = sine(16 - 64 / 6)
        #expect(abs(Double(measured.power_factor_permille) - expected * 1_000) <= 1)
        #expect(abs(Double(measured.milliwatts) - expected * 1_150_000) <= 500)
    }

    @Test func `current against the voltage is export and counts apart`() {
        let meter = TestMeter()
        meter.pushCycle(0, volts: 230, amps: 10, lag: 32)
        meter_close_window(meter.core, 3_600_000)

        #expect(meter.core.pointee.channels.0.last.milliwatts < -2_299_000)
        #expect(meter.core.pointee.channels.0.energy_wh == 0)
        #expect((2_299...2_300).contains(meter.core.pointee.export_wh))
    }

    @Test func `the phase setting undoes a voltage that was sampled late`() {
        let late = TestMeter(phase: 0)
        for index in 0..<64 {
            let voltage = 230 * 2.0.squareRoot() / 0.015 * sine(index + 1)
            let current = 5 * 2.0.squareRoot() / 0.002 * sine(index)
            meter_push_sample(late.core, 0, Int32(voltage.rounded()), Int32(current.rounded()))
        }
        meter_close_window(late.core, 20)

        // The first sample has nothing before it, so one of 64 products is not shifted.
        #expect(abs(late.core.pointee.channels.0.last.power_factor_permille - 1_000) <= 4)
    }

    @Test func `noise below the starting current is no load`() {
        let meter = TestMeter(starting: 50)
        meter.pushCycle(0, volts: 230, amps: 0.04)
        meter_close_window(meter.core, 3_600_000)

        #expect(meter.core.pointee.channels.0.last.milliamps == 0)
        #expect(meter.core.pointee.channels.0.last.milliwatts == 0)
        #expect(meter.core.pointee.channels.0.last.millivolts > 229_000)
    }

    @Test func `a window without samples measures nothing`() {
        let meter = TestMeter()
        meter_close_window(meter.core, 1_000)

        #expect(meter.core.pointee.channels.0.last.millivolts == 0)
        #expect(meter.core.pointee.channels.0.energy_wh == 0)
    }

    @Test func `a full window takes no more samples and stays exact at the extremes`() {
        let meter = TestMeter()
        for index in 0..<Int(METER_WINDOW_SAMPLES_MAX) {
            let count: Int32 = index % 2 == 0 ? .max : .min
            #expect(meter_push_sample(meter.core, 0, count, count))
        }
        #expect(!meter_push_sample(meter.core, 0, 1, 1))
        #expect(!meter_push_sample(meter.core, 3, 1, 1))
        meter_close_window(meter.core, 1_000)

        let measured = meter.core.pointee.channels.0.last
        #expect(abs(measured.millivolts - 491_505) <= 5)
        #expect(measured.power_factor_permille == 1_000)
    }

    @Test func `any samples give figures within their bounds`() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            var sums = meter_sums()
            let amplitude = Int32.random(in: 0...40_000, using: &random)
            for _ in 0..<Int.random(in: 0...80, using: &random) {
                meter_sums_add(
                    &sums,
                    .random(in: -amplitude...amplitude, using: &random),
                    .random(in: -amplitude...amplitude, using: &random)
                )
            }
            var calibration = meter_calibration(
                microvolts_per_count: .random(in: 0...16_777_215, using: &random),
                microamps_per_count: .random(in: 0...16_777_215, using: &random),
                phase_permille: .random(in: 0...2_000, using: &random),
                starting_milliamps: 0
            )
            var measured = meter_measurement()
            meter_measure(&sums, &calibration, &measured)
            #expect(measured.millivolts >= 0 && measured.milliamps >= 0)
            #expect(abs(measured.power_factor_permille) <= 1_000)
        }
    }
}
