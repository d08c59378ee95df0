import Metering
import Testing
import Wire

@Suite struct GatewayTests {
    @Test func `a gateway's body is read meter by meter`() throws {
        let text = """
            {"meters": [{"meter": "SM-1001", "sequence": 3, "readings": [\(Samples.good)]},
            {"readings": [\(Samples.good),\(Samples.good)], "sequence": 9, "meter": "SM-1002"}]}
            """
        let submissions = try GatewayDecoder.decode(Array(text.utf8))
        #expect(submissions.map(\.meter) == ["SM-1001", "SM-1002"])
        #expect(try submissions[0].report.get().sequence == 3)
        #expect(try submissions[1].report.get().firstSequence == 8)
    }

    @Test(arguments: [
        (#"{"meter":"B","sequence":-1,"readings":[{}]}"#, "/meters/1/sequence"),
        (#"{"meter":"B","readings":[{}]}"#, "/meters/1/sequence"),
        (#"{"meter":"B","sequence":1,"readings":[]}"#, "/meters/1/readings"),
        (#"{"sequence":1,"reading":[],"meter":"B"}"#, "/meters/1/reading"),
    ])
    func `a fault of one meter leaves the others usable`(entry: String, pointer: String) throws {
        let good = #"{"meter":"A","sequence":3,"readings":[\#(Samples.good)]}"#
        let text = #"{"meters":[\#(good),\#(entry),\#(good)]}"#
        let submissions = try GatewayDecoder.decode(Array(text.utf8))
        #expect(submissions.map(\.meter) == ["A", "B", "A"])
        #expect(try submissions[2].report.get().items.count == 1)
        guard case .failure(let error) = submissions[1].report else {
            Issue.record("accepted")
            return
        }
        #expect(error.pointer == pointer)
    }

    @Test func `a fault of one reading names the meter's place`() throws {
        let bad = #"{"at":"2026-11-22T10:15:00Z","channels":{"main":{"energyWattHours":-5}}}"#
        let text = #"{"meters":[{"meter":"A","sequence":3,"readings":[\#(bad)]}]}"#
        let report = try GatewayDecoder.decode(Array(text.utf8))[0].report.get()
        guard case .failure(let fault) = report.items[0] else {
            Issue.record("accepted")
            return
        }
        #expect(
            fault.detail.hasPrefix("/meters/0/readings/0/channels/main/energyWattHours: ")
        )
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"meters":[]}"#, #"{"meters":{}}"#, #"{"meter":[]}"#,
        #"{"meters":[{"sequence":1,"readings":[{}]}]}"#, #"{"meters":[1]}"#,
        #"{"meters":[{"meter":"a b","sequence":1,"readings":[{}]}]}"#,
        #"{"meters":[{"meter":"A","sequence":1,"readings":[{}]}]}x"#,
        #"{"meters":[{"meter":"A","sequence":1,"readings":[{}]}],"more":1}"#,
        #"{"meters":[{"meter":"A","sequence":1,"readings":[{}]},]}"#,
    ])
    func `a body that cannot be told apart by meters is refused`(text: String) {
        #expect(throws: WireError.self) { try GatewayDecoder.decode(Array(text.utf8)) }
    }

    @Test func `the meters and the readings of all meters are limited`() {
        let entry = #"{"meter":"A","sequence":3,"readings":[\#(Samples.good)]}"#
        let many = Array(repeating: entry, count: 1_001).joined(separator: ",")
        #expect(throws: WireError.self) {
            try GatewayDecoder.decode(Array(#"{"meters":[\#(many)]}"#.utf8))
        }
        let readings = Array(repeating: Samples.good, count: 1_000).joined(separator: ",")
        let large = #"{"meter":"A","sequence":1000,"readings":[\#(readings)]}"#
        let eleven = Array(repeating: large, count: 11).joined(separator: ",")
        #expect(throws: WireError.self) {
            try GatewayDecoder.decode(Array(#"{"meters":[\#(eleven)]}"#.utf8))
        }
    }

    @Test func `every shortened or damaged body is safe`() {
        let good = #"{"meter":"A","sequence":3,"readings":[\#(Samples.good)]}"#
        let bytes = Array(#"{"meters":[\#(good),\#(good)]}"#.utf8)
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try GatewayDecoder.decode(Array(bytes.prefix(length)))
            }
        }
        var random = SeededRandom(seed: 51)
        for _ in 0..<20_000 {
            var damaged = bytes
            damaged[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                in: 0...255,
                using: &random
            )
            _ = try? GatewayDecoder.decode(damaged)
        }
    }
}
