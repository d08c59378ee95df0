package import Logging

/// Writes each log record as one line of JSON: time, level, logger, message, then the fields.
///
/// Fields stand at the top level under their own names, so they can be searched for; one that is
/// called like a fixed member gets the prefix `field.`.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let sink: LogSink
    private let microsecondsSince1970: (@Sendable () -> Int64)?

    /// Without a clock the records carry no time; the provider gives fields of the task that logs.
    package init(
        label: String,
        level: Logger.Level = .info,
        sink: LogSink = .standardOutput,
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
        var line = "{"
        if let microsecondsSince1970 {
            line += "\"at\":\"\(LogTime(microsecondsSince1970: microsecondsSince1970()).text)\","
        }
        line += "\"level\":\"\(event.level.rawValue)\",\"logger\":"
        LogJSON.append(label, to: &line)
        line += ",\"message\":"
        LogJSON.append("\(event.message)", to: &line)
        for (name, value) in fields(of: event).sorted(by: { $0.key < $1.key }) {
            line += ","
            LogJSON.append(Self.fixed.contains(name) ? "field.\(name)" : name, to: &line)
            line += ":"
            LogJSON.append(value, depth: 0, to: &line)
        }
        line += "}\n"
        sink.write(Array(line.utf8))
    }

    private func fields(of event: LogEvent) -> Logger.Metadata {
        LogFields.merged(handler: metadata, provider: metadataProvider, event: event)
    }

    private static let fixed: Set<String> = ["at", "level", "logger", "message"]
}

/// The fields of a record: the logger's, the task's, the call's; the nearer one wins.
enum LogFields {
    static func merged(
        handler: Logger.Metadata,
        provider: Logger.MetadataProvider?,
        event: LogEvent
    ) -> Logger.Metadata {
        var fields = handler
        if let provider { fields.merge(provider.get()) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error, fields["error"] == nil { fields["error"] = "\(error)" }
        return fields
    }
}

/// JSON text of a record's fields.
enum LogJSON {
    static func append(
        _ value: Logger.Metadata.Value,
        depth: Int,
        to text: inout String
    ) {
        switch value {
        case .string(let string): append(string, to: &text)
        case .stringConvertible(let value): append("\(value)", to: &text)
        case .array, .dictionary:
            if depth < Limits.logFieldDepth {
                appendNested(value, depth: depth + 1, to: &text)
            } else {
                append("\(value)", to: &text)
            }
        }
    }

    private static func appendNested(
        _ value: Logger.Metadata.Value,
        depth: Int,
        to text: inout String
    ) {
        if case .array(let items) = value {
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                append(item, depth: depth, to: &text)
            }
            text += "]"
        }
        if case .dictionary(let members) = value {
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                append(member.key, to: &text)
                text += ":"
                append(member.value, depth: depth, to: &text)
            }
            text += "}"
        }
    }

    /// A JSON string in quotes, cut at the limit.
    static func append(_ string: String, to text: inout String) {
        guard !LogText.isPlain(string) else {
            text += "\""
            text += string
            text += "\""
            return
        }
        text += "\""
        for scalar in LogText.cut(string).unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if LogText.isControl(scalar) {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}

/// What both formats do to text from outside.
enum LogText {
    /// Whether the text needs neither cutting nor escaping in either format: nearly all of them.
    static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= Limits.logFieldBytes
            && text.utf8.allSatisfy { byte in
                (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"")
                    && byte != UInt8(ascii: "\\")
            }
    }

    /// At most the limit of bytes, whole characters, with a mark where something is missing.
    static func cut(_ text: String) -> String {
        guard text.utf8.count > Limits.logFieldBytes else { return text }
        let bytes = text.utf8.prefix(Limits.logFieldBytes)
        var end = bytes.endIndex
        while String.Index(end, within: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return text[..<end] + "…"
    }

    /// Characters that could end a line, or move the cursor of a terminal.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
