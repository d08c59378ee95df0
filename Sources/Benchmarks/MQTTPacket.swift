/// Packets of MQTT 3.1.1, as far as the generator needs them.
enum MQTTPacket {
    /// What a broker says to a client.
    enum Kind: UInt8 {
        case connectionAnswer = 0x20
        case publish = 0x30
        case publishAnswer = 0x40
        case subscriptionAnswer = 0x90
    }

    /// Protocol 4, a clean session with name and password, no keep-alive.
    static func appendConnection(
        client: String,
        user: String,
        password: String,
        to output: inout [UInt8]
    ) {
        let fields: [[UInt8]] = [
            field("MQTT"), [4, 0xC2, 0, 0], field(client), field(user), field(password),
        ]
        append(0x10, Array(fields.joined()), to: &output)
    }

    static func append(_ type: UInt8, _ content: [UInt8], to output: inout [UInt8]) {
        output.append(type)
        var length = content.count
        repeat {
            output.append(UInt8(length % 128) | (length > 127 ? 128 : 0))
            length /= 128
        } while length > 0
        output += content
    }

    static func field(_ text: String) -> [UInt8] {
        bigEndian(UInt16(clamping: text.utf8.count)) + text.utf8
    }

    static func bigEndian(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(value & 0xFF)]
    }

    /// The packet that begins at a place; nil while it is not whole.
    static func packet(
        in bytes: [UInt8],
        from start: Int
    ) throws(BenchmarkError) -> (type: UInt8, content: Range<Int>)? {
        var length = 0
        var place = start + 1
        for shift in [0, 7, 14, 21] {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            length |= Int(byte & 127) << shift
            guard byte < 128 else { continue }
            guard place + length <= bytes.count else { return nil }
            return (bytes[start], place..<place + length)
        }
        throw BenchmarkError("the broker sent a packet without a length")
    }
}
