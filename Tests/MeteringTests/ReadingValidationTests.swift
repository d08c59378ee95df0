import Metering
import Testing
import Units

private let meter = Meter(
    id: Meter.ID(1),
    serial: "m1",
    registerDigits: 6,
    multiplier: 1,
    channels: 2
)

struct ReadingValidationTests {
    let now: Instant
    let window: AcceptanceWindow

    init() throws {
        now = try #require(Instant("2026-11-23T10:00:00Z"))
        window = AcceptanceWindow(now: now, oldestReadingDays: 10)
    }

    private func reading(
        at: Instant?,
        main: ChannelReading = ChannelReading(energyWattHours: 1)
    ) -> ReportedReading {
        ReportedReading(at: at, sequence: 7, main: main)
    }

    private func code(_ reading: ReportedReading) -> ReadingFault.Code? {
        do throws(ReadingFault) {
            _ = try reading.accepted(in: window, meter: meter)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `five minutes ahead is taken, a second more is not`() {
        #expect(code(reading(at: now.adding(seconds: 300))) == nil)
        #expect(code(reading(at: now.adding(seconds: 301))) == .futureTime)
    }

    @Test func `older than the office accepts is refused by name`() {
        #expect(code(reading(at: now.adding(seconds: -10 * 86_400))) == nil)
        #expect(code(reading(at: now.adding(seconds: -10 * 86_400 - 1))) == .tooOld)
    }

    @Test(arguments: [
        (ChannelReading(energyWattHours: -1), ReadingFault.Code.negativeRegister),
        (ChannelReading(energyWattHours: 1_000_000_000), .outOfRange),
        (ChannelReading(energyWattHours: 1, voltageMillivolts: -1), .outOfRange),
        (ChannelReading(energyWattHours: 1, currentMilliamps: -1), .outOfRange),
        (ChannelReading(energyWattHours: 1, powerFactorPermille: 1_001), .outOfRange),
    ])
    func `what a meter cannot show is refused`(main: ChannelReading, expected: ReadingFault.Code) {
        #expect(code(reading(at: now, main: main)) == expected)
    }

    @Test func `a third channel of a two-channel meter is refused`() {
        var three = reading(at: now)
        three.dev2 = ChannelReading(energyWattHours: 1)
        #expect(code(three) == .unknownChannel)
    }

    @Test func `without a clock the age places the reading and flags it`() throws {
        var clockless = reading(at: nil)
        #expect(code(clockless) == .noTime)
        clockless.ageSeconds = 60
        let accepted = try clockless.accepted(in: window, meter: meter)
        #expect(accepted.flags.contains(.placedByAge))
        #expect(accepted.at.secondsSince1970 == now.secondsSince1970 - 60)
        clockless.ageSeconds = -1
        #expect(code(clockless) == .outOfRange)
    }
}
