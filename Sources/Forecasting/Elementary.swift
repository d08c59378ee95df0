/// Exponential and logarithm in plain arithmetic.
///
/// Both are good to about 1e-14 relative, the same bits on every machine, and inlined into the
/// loops that call them; the C library's differ between releases, and with them stored forecasts.
enum Elementary {
    /// e to the power of x; x is held to -700...700, NaN stays NaN.
    @inline(__always)
    static func exp(_ x: Double) -> Double {
        let held = x < -700 ? -700 : x > 700 ? 700 : x
        // Adding and taking away 1.5 * 2^52 rounds to the nearest whole number.
        let shift = 6_755_399_441_055_744.0
        let shifted = held * 1.442695040888963407359924681 + shift
        let power = shifted - shift
        let r = held - power * 0.693147180369123816490 - power * 1.90821492927058770002e-10
        var sum = 1.0 / 39_916_800
        sum = sum * r + 1.0 / 3_628_800
        sum = sum * r + 1.0 / 362_880
        sum = sum * r + 1.0 / 40_320
        sum = sum * r + 1.0 / 5_040
        sum = sum * r + 1.0 / 720
        sum = sum * r + 1.0 / 120
        sum = sum * r + 1.0 / 24
        sum = sum * r + 1.0 / 6
        sum = sum * r + 0.5
        sum = sum * r + 1
        sum = sum * r + 1
        // The low bits of the shifted number are the power as a two's complement integer.
        let exponent = UInt64(bitPattern: Int64(bitPattern: shifted.bitPattern) &+ 1_023) << 52
        return sum * Double(bitPattern: exponent)
    }

    /// The natural logarithm of a positive, normal number.
    @inline(__always)
    static func log(_ x: Double) -> Double {
        let bits = x.bitPattern
        // Splits at the square root of one half, so that the mantissa lies around 1.
        let offset = bits &- 0x3FE6_A09E_0000_0000
        let exponent = Double(Int64(bitPattern: offset) >> 52)
        let mantissa = Double(bitPattern: bits &- (offset & 0xFFF0_0000_0000_0000))
        let f = (mantissa - 1) / (mantissa + 1)
        let square = f * f
        var sum = 1.0 / 19
        sum = sum * square + 1.0 / 17
        sum = sum * square + 1.0 / 15
        sum = sum * square + 1.0 / 13
        sum = sum * square + 1.0 / 11
        sum = sum * square + 1.0 / 9
        sum = sum * square + 1.0 / 7
        sum = sum * square + 1.0 / 5
        sum = sum * square + 1.0 / 3
        return exponent * 0.693147180559945309417 + (2 * f + 2 * f * square * sum)
    }
}
