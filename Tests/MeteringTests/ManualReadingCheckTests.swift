import Metering
import Testing
import Units

/// A register that a person read, against the history of its meter.
struct ManualReadingCheckTests {
    private static let hung = Instant(secondsSince1970: 1_700_000_000)
    private static let now = Instant(secondsSince1970: 1_700_000_000 + 60 * 86_400)
    private static let meter = Meter(
        id: Meter.ID(1),
        serial: "m-1",
        registerDigits: 5,
        multiplier: 1,
        channels: 1
    )

    /// Thirty days after 1,000 kWh on a service of 5 kW that uses 4 to 8 kWh a day.
    private func check(
        previous: Int64 = 1_000,
        next: RegisterReading? = nil,
        billedUntil: Instant? = nil,
        removed: Bool = false,
        usual: Bool = true
    ) -> ManualReadingCheck {
        ManualReadingCheck(
            installation: Installation(
                meter: Self.meter,
                installedAt: Self.hung,
                openingRegister: .zero,
                removedAt: removed ? Self.hung.adding(seconds: 40 * 86_400) : nil,
                closingRegister: removed ? Energy(wattHours: 2_000_000) : nil
            ),
            rules: RegisterRules(meter: Self.meter, sanctionedLoadWatts: 5_000),
            previous: RegisterReading(
                at: Self.hung.adding(seconds: 30 * 86_400),
                register: Energy(wattHours: previous * 1_000)
            ),
            next: next,
            billedUntil: billedUntil,
            oldest: Self.hung.adding(seconds: 86_400),
            now: Self.now,
            usual: usual
                ? UsualUse(bills: [
                    (Energy(wattHours: 240_000), 60), (Energy(wattHours: 480_000), 60),
                ]) : nil,
            highPercent: 250,
            lowPercent: 20
        )
    }

    private func codes(
        _ check: ManualReadingCheck,
        _ kWh: Int64,
        at: Instant = now
    ) -> [ManualReadingFinding.Code] {
        let reading = RegisterReading(at: at, register: Energy(wattHours: kWh * 1_000))
        switch check.verdict(on: reading) {
        case .accepted: return []
        case .held(let findings): return findings.map(\.code)
        case .refused(let finding): return [finding.code]
        }
    }

    private func isRefused(_ check: ManualReadingCheck, _ kWh: Int64, at: Instant = now) -> Bool {
        let reading = RegisterReading(at: at, register: Energy(wattHours: kWh * 1_000))
        if case .refused = check.verdict(on: reading) { return true }
        return false
    }

    @Test func `own readings in small steps are held against what others read`() {
        var own = check(previous: 1_003)
        own.previous.at = Self.now.adding(seconds: -86_400)
        // A step of a day says nothing; sixty days since the meter was hung do.
        #expect(codes(own, 1_004) == [])
        own.trusted = RegisterReading(at: Self.hung, register: Energy(wattHours: 1_000_000))
        #expect(codes(own, 1_004) == [.low])
        own.trusted?.at = Self.now.adding(seconds: -131 * 86_400)
        #expect(codes(own, 1_600).contains(.onlyOwn))
    }

    @Test func `what fits the history is accepted`() {
        #expect(codes(check(), 1_180) == [])
        #expect(codes(check(), 1_000 + 30 * 20) == [])
        #expect(codes(check(), 1_000 + 30) == [])
    }

    @Test func `far from what the bills say is held, and how far is named`() {
        #expect(codes(check(), 1_000 + 30 * 20 + 1) == [.high])
        #expect(codes(check(), 1_023) == [.low])
        #expect(codes(check(usual: false), 1_023) == [])
        guard
            case .held(let findings) = check().verdict(
                on: RegisterReading(at: Self.now, register: Energy(wattHours: 2_500_000))
            )
        else {
            Issue.record("accepted")
            return
        }
        #expect(findings[0].detail == "50 kWh a day; the last bills have 4 to 8 kWh a day")
    }

    @Test func `over a few days nothing is unusual`() {
        let soon = Self.hung.adding(seconds: 33 * 86_400)
        #expect(codes(check(), 1_000, at: soon) == [])
        #expect(codes(check(), 1_200, at: soon) == [])
    }

    @Test func `more than twice the sanctioned load cannot be`() {
        // 10 kW for 30 days is 7,200 kWh.
        #expect(codes(check(usual: false), 8_200) == [])
        #expect(codes(check(usual: false), 8_210) == [.abovePossible])
    }

    @Test func `a lower register is held, unless it can have rolled over`() {
        #expect(codes(check(), 999) == [.registerFell])
        // From 99,900 past 100,000 to 80: 180 kWh in 30 days.
        #expect(codes(check(previous: 99_900), 80) == [])
        #expect(codes(check(previous: 80_000), 80) == [.registerFell])
        #expect(codes(check(previous: 99_900, usual: false), 9_000) == [.registerFell])
    }

    @Test func `what came later must not be lower`() {
        let later = RegisterReading(at: Self.now, register: Energy(wattHours: 1_180_000))
        let between = Self.hung.adding(seconds: 45 * 86_400)
        #expect(codes(check(next: later), 1_090, at: between) == [])
        #expect(codes(check(next: later), 1_190, at: between) == [.aboveLater])
    }

    @Test func `another register for the same instant waits`() {
        let at = Self.hung.adding(seconds: 30 * 86_400)
        #expect(codes(check(), 1_000, at: at) == [])
        #expect(codes(check(), 1_001, at: at) == [.differsFromStored])
    }

    @Test func `impossible dates and registers are refused by name`() {
        let minute = Self.now.adding(seconds: 60)
        #expect(codes(check(), 1_180, at: minute) == [])
        #expect(codes(check(), 1_180, at: Self.now.adding(seconds: 301)) == [.future])
        #expect(codes(check(), 1, at: Self.hung.adding(seconds: -1)) == [.notInstalled])
        #expect(codes(check(removed: true), 1_180) == [.notInstalled])
        #expect(codes(check(), 1, at: Self.hung.adding(seconds: 60)) == [.tooOld])
        #expect(codes(check(billedUntil: Self.now), 1_180) == [.alreadyBilled])
        #expect(codes(check(), 100_000) == [.outOfRange])
        #expect(codes(check(), -1) == [.outOfRange])
        #expect(isRefused(check(), 100_000) && isRefused(check(billedUntil: Self.now), 1_180))
        #expect(!isRefused(check(), 999))
    }

    @Test func `a multiplier counts in what is usual`() {
        var meter = Self.meter
        meter.multiplier = 10
        var check = check()
        check.installation.meter = meter
        check.rules = RegisterRules(meter: meter, sanctionedLoadWatts: 50_000)
        #expect(codes(check, 1_018) == [])
        #expect(codes(check, 1_061) == [.high])
    }

    @Test func `what is expected comes from the bills, and two of them at least`() throws {
        let one = (Energy(wattHours: 240_000), 60)
        #expect(UsualUse(bills: [one]) == nil)
        #expect(UsualUse(bills: [one, (Energy(wattHours: 1), 0)]) == nil)
        let usual = try #require(UsualUse(bills: [one, (Energy(wattHours: 480_000), 60)]))
        let last = RegisterReading(at: Self.hung, register: Energy(wattHours: 1_000_000))
        let expected = usual.expected(
            after: last,
            at: Self.hung.adding(seconds: 30 * 86_400),
            meter: Self.meter
        )
        #expect(expected.lowerBound.wattHours == 1_120_000)
        #expect(expected.upperBound.wattHours == 1_240_000)
    }

    @Test func `huge figures are held and never trap`() {
        var meter = Self.meter
        meter.registerDigits = 12
        meter.multiplier = 100_000
        var check = check(previous: 0)
        check.installation.meter = meter
        check.rules = RegisterRules(meter: meter, sanctionedLoadWatts: 100_000_000)
        #expect(codes(check, 999_999_999_999) == [.abovePossible])
    }
}

/// Assessor, consumer and meter side by side.
struct SourceComparisonTests {
    private static let rules = RegisterRules(
        meter: Meter(id: Meter.ID(1), serial: "m", registerDigits: 6, multiplier: 1, channels: 1),
        sanctionedLoadWatts: 5_000
    )

    private func reading(_ minutes: Int64, _ wattHours: Int64) -> RegisterReading {
        RegisterReading(
            at: Instant(secondsSince1970: 1_700_000_000 + minutes * 60),
            register: Energy(wattHours: wattHours)
        )
    }

    private func reported(
        _ minutes: Int64,
        _ before: RegisterReading?,
        _ after: RegisterReading?
    ) -> ReportedRegister? {
        ReportedRegister(at: reading(minutes, 0).at, before: before, after: after)
    }

    @Test func `the meter's register is interpolated between its reports, and says so`() throws {
        let (before, after) = (reading(0, 1_000), reading(10, 2_000))
        let between = try #require(reported(4, before, after))
        #expect(between.register.wattHours == 1_400)
        #expect(between.basis == .interpolated(from: before, to: after))
        #expect(reported(0, before, before)?.basis == .exact)
        #expect(reported(4, before, nil)?.basis == .lastBefore(before))
        #expect(reported(4, nil, after) == nil)
        #expect(reported(1_441, before, reading(1_442, 1)) == nil)
    }

    @Test(arguments: [
        (Int64(1_000), SourceVerdict.agrees), (2_700, .agrees), (3_401, .differs), (-601, .differs),
    ])
    func `one unit and what the meter moved meanwhile are allowed`(
        read: Int64,
        verdict: SourceVerdict
    ) {
        let compared = ComparedRegister(
            id: 1,
            reading: reading(4, read),
            reported: reported(4, reading(0, 1_000), reading(10, 2_000))
        )
        #expect(compared.verdict == verdict)
        #expect(compared.difference?.wattHours == read - 1_400)
    }

    @Test func `each reading stands in one row, beside the nearest of the other source`() {
        func side(_ id: Int32, _ minutes: Int64, _ wattHours: Int64) -> ComparedRegister {
            ComparedRegister(id: id, reading: reading(minutes, wattHours), reported: nil)
        }
        let rows = SourceComparison.rows(
            assessor: [side(1, 0, 5_000), side(2, 60 * 24 * 60, 400_000)],
            consumer: [side(3, 90, 6_000), side(4, 600, 7_000), side(5, 60 * 24 * 60, 100_000)],
            rules: Self.rules
        )
        #expect(rows.map { $0.assessor?.id } == [2, nil, 1])
        #expect(rows.map { $0.consumer?.id } == [5, 4, 3])
        #expect(rows.map(\.verdict) == [.differs, .single, .agrees])
    }

    @Test func `without a later report it waits`() {
        let compared = ComparedRegister(
            id: 1,
            reading: reading(4, 99_000),
            reported: reported(4, reading(0, 1_000), nil)
        )
        let rows = SourceComparison.rows(assessor: [], consumer: [compared], rules: Self.rules)
        #expect(rows.map(\.verdict) == [.waiting])
    }
}
