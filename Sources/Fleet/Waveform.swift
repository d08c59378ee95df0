import MeterCore

/// One mains cycle in 64 samples, as the sensors of the simulated meter count it.
enum Waveform {
    static let samples = 64
    static let microvoltsPerCount: UInt32 = 15_000
    static let microampsPerCount: UInt32 = 2_500

    /// Sine and cosine by turning a pointer a sixty-fourth each step: the same on every machine.
    private static let turns: [(sine: Double, cosine: Double)] = {
        let stepCosine = 0.995_184_726_672_196_9
        let stepSine = 0.098_017_140_329_560_6
        var turns: [(sine: Double, cosine: Double)] = []
        var sine = 0.0
        var cosine = 1.0
        for _ in 0..<samples {
            turns.append((sine, cosine))
            let next = sine * stepCosine + cosine * stepSine
            cosine = cosine * stepCosine - sine * stepSine
            sine = next
        }
        return turns
    }()

    /// Pushes one cycle of a load into a channel; the sensors sit off the middle, as real ones do.
    static func push(
        _ load: Load,
        volts: Double,
        into core: UnsafeMutablePointer<meter_core>,
        channel: UInt32
    ) {
        let root = 2.0.squareRoot()
        let voltage = volts * root * 1_000_000 / Double(microvoltsPerCount)
        let perVolt = volts > 1 ? root * 1_000_000 / Double(microampsPerCount) / volts : 0
        let active = load.watts * perVolt
        let reactive = load.reactive * perVolt
        for turn in turns {
            meter_push_sample(
                core,
                channel,
                Int32(turn.sine * voltage) + 37,
                Int32(turn.sine * active - turn.cosine * reactive) - 21
            )
        }
    }
}
