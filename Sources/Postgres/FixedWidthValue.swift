/// A value whose bytes are one integer of fixed width: lists of them are written in one sweep.
///
/// A thousand readings travel as about fifteen such lists, so this is on the path of every reading.
protocol FixedWidthValue: PostgresValue {
    associatedtype Pattern: FixedWidthInteger
    var pattern: Pattern { get }
}

extension FixedWidthValue {
    /// The integer, most significant byte first.
    package func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: pattern) }

    /// Each element with its length.
    package static func encodeElements(_ elements: [Self], into bytes: inout [UInt8]) {
        let size = MemoryLayout<Pattern>.size
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: elements.count * (4 + size)))
        bytes.withUnsafeMutableBytes { buffer in
            var offset = start
            for element in elements {
                buffer.storeBytes(of: Int32(size).bigEndian, toByteOffset: offset, as: Int32.self)
                buffer.storeBytes(
                    of: element.pattern.bigEndian,
                    toByteOffset: offset + 4,
                    as: Pattern.self
                )
                offset += 4 + size
            }
        }
    }

    /// Each element with its length, -1 for null.
    package static func encodeOptionals(_ elements: [Self?], into bytes: inout [UInt8]) {
        let size = MemoryLayout<Pattern>.size
        let start = bytes.count
        var end = start
        bytes.append(contentsOf: repeatElement(0, count: elements.count * (4 + size)))
        bytes.withUnsafeMutableBytes { buffer in
            for element in elements {
                let length = element == nil ? -1 : Int32(size)
                buffer.storeBytes(of: length.bigEndian, toByteOffset: end, as: Int32.self)
                end += 4
                guard let element else { continue }
                buffer.storeBytes(
                    of: element.pattern.bigEndian,
                    toByteOffset: end,
                    as: Pattern.self
                )
                end += size
            }
        }
        bytes.removeLast(bytes.count - end)
    }
}
