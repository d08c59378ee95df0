import Fleet
import Testing
import Units

@Suite struct HouseholdLoadTests {
    @Test func `a household is a function of seed, serial number and time`() {
        let instant = start(2026, 5, 14)
        let first = HouseholdLoad(seed: 1, serial: "A-1")
        let second = HouseholdLoad(seed: 1, serial: "A-1")
        for minute in stride(from: Int64(0), to: 2_880, by: 7) {
            let at = instant.adding(seconds: minute * 60)
            #expect(first.supply(at: at) == second.supply(at: at))
        }
        let other = HouseholdLoad(seed: 1, serial: "A-2")
        let reseeded = HouseholdLoad(seed: 2, serial: "A-1")
        #expect(kilowattHours(first, from: instant) != kilowattHours(other, from: instant))
        #expect(kilowattHours(first, from: instant) != kilowattHours(reseeded, from: instant))
    }

    @Test func `households use what households use`() {
        let days = (0..<200).map { index in
            kilowattHours(
                HouseholdLoad(seed: 3, serial: "H-\(index)"),
                from: start(2026, 10, 12)
            )
        }
        let mean = days.reduce(0, +) / 200
        #expect((3...12).contains(mean), "mean of \(mean) kWh a day")
        #expect(days.allSatisfy { (0.8...30).contains($0) })
    }

    @Test func `summer nights cost more than winter nights`() {
        var summer = 0.0
        var winter = 0.0
        for index in 0..<60 {
            let home = HouseholdLoad(seed: 4, serial: "H-\(index)")
            summer += kilowattHours(home, from: start(2026, 5, 11), days: 3)
            winter += kilowattHours(home, from: start(2026, 1, 11), days: 3)
        }
        #expect(summer > winter * 1.2, "\(summer) against \(winter) kWh")
    }

    @Test func `the evening is the peak, and the voltage dips in it`() {
        var night = (watts: 0.0, volts: 0.0)
        var evening = (watts: 0.0, volts: 0.0)
        for index in 0..<200 {
            let home = HouseholdLoad(seed: 5, serial: "H-\(index)")
            let midnight = start(2026, 11, 16)
            let early = home.supply(at: midnight.adding(seconds: 3 * 3_600))
            let late = home.supply(at: midnight.adding(seconds: 20 * 3_600))
            night = (night.watts + whole(early), night.volts + early.volts)
            evening = (evening.watts + whole(late), evening.volts + late.volts)
        }
        #expect(evening.watts > night.watts * 1.3)
        #expect(evening.volts < night.volts)
        #expect((205...240).contains(evening.volts / 200))
    }

    private func start(_ year: Int, _ month: Int, _ day: Int) -> Instant {
        OfficeZone.india.start(
            of: CivilDate(year: year, month: month, day: day) ?? CivilDate(daysSince1970: 0)
        )
    }

    private func whole(_ supply: Supply) -> Double {
        supply.rest.watts + supply.dev1.watts + supply.dev2.watts
    }

    private func kilowattHours(
        _ home: HouseholdLoad,
        from start: Instant,
        days: Int64 = 1
    ) -> Double {
        stride(from: Int64(150), to: 86_400 * days, by: 300).reduce(0.0) { sum, second in
            sum + whole(home.supply(at: start.adding(seconds: second))) / 12_000
        }
    }
}
