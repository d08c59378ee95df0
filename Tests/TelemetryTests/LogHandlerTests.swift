import FoundationEssentials
import Logging
import Synchronization
import Telemetry
import Testing

/// Keeps what would have been written.
private final class Lines: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var sink: LogSink {
        LogSink { line in self.bytes.withLock { $0 += line } }
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}

private struct Record: Decodable {
    var at: String?
    var level: String
    var logger: String
    var message: String
}

struct JSONLogHandlerTests {
    private let lines = Lines()

    private func logger(provider: Logger.MetadataProvider? = nil) -> Logger {
        Logger(label: "intake") { [sink = lines.sink] label in
            JSONLogHandler(
                label: label,
                level: .debug,
                sink: sink,
                microsecondsSince1970: { 1_795_428_900_123_456 },
                metadataProvider: provider
            )
        }
    }

    @Test func `a record is one line of JSON with its fields`() {
        var logger = logger()
        logger[metadataKey: "meter.name"] = "town.m1"
        logger.warning("stored late", metadata: ["delay_ms": "\(1_200)"])

        #expect(
            lines.text == """
                {"at":"2026-11-23T10:15:00.123456Z","level":"warning","logger":"intake",\
                "message":"stored late","delay_ms":"1200","meter.name":"town.m1"}

                """
        )
    }

    @Test func `text from outside cannot break out of its string`() throws {
        let hostile = "a\"b\\c\n\r\t\u{1}\u{7F}\u{2028}{\"level\":\"critical\"}"
        logger().info("\(hostile)")

        #expect(lines.text.split(separator: "\n").count == 1)
        let record = try JSONDecoder().decode(Record.self, from: Data(lines.text.utf8))
        #expect(record.message == hostile)
        #expect(record.level == "info")
    }

    @Test func `fields within fields stay nested`() {
        logger().info("x", metadata: ["list": ["1", ["k": "v"]]])

        #expect(lines.text.contains(#""list":["1",{"k":"v"}]"#))
    }

    @Test func `a field named like a fixed member is kept apart`() throws {
        logger().info("true message", metadata: ["message": "false one"])

        #expect(lines.text.contains(#""field.message":"false one""#))
        let record = try JSONDecoder().decode(Record.self, from: Data(lines.text.utf8))
        #expect(record.message == "true message")
    }

    @Test func `the nearest of three values wins`() {
        var logger = logger(provider: .init { ["a": "task", "b": "task"] })
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("x", metadata: ["b": "call"])

        #expect(lines.text.contains(#""a":"task","b":"call","c":"logger""#))
    }

    @Test func `what is below the level is not written`() {
        logger().trace("hidden")

        #expect(lines.text.isEmpty)
    }

    @Test func `a field of any length is cut to whole characters`() throws {
        logger().info("\(String(repeating: "₹", count: Limits.logFieldBytes))")

        let record = try JSONDecoder().decode(Record.self, from: Data(lines.text.utf8))
        #expect(record.message.utf8.count <= Limits.logFieldBytes + 3)
        #expect(record.message.hasSuffix("₹…"))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (4_107_542_400_000_001, "2100-03-01T00:00:00.000001Z"),
    ])
    func `times are civil and in UTC`(moment: Int64, text: String) {
        let sink = lines.sink
        Logger(label: "t") { label in
            JSONLogHandler(label: label, sink: sink, microsecondsSince1970: { moment })
        }.info("x")

        #expect(lines.text.hasPrefix("{\"at\":\"\(text)\""))
    }
}

struct PlainLogHandlerTests {
    private let lines = Lines()

    private var logger: Logger {
        Logger(label: "vidyut") { [sink = lines.sink] label in
            PlainLogHandler(label: label, sink: sink)
        }
    }

    @Test func `a record is one line for people`() {
        logger.notice("migration applied", metadata: ["migration": "0001", "took": "3 ms"])

        #expect(
            lines.text
                == "notice   vidyut: migration applied migration=0001 took=\"3 ms\"\n"
        )
    }

    @Test func `text from outside cannot look like another record`() {
        logger.info("one\ncritical vidyut: two\u{1B}[2J")

        #expect(lines.text == "info     vidyut: one\\ncritical vidyut: two\\u{1b}[2J\n")
    }
}
