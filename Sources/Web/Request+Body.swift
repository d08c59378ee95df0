import HTTPTypes
package import Hummingbird
import NIOCore
import Registry

extension Request {
    /// The whole body, if it is no longer than the limit.
    ///
    /// - Throws: `Problem` (413) when it is; a stated length is believed before anything is read.
    package func bytes(upTo limit: Int = Limits.bodyBytes) async throws -> [UInt8] {
        if let stated = headers[.contentLength].flatMap({ Int($0) }), stated > limit {
            throw Problem.tooLarge(limit: limit)
        }
        do {
            let buffer = try await body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(limit: limit)
        }
    }

    /// The media type of the body in small letters, without parameters; nil when not stated.
    package var mediaType: String? {
        headers[.contentType].map { value in
            if value == "application/json" { return value }
            var name = value.prefix { $0 != ";" }
            while name.last?.isWhitespace == true { name.removeLast() }
            while name.first?.isWhitespace == true { name.removeFirst() }
            return name.lowercased()
        }
    }

    /// Whether the asker is a browser that wants a page.
    package var wantsPage: Bool {
        headers[.accept]?.lowercased().contains("text/html") ?? false
    }

    /// Whether a proxy has passed the request on, so that the connection tells nothing of the asker.
    package var isForwarded: Bool {
        [.forwarded, .xForwardedFor].contains { headers[$0] != nil }
    }
}

extension String {
    /// Without percent escapes; `NotFound` is thrown for what is not UTF-8 or badly escaped.
    func percentDecoded() throws -> String {
        guard utf8.contains(UInt8(ascii: "%")) else { return self }
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16)
            else {
                throw NotFound("path '\(self)'")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw NotFound("path '\(self)'")
        }
        return text
    }
}
