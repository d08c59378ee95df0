package import Metering

/// The message of the student project's firmware, `{"a":"231.20",…,"i":"0.00"}`, to values.
///
/// Volts, amperes and volt-amperes of main (a, b, c), dev1 (d, e, f) and dev2 (g, h, i), as text with
/// two decimals. What of it is not usable is named and leaves the rest usable; a number where a text
/// belongs is taken as it is.
package enum OldMeterDecoder {
    /// Throws when the message is no JSON object, or none of its values can be used.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> OldMeterMessage {
        guard !bytes.isEmpty else { throw WireError(.empty, "the message is empty") }
        guard bytes.count <= Limits.oldMessageBytes else {
            throw WireError(.tooLarge, "more than \(Limits.oldMessageBytes) bytes")
        }
        var parser = OldMeterParser(JSONScanner(bytes.assumingMemoryBound(to: UInt8.self)))
        do throws(ScanFault) {
            return try parser.message()
        } catch {
            throw WireError(error.code, error.detail)
        }
    }

    /// The same from an array.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> OldMeterMessage {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            try decode(UnsafeRawBufferPointer(buffer))
        }
    }
}

/// What is said to that firmware: `{"message":"mainoff"}`, and never anything without `message`,
/// which crashes it.
package enum OldCommandEncoder {
    /// The payload for the meter's own `esp32/sub`.
    package static func encode(_ command: OldRelayCommand) -> [UInt8] {
        Array("{\"message\":\"\(command.rawValue)\"}".utf8)
    }
}

private struct OldMeterParser {
    var scanner: JSONScanner
    private var values: [Int32?] = Array(repeating: nil, count: 9)
    private var seen: UInt16 = 0
    private var faults: [ReadingFault] = []

    init(_ scanner: JSONScanner) { self.scanner = scanner }

    mutating func message() throws(ScanFault) -> OldMeterMessage {
        guard scanner.take(0x7B) else { throw scanner.wrongType("an object") }
        var more = scanner.hasFirst(closing: 0x7D)
        while more {
            try member()
            more = try scanner.hasNext(closing: 0x7D)
        }
        try scanner.end()
        for index in 0..<9 where seen & (1 << UInt16(index)) == 0 {
            note(.missingField, index, "is missing")
        }
        guard values.contains(where: { $0 != nil }) else {
            throw ScanFault(.missingField, "none of the values a to i can be used")
        }
        return OldMeterMessage(
            main: channel(0),
            dev1: channel(3),
            dev2: channel(6),
            faults: faults
        )
    }

    private func channel(_ first: Int) -> OldChannelReading {
        OldChannelReading(
            voltageMillivolts: values[first],
            currentMilliamps: values[first + 1],
            powerMilliwatts: values[first + 2]
        )
    }

    private mutating func member() throws(ScanFault) {
        let key = try scanner.key()
        guard key.count == 1, case let index = Int(scanner.bytes[key.lowerBound]) - 0x61,
            (0..<9).contains(index)
        else {
            note(.malformed, nil, "'\(scanner.string(key))' is none of a to i and is passed over")
            return try scanner.skipValue()
        }
        guard seen & (1 << UInt16(index)) == 0 else {
            note(.duplicateKey, index, "is given twice; the first counts")
            return try skip()
        }
        seen |= 1 << UInt16(index)
        switch scanner.peek() {
        case 0x22: value(try scanner.text(), index)
        case 0x7B, 0x5B, 0x74, 0x66:
            note(.wrongType, index, "must be a number as text")
            try scanner.skipValue()
        default: value(try word(), index)
        }
    }

    private mutating func skip() throws(ScanFault) {
        switch scanner.peek() {
        case 0x22, 0x7B, 0x5B, 0x74, 0x66: try scanner.skipValue()
        default: _ = try word()
        }
    }

    /// A value without quotes: a number, or `nan`, `inf` or `null` where one belongs.
    private mutating func word() throws(ScanFault) -> Range<Int> {
        scanner.skipSpace()
        let start = scanner.index
        while scanner.index < scanner.bytes.count {
            switch scanner.bytes[scanner.index] {
            case 0x2B, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: scanner.index += 1
            default:
                guard scanner.index > start else { throw scanner.unexpected("a value") }
                return start..<scanner.index
            }
        }
        throw ScanFault(.malformed, "the message ends in the middle")
    }

    private mutating func value(_ text: Range<Int>, _ index: Int) {
        let bytes = Array(scanner.bytes[text]).filter { $0 != 0x20 }
        guard !bytes.isEmpty else { return note(.missingField, index, "is empty") }
        if Self.isNoNumber(bytes) {
            return note(.notANumber, index, "is '\(String(decoding: bytes, as: UTF8.self))'")
        }
        guard let thousandths = Self.thousandths(bytes) else {
            return note(.wrongType, index, "must be a number such as 231.20")
        }
        let maximum: Int64 =
            switch index % 3 {
            case 0: Int64(Metering.Limits.voltageMillivoltsMaximum)
            case 1: Metering.Limits.oldMeterCurrentMilliampsMaximum
            default: Metering.Limits.oldMeterPowerMilliwattsMaximum
            }
        guard (0...maximum).contains(thousandths) else {
            return note(.outOfRange, index, "must be from 0 to \(maximum / 1_000)")
        }
        values[index] = Int32(thousandths)
    }

    /// What the firmware's printing gives for a value that is none, in whatever case and sign.
    private static func isNoNumber(_ bytes: [UInt8]) -> Bool {
        var word = bytes.map { $0 | 0x20 }
        if let first = bytes.first, first == 0x2D || first == 0x2B { word.removeFirst() }
        return ["nan", "inf", "ovf", "null", "infinity"].contains { Array($0.utf8) == word }
    }

    /// A plain decimal number in thousandths, further decimals cut off; nil when it is none.
    private static func thousandths(_ bytes: [UInt8]) -> Int64? {
        var rest = bytes[...]
        let negative = rest.first == 0x2D
        if let first = rest.first, first == 0x2D || first == 0x2B { rest.removeFirst() }
        let parts = rest.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty, parts[0].count <= 12,
            parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        var value: Int64 = 0
        for digit in parts[0] { value = value * 10 + Int64(digit - 0x30) }
        let decimals = parts.count == 2 ? Array(parts[1].prefix(3)) : []
        for place in 0..<3 {
            value = value * 10 + (place < decimals.count ? Int64(decimals[place] - 0x30) : 0)
        }
        return negative ? -value : value
    }

    private mutating func note(_ code: ReadingFault.Code, _ index: Int?, _ detail: String) {
        guard faults.count < Limits.oldMessageFaults else { return }
        guard let index, let letter = Unicode.Scalar(0x61 + UInt32(index)) else {
            return faults.append(ReadingFault(code, detail))
        }
        faults.append(ReadingFault(code, "\(letter) \(detail)"))
    }
}
