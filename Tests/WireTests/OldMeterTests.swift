import Metering
import Testing
import Wire

/// The message of the student project's firmware.
struct OldMeterTests {
    private static let whole =
        #"{"a":"231.20","b":"3.41","c":"788.39","d":"230.90","e":"0.50","f":"115.45","#
        + #""g":"0.00","h":"0.00","i":"0.00"}"#

    private func decode(_ text: String) throws(WireError) -> OldMeterMessage {
        try OldMeterDecoder.decode(Array(text.utf8))
    }

    /// The whole message with one member replaced by this text, or left out.
    private func message(_ key: Character, _ member: String?) -> String {
        let members = "abcdefghi".map { letter in
            letter == key ? member : "\"\(letter)\":\"1.00\""
        }
        return "{\(members.compactMap { $0 }.joined(separator: ","))}"
    }

    @Test func `nine texts with two decimals are volts, amperes and volt-amperes`() throws {
        let message = try decode(Self.whole)
        #expect(
            message
                == OldMeterMessage(
                    main: OldChannelReading(
                        voltageMillivolts: 231_200,
                        currentMilliamps: 3_410,
                        powerMilliwatts: 788_390
                    ),
                    dev1: OldChannelReading(
                        voltageMillivolts: 230_900,
                        currentMilliamps: 500,
                        powerMilliwatts: 115_450
                    ),
                    dev2: OldChannelReading(
                        voltageMillivolts: 0,
                        currentMilliamps: 0,
                        powerMilliwatts: 0
                    )
                )
        )
    }

    @Test(arguments: [
        ("\"1.00\"", Int32(1_000)), ("\" 12.34\"", 12_340), ("\"-0.00\"", 0), ("\"+5\"", 5_000),
        ("\"007.5\"", 7_500), ("\"1.23456\"", 1_234), ("12.34", 12_340), ("12", 12_000),
        ("\"100000\"", 100_000_000), ("\"3.\"", 3_000),
    ])
    func `a number is taken as text or as a number`(value: String, expected: Int32) throws {
        let message = try decode(message("b", "\"b\":\(value)"))
        #expect(message.main.currentMilliamps == expected)
        #expect(message.faults == [])
    }

    @Test(
        arguments: [
            ("\"b\":\"nan\"", .notANumber), ("\"b\":\"NaN\"", .notANumber),
            ("\"b\":\"-nan\"", .notANumber), ("\"b\":\"inf\"", .notANumber),
            ("\"b\":\"-INF\"", .notANumber), ("\"b\":\"ovf\"", .notANumber),
            ("\"b\":\"-ovf\"", .notANumber), ("\"b\":nan", .notANumber),
            ("\"b\":null", .notANumber),
            ("\"b\":inf", .notANumber), (nil, .missingField), ("\"b\":\"\"", .missingField),
            ("\"b\":\"abc\"", .wrongType), ("\"b\":\"1e3\"", .wrongType), ("\"b\":1e3", .wrongType),
            ("\"b\":\"1.2.3\"", .wrongType), ("\"b\":\".\"", .wrongType),
            ("\"b\":true", .wrongType),
            ("\"b\":{\"x\":[1]}", .wrongType), ("\"b\":[\"1.00\"]", .wrongType),
            ("\"b\":\"-3.00\"", .outOfRange), ("\"b\":\"100001\"", .outOfRange),
            ("\"b\":\"99999999999999999999\"", .wrongType),
        ] as [(String?, ReadingFault.Code)]
    )
    func `a bad value is named and loses no other`(
        member: String?,
        code: ReadingFault.Code
    ) throws {
        let message = try decode(message("b", member))
        #expect(message.main.currentMilliamps == nil)
        #expect(message.main.voltageMillivolts == 1_000)
        #expect(message.main.powerMilliwatts == 1_000)
        #expect(message.dev1.isWhole && message.dev2.isWhole)
        #expect(message.faults.map(\.code) == [code])
        #expect(message.faults.first?.detail.hasPrefix("b ") == true)
    }

    @Test func `extra and repeated keys are named and the nine values stay`() throws {
        let extra = try decode(#"{"x":{"y":[1,"a"]},"message":"hello","# + Self.whole.dropFirst())
        #expect(extra.main.isWhole && extra.dev1.isWhole && extra.dev2.isWhole)
        #expect(extra.faults.map(\.code) == [.malformed, .malformed])
        let twice = try decode(#"{"a":"230.00","a":"400.00","# + Self.whole.dropFirst(14))
        #expect(twice.main.voltageMillivolts == 230_000)
        #expect(twice.faults.map(\.code) == [.duplicateKey])
    }

    @Test(arguments: [
        ("", WireError.Code.empty), ("{", .malformed), ("[]", .wrongType), ("nan", .wrongType),
        ("{}", .missingField), (#"{"a":"nan"}"#, .missingField), (#"{"x":"1.00"}"#, .missingField),
        (#"{"a":"231.20","b":"3.4"#, .malformed), (#"{"a":"231.20""#, .malformed),
        (#"{"a":231.2"#, .malformed), (#"{"a":}"#, .malformed), (#"{"a":"1.00"}x"#, .malformed),
        (#"{a:"1.00"}"#, .malformed), ("\u{7}\u{0}garbage", .malformed),
        (String(repeating: " ", count: 5_000), .tooLarge),
    ])
    func `a message that tells nothing is refused by name`(text: String, code: WireError.Code) {
        let error = #expect(throws: WireError.self) { try decode(text) }
        #expect(error?.code == code, "\(text.prefix(40))")
    }

    @Test func `no bytes whatever make the decoder fall`() {
        var random = SeededRandom(seed: 0x01d_e7e4)
        let whole = Array(Self.whole.utf8)
        for round in 0..<20_000 {
            var bytes = whole
            switch round % 4 {
            case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            case 1:
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                        UInt8.random(in: 0...255, using: &random)
                }
            case 2:
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes.insert(
                    contentsOf: Array(#""nan",-.9e{[}:\u"#.utf8).shuffled(using: &random).prefix(5),
                    at: place
                )
            default:
                bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
            guard let message = try? OldMeterDecoder.decode(bytes) else { continue }
            for channel in [message.main, message.dev1, message.dev2] {
                #expect(channel.voltageMillivolts ?? 0 >= 0, "\(bytes)")
                #expect(channel.currentMilliamps ?? 0 >= 0, "\(bytes)")
                #expect(channel.powerMilliwatts ?? 0 >= 0, "\(bytes)")
            }
            #expect(message.faults.count <= 12)
        }
    }

    @Test(arguments: OldRelayCommand.allCases)
    func `nothing is ever said to it without the member message`(command: OldRelayCommand) {
        let text = String(decoding: OldCommandEncoder.encode(command), as: UTF8.self)
        #expect(text == "{\"message\":\"\(command.rawValue)\"}")
    }
}
