import HTTPTypes
package import Hummingbird

/// A form with files as browsers send it (`multipart/form-data`, RFC 7578), read whole and bounded.
package struct MultipartForm: Sendable {
    /// One field or file of the form.
    package struct Part: Sendable {
        package var name: String
        package var content: [UInt8]
    }

    package private(set) var parts: [Part] = []

    /// Reads a body; what stands before the first boundary is passed over.
    ///
    /// - Throws: `Problem` for a body that is not such a form, or has too many parts.
    package init(_ body: [UInt8], boundary: String) throws {
        let mark = Array("--\(boundary)".utf8)
        var place = 0
        guard let first = Self.find(mark, in: body, from: 0, atLineStart: true) else {
            throw Self.unreadable("its boundary is not in it")
        }
        place = first + mark.count
        while true {
            if body[place...].starts(with: [0x2D, 0x2D]) { return }
            guard body[place...].starts(with: Self.lineEnd) else {
                throw Self.unreadable("a boundary is not at the end of its line")
            }
            place += 2
            guard parts.count < Limits.formParts else {
                throw Problem(.tooLarge, detail: "a form has at most \(Limits.formParts) parts")
            }
            let headers = try Self.headers(body, &place)
            guard let end = Self.find(Self.lineEnd + mark, in: body, from: place) else {
                throw Self.unreadable("a part does not end")
            }
            guard let name = Self.name(in: headers) else {
                throw Self.unreadable("a part has no name")
            }
            parts.append(Part(name: name, content: Array(body[place..<end])))
            place = end + 2 + mark.count
        }
    }

    /// The text of a field; nil when it is not there, or is no UTF-8 text of a field's length.
    package func text(_ name: String) -> String? {
        guard let part = parts.first(where: { $0.name == name }),
            part.content.count <= Limits.formTextBytes
        else { return nil }
        return String(validating: part.content, as: UTF8.self)
    }

    /// The content of a file; nil where none was chosen.
    package func file(_ name: String) -> [UInt8]? {
        parts.first { $0.name == name }.flatMap { $0.content.isEmpty ? nil : $0.content }
    }

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]

    private static func unreadable(_ detail: String) -> Problem {
        Problem(.unreadable, code: "malformed_form", detail: "the form cannot be read: \(detail)")
    }

    /// The headers of the part that begins here; `place` moves to its content.
    private static func headers(_ body: [UInt8], _ place: inout Int) throws -> [String] {
        var lines: [String] = []
        let limit = min(body.count, place + Limits.formHeaderBytes)
        while place < limit {
            guard let end = find(lineEnd, in: body, from: place), end < limit else { break }
            let line = body[place..<end]
            place = end + 2
            if line.isEmpty { return lines }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw unreadable("a part's headers are not text")
            }
            lines.append(text)
        }
        throw unreadable("a part's headers do not end")
    }

    private static func name(in headers: [String]) -> String? {
        for header in headers {
            guard let colon = header.firstIndex(of: ":"),
                header[..<colon].lowercased() == "content-disposition"
            else { continue }
            let pieces = header[header.index(after: colon)...].split(separator: ";")
            guard pieces.first?.trimmingBlanks.lowercased() == "form-data" else { return nil }
            for piece in pieces.dropFirst() {
                let pair = piece.trimmingBlanks.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, pair[0].lowercased() == "name" else { continue }
                return String(pair[1].filter { $0 != "\"" })
            }
        }
        return nil
    }

    private static func find(
        _ pattern: [UInt8],
        in body: [UInt8],
        from start: Int,
        atLineStart: Bool = false
    ) -> Int? {
        guard let head = pattern.first, body.count >= pattern.count else { return nil }
        return body.withUnsafeBufferPointer { bytes in
            var place = start
            let last = bytes.count - pattern.count
            while place <= last {
                if bytes[place] == head,
                    !atLineStart || place == 0 || bytes[place - 1] == 0x0A
                {
                    var length = 1
                    while length < pattern.count, bytes[place + length] == pattern[length] {
                        length += 1
                    }
                    if length == pattern.count { return place }
                }
                place += 1
            }
            return nil
        }
    }
}

extension Request {
    /// The form with files in the body.
    ///
    /// - Throws: `Problem` for another media type (415), a longer body (413) or one that is no form.
    package func multipartForm(upTo limit: Int) async throws -> MultipartForm {
        guard mediaType == "multipart/form-data", let boundary = boundary else {
            throw Problem(.unsupportedMediaType, detail: "send multipart/form-data")
        }
        return try MultipartForm(try await bytes(upTo: limit), boundary: boundary)
    }

    private var boundary: String? {
        guard let value = headers[.contentType] else { return nil }
        for piece in value.split(separator: ";").dropFirst() {
            let pair = piece.trimmingBlanks.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "boundary" else { continue }
            let text = pair[1].filter { $0 != "\"" }
            return (1...70).contains(text.utf8.count) ? String(text) : nil
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
