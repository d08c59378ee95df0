import Testing
import Units

struct CivilDateTests {
    @Test func `every day of four centuries survives the way to components and back`() throws {
        var date = try #require(CivilDate("1899-12-31"))
        let end = try #require(CivilDate("2300-01-01"))
        var previous = date.components
        while date < end {
            date = date.adding(days: 1)
            let parts = date.components
            #expect(CivilDate(year: parts.year, month: parts.month, day: parts.day) == date)
            #expect(
                (previous.year, previous.month, previous.day) < (parts.year, parts.month, parts.day)
            )
            previous = parts
        }
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-01-01", "2026-01-1x", "",
        "2026-01-01T", "-026-01-01", "2100-02-29",
    ])
    func `a day that does not exist is refused`(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test func `leap days exist in 2024 and 2000 but not in 2100`() {
        #expect(CivilDate("2024-02-29") != nil)
        #expect(CivilDate("2000-02-29") != nil)
        #expect(CivilMonth(year: 2100, month: 2)?.days == 28)
    }

    @Test func `the 23rd of November 2026 is a Monday`() {
        #expect(CivilDate("2026-11-23")?.weekday == 0)
    }

    @Test func `months add over years`() throws {
        let month = try #require(CivilMonth("2026-11"))
        #expect(month.adding(months: 2).description == "2027-01")
        #expect(month.adding(months: -11).description == "2025-12")
        #expect(month.day(31).description == "2026-11-30")
    }

    @Test func `a period counts both its ends`() throws {
        let first = try #require(CivilDate("2026-09-01"))
        let last = try #require(CivilDate("2026-10-31"))
        #expect(BillingPeriod(first: first, last: last)?.days == 61)
        #expect(BillingPeriod(first: last, last: first) == nil)
    }
}

struct InstantTests {
    @Test(arguments: [
        ("2026-11-22T10:15:00Z", 1_795_342_500_000_000),
        ("2026-11-22T15:45:00+05:30", 1_795_342_500_000_000),
        ("2026-11-22T10:15:00.25Z", 1_795_342_500_250_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T00:00:00Z", 0),
    ])
    func `RFC 3339 is read to the microsecond`(text: String, microseconds: Int64) {
        #expect(Instant(text)?.microsecondsSince1970 == microseconds)
    }

    @Test(arguments: [
        "2026-11-22", "2026-11-22T10:15:00", "2026-11-22 10:15:00Z", "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z", "2026-11-22T10:15:60Z", "2026-11-22T10:15:00.Z",
        "2026-11-22T10:15:00.1234567Z", "2026-11-22T10:15:00+5:30", "2026-02-30T00:00:00Z",
        "2026-11-22T10:15:00ZZ", "",
    ])
    func `anything else is refused`(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test func `writing and reading agree`() {
        for microseconds: Int64 in [0, -1, 1, 1_795_342_500_250_000, -62_000_000_000_000_001] {
            let instant = Instant(microsecondsSince1970: microseconds)
            #expect(Instant(instant.description) == instant)
        }
    }

    @Test func `midnight in Kolkata begins a day and closes the metering day before`() throws {
        let midnight = try #require(Instant("2026-11-22T18:30:00Z"))
        #expect(OfficeZone.india.date(of: midnight).description == "2026-11-23")
        #expect(OfficeZone.india.meteringDay(of: midnight).description == "2026-11-22")
        #expect(OfficeZone.india.start(of: OfficeZone.india.date(of: midnight)) == midnight)
    }
}

struct MoneyTests {
    @Test(arguments: [
        (0, "₹0.00"), (5, "₹0.05"), (12_345, "₹123.45"), (100_000, "₹1,000.00"),
        (1_234_567_890, "₹1,23,45,678.90"), (-209_875, "−₹2,098.75"),
        (10_000_000, "₹1,00,000.00"),
    ])
    func `rupees are grouped in the Indian manner`(paise: Int64, text: String) {
        #expect(Money(paise: paise).formatted == text)
    }

    @Test(arguments: [("2098.75", 209_875), ("-3", -300), ("0.5", 50), ("0", 0), ("1.000", 100)])
    func `rupees are read exactly`(text: String, paise: Int64) {
        #expect(Money(rupees: text)?.paise == paise)
    }

    @Test(arguments: ["", ".", "1.005", "1e3", "+1", " 1", "₹1", "99999999999999999999", "--1"])
    func `what is no amount is refused`(text: String) {
        #expect(Money(rupees: text) == nil)
    }

    @Test func `kilowatt hours are read to the watt hour`() {
        #expect(Energy(kilowattHours: "14.611")?.wattHours == 14_611)
        #expect(Energy(kilowattHours: "14.6110")?.wattHours == 14_611)
        #expect(Energy(kilowattHours: "14.6111") == nil)
        #expect(Energy(kilowattHours: "nan") == nil)
        #expect(Energy(kilowattHours: "-1") == nil)
        #expect(Energy(wattHours: 14_610).kilowattHoursText == "14.61")
    }
}
