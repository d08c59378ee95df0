import Metering
import Testing
import Units
import Wire

@Suite struct JSONReportTests {
    @Test func `the contract's example is read`() throws {
        let report = try ReportDecoder.decode(Array(Samples.json.utf8))
        #expect(report.sequence == 1_042)
        #expect(report.epoch == 0)
        #expect(report.oldestSequence == nil)

        let readings = try report.items.map { try $0.get() }
        #expect(readings.map(\.sequence) == [1_041, 1_042])
        #expect(readings[0].at == Instant("2026-11-22T10:00:00Z"))
        #expect(readings[1].at == Instant("2026-11-22T10:15:00Z"))
        #expect(readings[1].main.voltageMillivolts == 231_200)
        #expect(readings[1].main.powerFactorPermille == 977)
        #expect(readings[1].dev1?.energyWattHours == 12)
        #expect(readings[1].dev2?.energyWattHours == 7)
        #expect(readings[0].dev1 == nil)
    }

    @Test func `keys may come in any order`() throws {
        let text = #"""
            {"readings":[{"channels":{"dev1":{"energyWattHours":2},"main":{"energyWattHours":1}},
            "at":"2026-11-22T10:15:00Z"}],"oldestSequence":3,"epoch":2,"sequence":9}
            """#
        let report = try ReportDecoder.decode(Array(text.utf8))
        #expect(report.epoch == 2)
        #expect(report.oldestSequence == 3)
        let reading = try report.items[0].get()
        #expect(reading.epoch == 2)
        #expect(reading.sequence == 9)
    }

    @Test func `what is encoded is decoded`() throws {
        for seed in 0..<500 {
            var random = SeededRandom(seed: UInt64(seed))
            let sample = Samples.report(&random, forFrames: false)
            let bytes = ReportEncoder.json(
                sample.readings,
                epoch: sample.epoch,
                sequence: sample.sequence,
                oldestSequence: sample.oldest
            )
            let report = try ReportDecoder.decode(bytes)
            #expect(try report.items.map { try $0.get() } == sample.readings, "seed \(seed)")
            #expect(report.oldestSequence == sample.oldest)
            #expect(ReportEncoder.json(report) == bytes)
        }
    }

    @Test func `a reading without a clock gives its age, and extras are kept by channel`() throws {
        let text = #"""
            {"ageSeconds":75,"channels":{"main":{"energyWattHours":1,"exportWattHours":2,
            "reactiveVarHours":3,"apparentVoltAmpereHours":4,"maximumDemandWatts":5}}}
            """#
        let reading = try ReportDecoder.decode(Samples.body(text)).items[0].get()
        #expect(reading.at == nil)
        #expect(reading.ageSeconds == 75)
        #expect(
            reading.extras == [
                .main: ExtraQuantities(
                    exportWattHours: 2,
                    reactiveVarHours: 3,
                    apparentVoltAmpereHours: 4,
                    maximumDemandWatts: 5
                )
            ]
        )
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var reading: String
        var code: ReadingFault.Code
        var pointer: String
        var testDescription: String { reading }

        init(_ reading: String, _ code: ReadingFault.Code, _ pointer: String) {
            self.reading = reading
            self.code = code
            self.pointer = pointer
        }

        static func main(_ main: String, _ code: ReadingFault.Code, _ pointer: String) -> Fault {
            Fault(
                #"{"at":"2026-11-22T10:15:00Z","channels":{"main":\#(main)}}"#,
                code,
                "/channels/main" + pointer
            )
        }
    }

    @Test(
        arguments: [
            .main(#"{"energyWattHours":-1}"#, .negativeRegister, "/energyWattHours"),
            .main(#"{"energyWattHours":1000000000000001}"#, .outOfRange, "/energyWattHours"),
            .main(#"{"energyWattHours":99999999999999999999}"#, .outOfRange, "/energyWattHours"),
            .main(#"{"energyWattHours":1.5}"#, .wrongType, "/energyWattHours"),
            .main(#"{"energyWattHours":15e-1}"#, .wrongType, "/energyWattHours"),
            .main(#"{"energyWattHours":1e19}"#, .outOfRange, "/energyWattHours"),
            .main(#"{"energyWattHours":"1"}"#, .wrongType, "/energyWattHours"),
            .main(#"{"energyWattHours":null}"#, .wrongType, "/energyWattHours"),
            .main(#"{"voltageMillivolts":231000}"#, .missingField, "/energyWattHours"),
            .main(
                #"{"energyWattHours":1,"voltageMillivolts":-1}"#,
                .outOfRange,
                "/voltageMillivolts"
            ),
            .main(
                #"{"energyWattHours":1,"voltageMillivolts":2147483648}"#,
                .outOfRange,
                "/voltageMillivolts"
            ),
            .main(
                #"{"energyWattHours":1,"powerFactorPermille":1001}"#,
                .outOfRange,
                "/powerFactorPermille"
            ),
            .main(#"{"energyWattHours":1,"energyWattHours":1}"#, .duplicateKey, "/energyWattHours"),
            .main(#"{"energyWattHours":1,"voltage":230}"#, .malformed, "/voltage"),
            .main(#"{"energyWattHours":1,"a/b~c":230}"#, .malformed, "/a~1b~0c"),
            .main("[]", .wrongType, ""),
            Fault(
                #"{"at":"2026-11-22T10:15:00Z","channels":{"dev1":{"energyWattHours":1}}}"#,
                .missingField,
                "/channels"
            ),
            Fault(
                #"{"at":"2026-11-22T10:15:00Z","channels":{"main":{"energyWattHours":1},"dev3":{}}}"#,
                .unknownChannel,
                "/channels/dev3"
            ),
            Fault(#"{"at":"2026-11-22T10:15:00Z"}"#, .missingField, ""),
            Fault(#"{"channels":{"main":{"energyWattHours":1}}}"#, .noTime, ""),
            Fault(#"{"at":"22.11.2026","channels":{}}"#, .malformed, "/at"),
            Fault(#"{"at":"2026-02-30T00:00:00Z","channels":{}}"#, .malformed, "/at"),
            Fault(#"{"at":1795342500,"channels":{}}"#, .wrongType, "/at"),
            Fault(#"{"ageSeconds":-1,"channels":{}}"#, .outOfRange, "/ageSeconds"),
            Fault(
                #"{"ageSeconds":1,"at":"2026-11-22T10:15:00Z","channels":{"main":{"energyWattHours":1}}}"#,
                .malformed,
                ""
            ),
            Fault(#"{"at":"2026-11-22T10:15:00Z","chanels":{}}"#, .malformed, "/chanels"),
            Fault("17", .wrongType, ""),
            Fault("null", .wrongType, ""),
            Fault(#"{"nested":[[{"a":"\u00e9\n"}],-1.5e-3,true,false]}"#, .malformed, "/nested"),
        ] as [Fault]
    )
    func `a fault in one reading is named and leaves its neighbours usable`(fault: Fault) throws {
        let body = Samples.body("\(Samples.good),\(fault.reading),\(Samples.good)")
        let report = try ReportDecoder.decode(body)
        #expect(report.items.count == 3)
        #expect(try report.items[0].get().sequence == 8)
        #expect(try report.items[2].get().sequence == 10)
        guard case .failure(let found) = report.items[1] else {
            Issue.record("accepted")
            return
        }
        #expect(found.code == fault.code)
        #expect(found.detail.hasPrefix("/readings/1\(fault.pointer): "), "\(found.detail)")
    }

    @Test(
        arguments: [
            ("", WireError.Code.empty, ""),
            ("readings", .malformed, ""),
            ("[]", .wrongType, ""),
            ("{}", .missingField, "/sequence"),
            (#"{"sequence":1}"#, .missingField, "/readings"),
            (#"{"readings":[{}]}"#, .missingField, "/sequence"),
            (#"{"sequence":1,"readings":[]}"#, .empty, "/readings"),
            (#"{"sequence":1,"readings":{}}"#, .wrongType, "/readings"),
            (#"{"sequence":-1,"readings":[{}]}"#, .outOfRange, "/sequence"),
            (#"{"sequence":0,"readings":[{},{}]}"#, .outOfRange, "/sequence"),
            (#"{"sequence":"1","readings":[{}]}"#, .wrongType, "/sequence"),
            (#"{"sequence":1,"sequence":1,"readings":[{}]}"#, .duplicateKey, "/sequence"),
            (#"{"sequence":1,"epoch":-1,"readings":[{}]}"#, .outOfRange, "/epoch"),
            (#"{"sequence":1,"epoch":2147483648,"readings":[{}]}"#, .outOfRange, "/epoch"),
            (#"{"sequence":1,"oldestSequence":2,"readings":[{}]}"#, .outOfRange, "/oldestSequence"),
            (#"{"sequence":1,"readings":[{}],"meter":"A"}"#, .unknownKey, "/meter"),
            (#"{"sequence":1,"Readings":[{}]}"#, .unknownKey, "/Readings"),
            (#"{"sequence":1,"readings":[{}]} x"#, .malformed, ""),
            (#"{"sequence":1,"readings":[{}]"#, .malformed, ""),
            (#"{"sequence":1,"readings":[{},]}"#, .malformed, "/readings/1"),
            (#"{"sequence":1,"readings":[{"at":NaN}]}"#, .malformed, "/readings/0"),
            (#"{"sequence":1,"readings":[{"at":01}]}"#, .malformed, "/readings/0"),
            (#"{"sequence":1,"readings":[[[[[[[[[[]]]]]]]]]]}"#, .malformed, "/readings/0"),
            (#"{"sequence":1,"readings":[{"at":"\x"}]}"#, .malformed, "/readings/0"),
        ] as [(String, WireError.Code, String)]
    )
    func `a body that cannot be used at all says why`(
        text: String,
        code: WireError.Code,
        pointer: String
    ) {
        do {
            _ = try ReportDecoder.decode(Array(text.utf8))
            Issue.record("accepted")
        } catch {
            #expect(error.code == code, "\(error)")
            #expect(error.pointer == pointer, "\(error)")
            #expect(!error.detail.isEmpty)
        }
    }

    @Test func `the number of readings is limited`() throws {
        let many = Array(repeating: Samples.good, count: 1_001).joined(separator: ",")
        #expect(throws: WireError.self) {
            try ReportDecoder.decode(Samples.body(many, sequence: 5_000))
        }
        let few = Array(repeating: Samples.good, count: 5).joined(separator: ",")
        #expect(throws: WireError.self) {
            try ReportDecoder.decode(Samples.body(few), maximumReadings: 4)
        }
        #expect(
            try ReportDecoder.decode(Samples.body(few), maximumReadings: 5).items.count == 5
        )
    }

    @Test func `every shortened body is an error`() {
        let bytes = Array(Samples.json.utf8)
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try ReportDecoder.decode(Array(bytes.prefix(length)))
            }
        }
    }

    @Test func `a hundred thousand damaged bodies never crash`() {
        let bytes = Array(Samples.json.utf8)
        var random = SeededRandom(seed: 31)
        var refused = 0
        for _ in 0..<100_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[index] = .random(in: 0...255, using: &random)
                case 1: damaged.remove(at: index)
                default: damaged.insert(damaged[index], at: index)
                }
            }
            if (try? ReportDecoder.decode(damaged)) == nil { refused += 1 }
        }
        #expect(refused > 30_000)
    }
}

@Suite struct InstantFormTests {
    @Test func `the short form of an instant means what the general one means`() throws {
        var random = SeededRandom(seed: 61)
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
            let instant = Instant(secondsSince1970: seconds)
            let general = "\(instant)".replacing("Z", with: "+00:00")
            #expect(try at("\(instant)") == instant)
            #expect(try at(general) == instant)
        }
    }

    @Test(arguments: [
        "2026-11-31T00:00:00Z", "2026-00-10T00:00:00Z", "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z", "2026-11-22T10:15:60Z", "2026-11-22 10:15:00Z",
        "2O26-11-22T10:15:00Z", "2026-11-22T10:15:0:Z", "0000-01-01T00:00:00Z",
    ])
    func `an instant that does not exist is refused`(text: String) {
        #expect(throws: (any Error).self) { try at(text) }
    }

    private func at(_ text: String) throws -> Instant? {
        let reading = #"{"at":"\#(text)","channels":{"main":{"energyWattHours":5}}}"#
        return try ReportDecoder.decode(Samples.body(reading)).items[0].get().at
    }
}
