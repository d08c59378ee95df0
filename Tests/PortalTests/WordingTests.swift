import Testing
import Units

@testable import Portal

struct WordingTests {
    @Test(
        arguments: [
            (0, 1, "0.0"), (49, 1, "0.0"), (50, 1, "0.1"), (1_234_567, 1, "1,234.6"),
            (1_234_567, 3, "1,234.567"), (99_950, 1, "100.0"), (-1_500, 0, "−2"), (-40, 1, "0.0"),
            (12_345_678_900, 0, "1,23,45,679"), (977, 2, "0.98"),
        ] as [(Int64, Int, String)]
    )
    func `a decimal is rounded half up and grouped`(value: Int64, places: Int, text: String) {
        #expect(decimal(thousandths: value, places: places) == text)
    }

    @Test(arguments: [
        ("2026-11-23T10:15:00Z", "3:45 pm"), ("2026-11-22T18:30:00Z", "12:00 am"),
        ("2026-11-23T06:30:00Z", "12:00 pm"), ("2026-11-22T18:29:00Z", "22 Nov 2026, 11:59 pm"),
    ])
    func `times are those of the office`(instant: String, text: String) throws {
        #expect(Samples.wording.time(try #require(Instant(instant))) == text)
    }

    @Test(
        arguments: [
            (0, "just now"), (-30, "just now"), (5, "5 seconds ago"), (60, "1 minute ago"),
            (3_599, "59 minutes ago"), (7_200, "2 hours ago"), (172_800, "2 days ago"),
        ] as [(Int64, String)]
    )
    func `an age is said in its largest unit`(seconds: Int64, text: String) {
        let wording = Samples.wording
        #expect(wording.age(wording.now.adding(seconds: -seconds)) == text)
    }

    @Test(arguments: [
        ("2026-09-05 to 2026-09-07, 2026-10-12", "5 to 7 Sep, 12 Oct 2026"),
        ("2026-09-29 to 2026-10-02", "29 Sep to 2 Oct 2026"),
        ("2025-12-31 to 2026-01-02, 2026-03-01", "31 Dec 2025 to 2 Jan 2026, 1 Mar 2026"),
        ("2026-01-01", "1 Jan 2026"), ("in spring", "in spring"),
    ])
    func `days that a bill keeps in ISO form are written for people`(kept: String, text: String) {
        #expect(readableDayRanges(kept) == text)
    }

    @Test func `a silent meter is one that never spoke or not for long`() {
        let wording = Samples.wording
        #expect(wording.isSilent(since: nil))
        #expect(!wording.isSilent(since: wording.now.adding(seconds: -Limits.silentSeconds)))
        #expect(wording.isSilent(since: wording.now.adding(seconds: -Limits.silentSeconds - 1)))
    }

    @Test(arguments: [
        ("/services/04-1", "/services/04-1"), ("//evil.example", "/"), ("https://evil", "/"),
        ("/\\evil", "/"), ("", "/"), ("/a\r\nSet-Cookie: x", "/"), ("/ä", "/"),
    ])
    func `after signing in one goes to this site only`(given: String, goes: String) {
        #expect(safeNext(given) == goes)
    }

    @Test(arguments: [
        (
            "no reading at or after the end of the cycle (2026-10-31T18:30:00Z)",
            "no reading at or after the end of the cycle (1 Nov 2026, 12:00 am)"
        ),
        (
            "no supply to 2026-10-31T18:30:00Z: none", "no supply to 1 Nov 2026, 12:00 am: none"
        ),
        ("connected on 2026-11-02, after the cycle", "connected on 2 Nov 2026, after the cycle"),
        ("meter m-2301: fell from 12.5 to 3", "meter m-2301: fell from 12.5 to 3"), ("", ""),
        ("TEZ -:- 2026-99-99 9", "TEZ -:- 2026-99-99 9"),
    ])
    func `a reason keeps its words and tells its times plainly`(kept: String, text: String) {
        #expect(Samples.wording.readable(kept) == text)
    }

    @Test func `a piece of a path is escaped`() {
        #expect(pathPiece("04-100/7 ä?#") == "04-100%2F7%20%C3%A4%3F%23")
    }
}
