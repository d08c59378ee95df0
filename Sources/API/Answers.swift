import FoundationEssentials
import HTTPTypes
import Hummingbird
import UseCases

/// A page of a list: `next` is null on the last one.
package struct ListResponse<Item: Encodable>: Encodable {
    let items: [Item]
    let next: String?

    private enum CodingKeys: CodingKey { case items, next }

    /// Writes both members, `next` where it is null as well.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(next, forKey: .next)
    }
}

extension ListResponse {
    /// Translates each item of a page.
    init<Element>(_ page: Page<Element>, _ translate: (Element) -> Item) {
        self.init(items: page.items.map(translate), next: page.next)
    }

    /// A list that is never longer than one page.
    package init(whole items: [Item]) { self.init(items: items, next: nil) }
}

/// The bytes of an answer: sorted names, so that equal values give equal bytes.
func jsonBytes(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
}

extension Response {
    /// An answer in JSON.
    static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws -> Response {
        json(bytes: try jsonBytes(value), status: status, headers: headers)
    }

    /// An answer whose JSON is there already.
    static func json(
        bytes: [UInt8],
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// What was made, and where it is to be found.
    static func created(_ value: some Encodable, at path: String) throws -> Response {
        try json(value, status: .created, headers: [.location: path])
    }

    /// An answer under a strong tag; 304 when the asker has it already.
    static func tagged(
        _ tag: String,
        for request: Request,
        body: () throws -> [UInt8]
    ) throws -> Response {
        let quoted = "\"\(tag)\""
        let headers: HTTPFields = [.eTag: quoted, .cacheControl: "private, no-cache"]
        let known = request.headers[.ifNoneMatch].map { held in
            held == "*"
                || held.split(separator: ",").contains { candidate in
                    candidate.drop { $0 == " " } == quoted
                }
        }
        if known == true { return Response(status: .notModified, headers: headers) }
        return json(bytes: try body(), headers: headers)
    }
}

/// A part of a path with everything escaped that is not plainly a name.
func pathPart(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95, 126:
            text.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            text += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
        }
    }
    return text
}
