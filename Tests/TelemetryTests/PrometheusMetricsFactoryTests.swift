import Metrics
import Telemetry
import Testing

struct PrometheusMetricsFactoryTests {
    let factory = PrometheusMetricsFactory()

    private func lines(of name: String) -> [String] {
        factory.text().split(separator: "\n").map { String($0) }.filter { $0.contains(name) }
    }

    @Test func `a counter is one line under its type`() {
        let counter = Counter(label: "readings", dimensions: [], factory: factory)
        counter.increment(by: 3)
        counter.increment()

        #expect(lines(of: "readings") == ["# TYPE readings_total counter", "readings_total 4"])
    }

    @Test func `counters of one name and the same labels count together`() {
        for _ in 0..<5 {
            Counter(
                label: "requests_total",
                dimensions: [("route", "/v1"), ("method", "GET")],
                factory: factory
            ).increment()
        }
        Counter(
            label: "requests_total",
            dimensions: [("method", "GET"), ("route", "/v1")],
            factory: factory
        ).increment()

        #expect(lines(of: "requests").last == #"requests_total{method="GET",route="/v1"} 6"#)
    }

    @Test func `a counter never goes down`() {
        let handler = factory.makeCounter(label: "steps", dimensions: [])
        handler.increment(by: 2)
        handler.increment(by: -1)

        #expect(lines(of: "steps").last == "steps_total 2")
    }

    @Test func `a counter of fractions keeps them`() {
        let counter = FloatingPointCounter(label: "energy_kwh", dimensions: [], factory: factory)
        counter.increment(by: 0.25)
        counter.increment(by: 0.5)

        #expect(lines(of: "energy").last == "energy_kwh_total 0.75")
    }

    @Test func `a gauge shows its last value`() {
        let gauge = Gauge(label: "open_connections", dimensions: [], factory: factory)
        gauge.record(7)
        gauge.record(2)

        #expect(lines(of: "open_c") == ["# TYPE open_connections gauge", "open_connections 2"])
    }

    @Test func `a meter goes up and down`() {
        let meter = Meter(label: "waiting", dimensions: [], factory: factory)
        meter.set(10)
        meter.increment(by: 2)
        meter.decrement(by: 0.5)

        #expect(lines(of: "waiting").last == "waiting 11.5")
    }

    @Test func `a timer fills buckets from below and ends in seconds`() {
        let timer = Timer(label: "commit", dimensions: [("table", "reading")], factory: factory)
        timer.recordMilliseconds(1)
        timer.recordMilliseconds(3)
        timer.recordSeconds(60)

        let found = lines(of: "commit")
        #expect(found.contains(#"commit_seconds_bucket{table="reading",le="0.001"} 1"#))
        #expect(found.contains(#"commit_seconds_bucket{table="reading",le="0.005"} 2"#))
        #expect(found.contains(#"commit_seconds_bucket{table="reading",le="10"} 2"#))
        #expect(found.contains(#"commit_seconds_bucket{table="reading",le="+Inf"} 3"#))
        #expect(found.contains(#"commit_seconds_sum{table="reading"} 60.004"#))
        #expect(found.contains(#"commit_seconds_count{table="reading"} 3"#))
    }

    @Test func `a recorder that aggregates is a histogram`() {
        let recorder = Recorder(label: "batch", dimensions: [], aggregate: true, factory: factory)
        recorder.record(4)
        recorder.record(900)

        let found = lines(of: "batch")
        #expect(found.first == "# TYPE batch histogram")
        #expect(found.contains(#"batch_bucket{le="5"} 1"#))
        #expect(found.contains("batch_sum 904"))
    }

    @Test func `values that are no numbers are left out`() {
        let handler = factory.makeRecorder(label: "odd", dimensions: [], aggregate: true)
        handler.record(Double.nan)
        handler.record(Double.infinity)

        #expect(lines(of: "odd").contains("odd_count 0"))
    }

    @Test(arguments: [
        ("pool.wait-time", "pool_wait_time"), ("9lives", "_9lives"), ("ns:name", "ns:name"),
        ("", "_"), ("வரி", "___"),
    ])
    func `names are made fit for the format`(label: String, name: String) {
        factory.makeMeter(label: label, dimensions: []).set(Int64(1))

        #expect(factory.text().contains("# TYPE \(name) gauge\n\(name) 1\n"))
    }

    @Test func `label values are escaped and label names made fit`() {
        factory.makeMeter(label: "m", dimensions: [("a.b", "x\"y\\z\nw"), ("a:b", "second")])
            .set(Int64(1))

        #expect(factory.text().contains(#"m{a_b="x\"y\\z\nw"} 1"#))
    }

    @Test func `too many label sets share one series and are counted`() {
        let extra = 25
        for number in 0..<(Limits.seriesPerFamily + extra) {
            factory.makeCounter(label: "ids", dimensions: [("id", "\(number)")]).increment(by: 1)
        }

        #expect(lines(of: "ids_total{").count == Limits.seriesPerFamily + 1)
        #expect(lines(of: #"ids_total{id="overflow"}"#) == ["ids_total{id=\"overflow\"} \(extra)"])
        #expect(lines(of: "telemetry_series_refused_total").last?.hasSuffix(" \(extra)") == true)
    }

    @Test func `too many names are refused without harm`() {
        for number in 0..<(Limits.families + 10) {
            factory.makeMeter(label: "name\(number)", dimensions: []).set(Int64(1))
        }

        #expect(lines(of: "# TYPE name").count == Limits.families)
        #expect(lines(of: "telemetry_series_refused_total").last?.hasSuffix(" 10") == true)
    }

    @Test func `one name cannot be two kinds of metric`() {
        factory.makeMeter(label: "load_total", dimensions: []).set(Int64(5))
        factory.makeCounter(label: "load", dimensions: []).increment(by: 1)

        #expect(lines(of: "load_total") == ["# TYPE load_total gauge", "load_total 5"])
    }

    @Test func `counting from many tasks loses nothing`() async {
        let factory = factory
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        factory.makeCounter(label: "busy", dimensions: []).increment(by: 1)
                    }
                }
            }
        }

        #expect(lines(of: "busy").last == "busy_total 8000")
    }

    @Test func `the process tells of itself`() {
        let text = factory.text()

        for name in ["process_cpu_seconds_total", "process_resident_memory_bytes"] {
            #expect(text.contains("# TYPE \(name)"))
        }
        #expect(text.hasSuffix("\n"))
    }
}
