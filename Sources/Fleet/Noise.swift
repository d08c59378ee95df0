/// Chance that is a pure function of what it is asked for: the same answer for the same seed and
/// place, in any order and on any machine.
struct Noise: Hashable, Sendable {
    private let seed: UInt64

    /// Each serial number is its own household.
    init(seed: UInt64, serial: String) {
        var mixed = Noise.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
        for byte in serial.utf8 { mixed = Noise.mix(mixed ^ UInt64(byte)) }
        self.seed = mixed
    }

    /// From 0 to below 1; `salt` tells independent questions apart.
    func fraction(_ salt: Salt, _ place: Int64 = 0) -> Double {
        let mixed = Noise.mix(
            seed ^ Noise.mix(UInt64(bitPattern: place) &* 256 &+ UInt64(salt.rawValue))
        )
        return Double(mixed >> 11) / 9_007_199_254_740_992
    }

    func range(_ range: ClosedRange<Double>, _ salt: Salt, _ place: Int64 = 0) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * fraction(salt, place)
    }

    func chance(_ probability: Double, _ salt: Salt, _ place: Int64 = 0) -> Bool {
        fraction(salt, place) < probability
    }

    enum Salt: UInt8 {
        case size, standby, fridge, fridgePhase, fridgeCycle, fans, lights, television
        case conditioner, conditionerWatts, conditionerNight, conditionerCycle, geyser, geyserTime
        case pump, pumpTime, cooking, cookingTime, washing, washingTime, away, temperature
        case voltage, voltageDip, activity, spread, report
    }

    /// The finaliser of SplitMix64.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
