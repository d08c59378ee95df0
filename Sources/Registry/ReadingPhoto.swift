/// Why a content is no photo that is kept.
package enum PhotoFault: Error, Hashable, Sendable {
    /// Neither JPEG nor PNG, whatever it is called.
    case unknownFormat
    /// It begins as a picture and does not go on as one.
    case broken(String)
    case tooManyPixels(width: Int, height: Int)

    package var reason: String {
        switch self {
        case .unknownFormat: "a JPEG or PNG picture"
        case .broken(let what): "a whole JPEG or PNG picture; \(what)"
        case .tooManyPixels(let width, let height):
            "a picture of at most \(ReadingPhoto.pixelsMaximum / 1_000_000) megapixels, not "
                + "\(width) × \(height)"
        }
    }
}

/// A photo of a meter: a whole JPEG or PNG, told by its structure and not by its name.
package struct ReadingPhoto: Hashable, Sendable {
    /// Twice what phones take; a picture that unpacks to more is meant to do harm.
    package static let pixelsMaximum = 200_000_000

    package var mediaType: String
    package var content: [UInt8]

    /// Takes a picture whose structure is whole from the first marker to the last.
    ///
    /// What stands behind its end is left out: phones put other things there, and so does who wants to
    /// smuggle.
    package init(content: [UInt8]) throws(PhotoFault) {
        if content.starts(with: [0xFF, 0xD8]) {
            var picture = JPEGStructure(content)
            self.content = Array(content.prefix(try picture.end()))
            mediaType = "image/jpeg"
        } else if content.starts(with: PNGStructure.signature) {
            var picture = PNGStructure(content)
            self.content = Array(content.prefix(try picture.end()))
            mediaType = "image/png"
        } else {
            throw .unknownFormat
        }
    }

    /// One that was stored.
    package init(mediaType: String, content: [UInt8]) {
        self.mediaType = mediaType
        self.content = content
    }
}

private func checkPixels(width: Int, height: Int) throws(PhotoFault) {
    guard width > 0, height > 0 else { throw .broken("it has no width or height") }
    guard width <= ReadingPhoto.pixelsMaximum / height else {
        throw .tooManyPixels(width: width, height: height)
    }
}

/// The markers of a JPEG (ITU-T T.81, annex B), walked from SOI to EOI.
private struct JPEGStructure {
    private let bytes: [UInt8]
    private var place = 2
    private var hasFrame = false
    private var hasScan = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes the picture has.
    mutating func end() throws(PhotoFault) -> Int {
        while true {
            switch try marker() {
            case 0xD9:
                guard hasFrame, hasScan else { throw .broken("there is no picture in it") }
                return place
            case 0x00...0x01, 0xD0...0xD8: throw .broken("a marker stands where none may")
            case let kind: try segment(kind)
            }
        }
    }

    /// The next marker, past bytes of filling.
    private mutating func marker() throws(PhotoFault) -> UInt8 {
        guard place < bytes.count else { throw Self.cutOff }
        guard bytes[place] == 0xFF else { throw .broken("a marker is missing") }
        while place < bytes.count, bytes[place] == 0xFF { place += 1 }
        guard place < bytes.count else { throw Self.cutOff }
        place += 1
        return bytes[place - 1]
    }

    private mutating func segment(_ kind: UInt8) throws(PhotoFault) {
        guard place + 2 <= bytes.count else { throw Self.cutOff }
        let length = word(at: place)
        guard length >= 2 else { throw .broken("a segment has no length") }
        guard place + length <= bytes.count else { throw Self.cutOff }
        let start = place + 2
        place += length
        switch kind {
        // Frames of every coding; C4, C8 and CC are none.
        case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
            guard !hasFrame, length >= 8, (1...4).contains(bytes[start + 5]),
                length == 8 + 3 * Int(bytes[start + 5])
            else { throw .broken("its frame is not one") }
            try checkPixels(width: word(at: start + 3), height: word(at: start + 1))
            hasFrame = true
        case 0xDA:
            guard hasFrame else { throw .broken("a scan comes before the frame") }
            let data = place
            try skipScan()
            guard place > data else { throw .broken("a scan is empty") }
            hasScan = true
        default: break
        }
    }

    /// Past the coded data, up to the next marker that is not within it.
    private mutating func skipScan() throws(PhotoFault) {
        while place + 1 < bytes.count {
            if bytes[place] == 0xFF {
                switch bytes[place + 1] {
                case 0x00, 0xD0...0xD7: place += 2
                case 0xFF: place += 1
                default: return
                }
            } else {
                place += 1
            }
        }
        throw Self.cutOff
    }

    private func word(at place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

    private static let cutOff = PhotoFault.broken("this one is cut off")
}

/// The chunks of a PNG (ISO/IEC 15948), each with its checksum, from IHDR to IEND.
private struct PNGStructure {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private let bytes: [UInt8]
    private var place = PNGStructure.signature.count

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes the picture has.
    mutating func end() throws(PhotoFault) -> Int {
        var hasHeader = false
        var hasData = false
        while true {
            guard place + 12 <= bytes.count else { throw .broken("this one is cut off") }
            let length = word(at: place)
            guard length <= bytes.count - place - 12 else { throw .broken("this one is cut off") }
            let data = place + 8..<place + 8 + length
            guard crc32(bytes[place + 4..<data.upperBound]) == UInt32(word(at: data.upperBound))
            else { throw .broken("a checksum in it is wrong") }
            let kind = Array(bytes[place + 4..<place + 8])
            place = data.upperBound + 4
            guard hasHeader == (kind != Self.header) else {
                throw .broken("it does not begin with its header")
            }
            switch kind {
            case Self.header:
                guard length == 13 else { throw .broken("its header is not one") }
                try checkPixels(
                    width: word(at: data.lowerBound),
                    height: word(at: data.lowerBound + 4)
                )
                hasHeader = true
            case Self.data: hasData = hasData || length > 0
            case Self.last:
                guard hasData, length == 0 else { throw .broken("there is no picture in it") }
                return place
            default: break
            }
        }
    }

    private static let header = Array("IHDR".utf8)
    private static let data = Array("IDAT".utf8)
    private static let last = Array("IEND".utf8)

    private func word(at place: Int) -> Int {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}

/// The checksum of PNG chunks (ISO 3309).
private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = UInt32.max
    bytes.withUnsafeBufferPointer { buffer in
        for byte in buffer { crc = crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
    }
    return crc ^ .max
}

private let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in
        crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1
    }
}
