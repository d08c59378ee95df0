import FoundationEssentials
import Metering
import Testing
import Units
import Wire

/// The strict parser against the general decoder of the platform.
@Suite struct GeneralDecoderTests {
    @Test func `reports written in any way are read as the general decoder reads them`() throws {
        for seed in 0..<1_000 {
            var random = SeededRandom(seed: UInt64(seed))
            var writer = AnyWay(&random)
            let text = writer.report()
            let bytes = Array(text.utf8)
            let general = try JSONDecoder().decode(General.Report.self, from: Data(bytes))
            let report = try ReportDecoder.decode(bytes)
            #expect(General.Report(report) == general, "seed \(seed): \(text)")
        }
    }

    @Test func `what the strict parser takes of damaged bodies the general decoder takes alike`() {
        var (taken, refused) = (0, 0)
        for seed in 0..<10_000 {
            var random = SeededRandom(seed: UInt64(seed) &+ 1 << 32)
            var writer = AnyWay(&random)
            var bytes = Array(writer.report().utf8)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = .random(in: 0x20...0x7E, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(bytes[index], at: index)
                default:
                    bytes[index] =
                        Array(#""\{}[]:,.-+eE0123456789"#.utf8).randomElement(using: &random) ?? 0
                }
            }
            guard let report = try? ReportDecoder.decode(bytes),
                report.items.allSatisfy({ (try? $0.get()) != nil })
            else {
                refused += 1
                continue
            }
            taken += 1
            let general = try? JSONDecoder().decode(General.Report.self, from: Data(bytes))
            #expect(
                General.Report(report) == general,
                "seed \(seed): \(String(decoding: bytes, as: UTF8.self))"
            )
        }
        #expect(taken > 500 && refused > 500, "\(taken) taken, \(refused) refused")
    }

    @Test(
        arguments: [
            ("231200.0", 231_200), ("2.312e5", 231_200), ("2312E+2", 231_200), ("0.0", 0),
            ("0e9", 0),
            ("23120000e-2", 231_200), ("-0", 0), ("1.000000", 1),
        ] as [(String, Int32)]
    )
    func `a whole number may have a fraction of nothing or an exponent`(text: String, value: Int32)
        throws
    {
        let reading =
            #"{"at":"2026-11-22T10:15:00Z","channels":{"main":{"energyWattHours":5,"voltageMillivolts":\#(text)}}}"#
        #expect(
            try ReportDecoder.decode(Samples.body(reading)).items[0].get().main.voltageMillivolts
                == value
        )
    }

    @Test(arguments: [
        "0.5", "1e-1", "231200.01", "1e400", "12345678901234567890.0", "1e99999999999999999999",
        "1e-9223372036854775808",
        "1e9223372036854775807",
    ])
    func `any other number is refused in its place`(text: String) throws {
        let reading =
            #"{"at":"2026-11-22T10:15:00Z","channels":{"main":{"energyWattHours":\#(text)}}}"#
        guard case .failure(let fault) = try ReportDecoder.decode(Samples.body(reading)).items[0]
        else {
            Issue.record("accepted")
            return
        }
        #expect(fault.code == .wrongType || fault.code == .outOfRange)
        #expect(
            fault.detail.hasPrefix("/readings/0/channels/main/energyWattHours: "),
            "\(fault.detail)"
        )
    }
}

@Suite struct EscapeTests {
    @Test(arguments: [
        #"\u+061t"#, #"\u 61t"#, #"\u0x1t"#, #"\u61t"#, #"\u0022at"#, #"\u005cat"#, #"a\t"#,
    ])
    func `an escape that is none, or is needed, is refused`(key: String) throws {
        let reading =
            #"{"\#(key)":"2026-11-22T10:15:00Z","channels":{"main":{"energyWattHours":5}}}"#
        let report = try? ReportDecoder.decode(Samples.body(reading))
        #expect(report?.items.allSatisfy { (try? $0.get()) == nil } ?? true)
    }

    @Test func `a key whose letters are written as escapes is that key`() throws {
        let reading =
            #"{"\u0061\u0074":"2026-11-22T10:15:00\u005A","channels":{"main":{"energyWattHours":5}}}"#
        #expect(
            try ReportDecoder.decode(Samples.body(reading)).items[0].get().at
                == Instant("2026-11-22T10:15:00Z")
        )
    }
}

/// A report as the general decoder sees it.
private enum General {
    struct Report: Decodable, Equatable {
        var sequence: Int64
        var epoch: Int64?
        var oldestSequence: Int64?
        var readings: [Reading]

        init(_ report: MeterReport) {
            sequence = report.sequence
            epoch = Int64(report.epoch)
            oldestSequence = report.oldestSequence
            readings = report.items.compactMap { try? $0.get() }.map { Reading($0) }
        }

        static func == (left: Report, right: Report) -> Bool {
            left.sequence == right.sequence && left.epoch ?? 0 == right.epoch ?? 0
                && left.oldestSequence == right.oldestSequence && left.readings == right.readings
        }
    }

    struct Reading: Decodable, Equatable {
        var at: String?
        var ageSeconds: Int64?
        var channels: [String: Values]

        init(_ reading: ReportedReading) {
            at = reading.at.map { "\($0)" }
            ageSeconds = reading.ageSeconds
            channels = ["main": Values(reading.main, reading.extras[.main])]
            channels["dev1"] = reading.dev1.map { Values($0, reading.extras[.dev1]) }
            channels["dev2"] = reading.dev2.map { Values($0, reading.extras[.dev2]) }
        }

        static func == (left: Reading, right: Reading) -> Bool {
            left.ageSeconds == right.ageSeconds && left.channels == right.channels
                && left.at.flatMap { Instant($0) } == right.at.flatMap { Instant($0) }
        }
    }

    struct Values: Decodable, Equatable {
        var energyWattHours: Int64
        var voltageMillivolts: Int64?
        var currentMilliamps: Int64?
        var powerMilliwatts: Int64?
        var powerFactorPermille: Int64?
        var exportWattHours: Int64?
        var maximumDemandWatts: Int64?

        init(_ reading: ChannelReading, _ extra: ExtraQuantities?) {
            energyWattHours = reading.energyWattHours
            voltageMillivolts = Int64(reading.voltageMillivolts)
            currentMilliamps = Int64(reading.currentMilliamps)
            powerMilliwatts = Int64(reading.powerMilliwatts)
            powerFactorPermille = Int64(reading.powerFactorPermille)
            exportWattHours = extra?.exportWattHours
            maximumDemandWatts = extra?.maximumDemandWatts
        }

        static func == (left: Values, right: Values) -> Bool {
            left.energyWattHours == right.energyWattHours
                && left.voltageMillivolts ?? 0 == right.voltageMillivolts ?? 0
                && left.currentMilliamps ?? 0 == right.currentMilliamps ?? 0
                && left.powerMilliwatts ?? 0 == right.powerMilliwatts ?? 0
                && left.powerFactorPermille ?? 0 == right.powerFactorPermille ?? 0
                && left.exportWattHours == right.exportWattHours
                && left.maximumDemandWatts == right.maximumDemandWatts
        }
    }
}

/// Writes reports in any order of keys, with any space, needless escapes and odd forms of numbers.
private struct AnyWay {
    private var random: SeededRandom

    init(_ random: inout SeededRandom) { self.random = SeededRandom(seed: random.next()) }

    mutating func report() -> String {
        let count = Int.random(in: 1...3, using: &random)
        let sequence = Int64.random(in: 10...1_000_000, using: &random)
        var members = [
            ("sequence", number(sequence)), ("readings", array((0..<count).map { _ in reading() })),
        ]
        if Bool.random(using: &random) {
            members.append(("epoch", number(.random(in: 0...9, using: &random))))
        }
        if Bool.random(using: &random) { members.append(("oldestSequence", number(1))) }
        return object(members)
    }

    private mutating func reading() -> String {
        var channels = [("main", values())]
        if Bool.random(using: &random) { channels.append(("dev1", values())) }
        if Bool.random(using: &random) { channels.append(("dev2", values())) }
        let when: (String, String)
        if Int.random(in: 0..<4, using: &random) == 0 {
            when = ("ageSeconds", number(.random(in: 0...100_000, using: &random)))
        } else {
            let at = Instant(
                secondsSince1970: .random(in: 1_700_000_000...1_800_000_000, using: &random)
            )
            when = ("at", quoted("\(at)"))
        }
        return object([when, ("channels", object(channels))])
    }

    private mutating func values() -> String {
        var members = [("energyWattHours", number(.random(in: 0...99_999_999, using: &random)))]
        let others: [(String, ClosedRange<Int64>)] = [
            ("voltageMillivolts", 0...301_000), ("currentMilliamps", 0...60_000),
            ("powerMilliwatts", -9_000_000...9_000_000), ("powerFactorPermille", -1_000...1_000),
            ("exportWattHours", 0...99_999), ("maximumDemandWatts", 0...9_999),
        ]
        for (name, range) in others where Bool.random(using: &random) {
            members.append((name, number(.random(in: range, using: &random))))
        }
        return object(members)
    }

    private mutating func number(_ value: Int64) -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: "\(value).0"
        case 1 where value != 0: "\(value)00e-2"
        case 2 where value % 100 == 0 && value != 0: "\(value / 100)E+2"
        default: "\(value)"
        }
    }

    private mutating func object(_ members: [(String, String)]) -> String {
        let members = members.shuffled(using: &random)
            .map { "\(space())\(quoted($0.0))\(space()):\(space())\($0.1)\(space())" }
        return "{\(members.joined(separator: ","))}"
    }

    private mutating func array(_ elements: [String]) -> String {
        "[\(elements.map { "\(space())\($0)\(space())" }.joined(separator: ","))]"
    }

    private mutating func quoted(_ text: String) -> String {
        guard Int.random(in: 0..<20, using: &random) == 0 else { return "\"\(text)\"" }
        let place = Int.random(in: 0..<text.utf8.count, using: &random)
        let escaped = text.utf8.enumerated().map { index, byte in
            guard index == place else { return String(decoding: [byte], as: UTF8.self) }
            return "\\u00" + String(byte, radix: 16, uppercase: Bool.random(using: &random))
        }
        return "\"\(escaped.joined())\""
    }

    private mutating func space() -> String {
        Int.random(in: 0..<6, using: &random) == 0
            ? [" ", "\n", "\t", "\r\n  "].randomElement(using: &random) ?? "" : ""
    }
}
