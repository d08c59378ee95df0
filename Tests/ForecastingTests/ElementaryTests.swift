import Foundation
import Testing

@testable import Forecasting

@Suite struct ElementaryTests {
    @Test func `exponential and logarithm agree with the C library's`() {
        for step in -2_000...2_000 {
            let x = Double(step) * 0.0123
            #expect(abs(Elementary.exp(x) / Foundation.exp(x) - 1) < 1e-13)
            let y = Foundation.exp(x)
            #expect(abs(Elementary.log(y) - Foundation.log(y)) < 1e-13 * max(1, abs(x)))
        }
    }

    @Test func `extremes stay finite and what is not a number stays so`() {
        #expect(Elementary.exp(5_000).isFinite)
        #expect(Elementary.exp(-5_000) > 0)
        #expect(Elementary.exp(.nan).isNaN)
        #expect(Elementary.log(1) == 0)
    }
}
