import FoundationEssentials
import Testing
import Units

@testable import Portal

struct ChartTests {
    @Test(
        arguments: [
            (0, 1), (1, 1), (4, 1), (5, 2), (9, 5), (11_900, 5_000), (40_000, 10_000),
            (40_001, 20_000), (143_200, 50_000),
        ] as [(Int64, Int64)]
    )
    func `the axis counts in round steps`(largest: Int64, step: Int64) {
        #expect(AxisScale(holding: largest).step == step)
    }

    @Test func `every value lies below the top of its axis`() {
        var random = SplitMix(seed: 20_261_123)
        for _ in 0..<2_000 {
            let largest = Int64(random.next() >> (random.next() % 50 + 12))
            let scale = AxisScale(holding: largest)
            #expect(scale.top >= largest, "\(largest)")
            #expect((1...4).contains(scale.ticks), "\(largest)")
        }
    }

    @Test func `the days of a month as bars`() throws {
        let days = Samples.days(
            from: "2026-11-01",
            to: "2026-11-23",
            missing: ["2026-11-12", "2026-11-13"],
            today: "2026-11-23"
        )

        let panel = UsagePanel(days: days, of: Samples.date("2026-11-01").month)

        try expectSnapshot(panel.svg, named: "days.svg")
        #expect(panel.gaps == "12 to 13 Nov 2026")
        #expect(panel.hasGaps && panel.hasPartial)
        #expect(panel.rows.count == 23)
        #expect(panel.rows[11].units == "–" && panel.rows[11].remark == "no reading")
    }

    @Test func `thirteen months as bars with their values`() throws {
        let page = ServicePage(Samples.facts, wording: Samples.wording)

        try expectSnapshot(page.months.svg, named: "months.svg")
        #expect(page.months.rows.count == 13)
        #expect(page.months.rows.last?.remark == "so far, 3 days without a reading")
    }

    @Test func `a line breaks where readings are missing`() throws {
        let points = [0, 600, 1_200, 9_000, 9_600, 20_000].map {
            SVGLine.Point(seconds: $0, thousandths: 400_000 + $0 * 37)
        }
        let line = SVGLine(
            identifier: "power",
            title: "Power",
            summary: "Six readings.",
            unit: "W",
            first: 0,
            last: 21_600,
            points: points,
            ticks: [SVGLine.Tick(seconds: 3_600, label: "1:00 pm")],
            joinedGapSeconds: 2_700
        )

        try expectSnapshot(line.svg, named: "line.svg")
        #expect(line.svg.components(separatedBy: "class=\"curve\"").count == 3)
        #expect(line.svg.contains("<circle"))
    }

    @Test func `no reading at all is said, not drawn as zero`() {
        let days = Samples.days(
            from: "2026-11-01",
            to: "2026-11-03",
            missing: ["2026-11-01", "2026-11-02", "2026-11-03"],
            today: "2026-11-23"
        )

        let panel = UsagePanel(days: days, of: Samples.date("2026-11-01").month)

        #expect(panel.svg.contains("No readings in this time."))
        #expect(panel.svg.components(separatedBy: ": no reading").count == 4)
        #expect(!panel.svg.contains("class=\"bar\""))
    }

    @Test func `text in a chart is escaped`() {
        let chart = SVGBarChart(
            identifier: "x",
            title: "<script>alert(1)</script>",
            summary: "\"&'",
            unit: "units",
            bars: [
                SVGBarChart.Bar(
                    label: "<b>",
                    name: "a<b",
                    thousandths: 1_000,
                    state: .partial("<i>")
                )
            ]
        )

        #expect(!chart.svg.contains("<script>") && !chart.svg.contains("<b>"))
        #expect(!chart.svg.contains("<i>"))
        #expect(chart.svg.contains("&lt;script&gt;") && chart.svg.contains("&quot;&amp;&#39;"))
    }
}

/// A small seeded source of random numbers.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
