package import Logging

/// Writes each log record as one line for people: time, level, message, fields.
///
/// Line breaks and control characters are written as escapes, so that nothing that came from
/// outside can look like another record.
package struct PlainLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let sink: LogSink
    private let microsecondsSince1970: (@Sendable () -> Int64)?

    /// Without a clock the lines carry no time; the provider gives fields of the task that logs.
    package init(
        label: String,
        level: Logger.Level = .info,
        sink: LogSink = .standardError,
        microsecondsSince1970: (@Sendable () -> Int64)? = nil,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.logLevel = level
        self.sink = sink
        self.microsecondsSince1970 = microsecondsSince1970
        self.metadataProvider = metadataProvider
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one record to the sink; never throws and never waits for a reader's answer.
    package func log(event: LogEvent) {
        var line = ""
        if let microsecondsSince1970 {
            line += LogTime(microsecondsSince1970: microsecondsSince1970()).text + " "
        }
        let level = event.level.rawValue
        line += level + String(repeating: " ", count: max(9 - level.count, 1))
        line += Self.escaped("\(label): \(event.message)")
        let fields = LogFields.merged(
            handler: metadata,
            provider: metadataProvider,
            event: event
        )
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(Self.escaped(name))=\(Self.quotedWhereNeeded("\(value)"))"
        }
        line += "\n"
        sink.write(Array(line.utf8))
    }

    private static func escaped(_ text: String) -> String {
        guard !LogText.isPlain(text) else { return text }
        var result = ""
        for scalar in LogText.cut(text).unicodeScalars {
            if scalar == "\n" {
                result += "\\n"
            } else if LogText.isControl(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func quotedWhereNeeded(_ text: String) -> String {
        let needsQuotes =
            text.isEmpty
            || text.utf8.contains { byte in
                byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "=")
            }
        let text = escaped(text)
        return needsQuotes ? "\"\(text.replacing("\"", with: "\\\""))\"" : text
    }
}
