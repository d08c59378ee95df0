import Testing
import Units

/// The exact types of `Units` that rating stands on.
@Suite struct ExactArithmeticTests {
    @Test(arguments: [
        (RoundingMode.halfUp, 5, 1), (.halfUp, -5, -1), (.halfUp, 4, 0), (.halfEven, 5, 0),
        (.halfEven, 15, 2), (.halfEven, -25, -2), (.down, 19, 1), (.down, -19, -1), (.up, 11, 2),
        (.up, -11, -2), (.up, 20, 2),
    ])
    func `a mode says where a half and a rest go`(mode: RoundingMode, tenths: Int, whole: Int) {
        #expect(mode.quotient(Int128(tenths), over: 10) == Int128(whole))
        // The same in 128 bits.
        let large = Int128(1) << 70
        #expect(mode.quotient(Int128(tenths) * large, over: 10 * large) == Int128(whole))
    }

    @Test func `fractions of paise add exactly and round once`() throws {
        let third = ExactMoney(numerator: 1, denominator: 3)
        let sixth = ExactMoney(numerator: 1, denominator: 6)
        let half = try #require(third.plus(sixth))

        #expect(half.description == "1/2")
        #expect(half.rounded(step: 1, mode: .halfUp) == Money(paise: 1))
        #expect((-half).rounded(step: 1, mode: .halfUp) == Money(paise: -1))
        #expect(ExactMoney(Money(paise: 12_345)).rounded(step: 100, mode: .halfUp)?.paise == 12_300)
        #expect(ExactMoney(Money(paise: 12_345)).rounded(step: 1_000, mode: .down)?.paise == 12_000)
    }

    @Test func `a product that fits only in lowest terms is found`() throws {
        let huge = ExactMoney(numerator: Int128.max - 1, denominator: 7)
        #expect(try #require(huge.times(7, over: 2)).numerator == (Int128.max - 1) / 2)
        #expect(huge.times(Int128.max) == nil)
    }

    @Test func `rates and percentages keep six decimals and refuse more`() {
        #expect(Rate(rupees: "4.7")?.text == "4.70")
        #expect(Rate(rupees: "-0.0525")?.text == "-0.0525")
        #expect(Rate(rupees: "1.1234567") == nil)
        #expect(Percentage(percent: "-4.43")?.text == "-4.43")
        #expect(Percentage(percent: "1e2") == nil)
    }

    @Test func `ratios stay in lowest terms and say when they overflow`() {
        #expect(Ratio(75, 60) == Ratio(5, 4))
        #expect(Ratio(31, 30)?.rounded(places: 2) == Ratio(103, 100))
        #expect(Ratio(8, 30)?.plus(Ratio(23, 31) ?? .one) == Ratio(469, 465))
        #expect(Ratio(1, 0) == nil)
        #expect(Ratio(.max, 2)?.times(Ratio(.max, 3) ?? .one) == nil)
        #expect(Ratio(30, 31)?.decimalText == "0.967742")
    }
}
