import Metering
import Testing
import Units

/// What is possible and usual for a service without bills of its own.
struct FirstBillRuleTests {
    private static let day: Int64 = 86_400

    private func rule(peers: [Int64] = [], loadWatts: Int = 5_000) -> FirstBillRule {
        let thresholds = ValidationRules()
        return FirstBillRule(
            sanctionedLoadWatts: loadWatts,
            peers: PeerUse(daily: peers, fewest: Int(thresholds.firstPeers)),
            thresholds: thresholds
        )
    }

    private func energy(_ kWh: Int64) -> Energy { Energy(wattHours: kWh * 1_000) }

    @Test func `more than twice the sanctioned load all day is impossible`() {
        // 5 kW × 24 h × 200 % are 240 kWh a day.
        #expect(rule().impossible(energy(240), seconds: Self.day) == nil)
        #expect(
            rule().impossible(energy(241), seconds: Self.day)
                == .abovePossible(
                    "241 kWh a day; 5 kW of sanctioned load allow 240 kWh a day at most, which is "
                        + "200 % of it for 24 hours"
                )
        )
        #expect(rule().impossible(energy(14_640), seconds: 61 * Self.day) == nil)
        #expect(rule().impossible(energy(14_641), seconds: 61 * Self.day) != nil)
    }

    @Test func `without peers a load factor is the bound`() {
        // 60 % of 5 kW all day are 72 kWh.
        #expect(rule().unusual(energy(72), seconds: Self.day) == nil)
        #expect(
            rule().unusual(energy(84), seconds: Self.day)
                == .high(
                    "84 kWh a day are a load factor of 70 % of 5 kW of sanctioned load; without bills "
                        + "of its own or of 10 like services up to 60 % (72 kWh a day) is usual"
                )
        )
        #expect(rule().unusual(.zero, seconds: Self.day) == nil)
    }

    @Test func `ten peers and not nine tell what is usual`() {
        let daily = (1...10).map { Int64($0) * 1_000_000 }
        #expect(PeerUse(daily: Array(daily.dropLast()), fewest: 10) == nil)
        let peers = PeerUse(daily: daily.reversed(), fewest: 10)
        #expect(peers?.lowest == 1_000_000 && peers?.highest == 10_000_000)
        // The middle nine tenths of a hundred leave five out at each end.
        let many = PeerUse(daily: (1...100).map { Int64($0) }, fewest: 10)
        #expect(many?.lowest == 5 && many?.highest == 95)
        #expect(rule(peers: daily).unusual(energy(30), seconds: Self.day) == nil)
        #expect(
            rule(peers: daily).unusual(energy(31), seconds: Self.day)
                == .high(
                    "31 kWh a day are more than 300 % of what is usual: 10 like services use 1 to 10 "
                        + "kWh a day, and there are too few bills of its own"
                )
        )
    }

    @Test func `an office may want low first bills looked at as well`() {
        var rule = rule(peers: [Int64](repeating: 5_000_000, count: 12))
        #expect(rule.unusual(.zero, seconds: Self.day) == nil)
        rule.thresholds.firstLowPercent = 50
        guard case .low(let words)? = rule.unusual(energy(2), seconds: Self.day) else {
            Issue.record("a low first bill went by")
            return
        }
        #expect(words.hasPrefix("2 kWh a day are less than 50 % of what is usual: 12 like"))
    }

    @Test func `the thresholds are read like the others`() {
        let (rules, faults) = ValidationRules.reading([
            "first_peers": "25", "first_load_factor": "90", "first_high_percent": "99",
        ])
        #expect(rules.firstPeers == 25 && rules.firstLoadFactor == 90)
        #expect(faults.map(\.key) == ["first_high_percent"])
    }
}
