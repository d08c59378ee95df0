import MeterCore

/// `{"epoch":0,"acknowledgedSequence":1042}`, written and read by the firmware core itself.
package enum AcknowledgementEncoder {
    /// The payload for the topic `ack`; negative numbers, which no meter has, count as 0.
    package static func encode(epoch: Int32, acknowledgedSequence: Int64) -> [UInt8] {
        let capacity = Int(METER_MESSAGE_BYTES_MAX)
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = meter_acknowledgement_encode(
                UInt32(clamping: epoch),
                UInt64(clamping: acknowledgedSequence),
                buffer.baseAddress,
                capacity
            )
        }
    }

    /// What a meter understands by the payload; throws when it would refuse it.
    package static func decode(
        _ bytes: [UInt8]
    ) throws(WireError) -> (epoch: Int32, acknowledgedSequence: Int64) {
        var epoch: UInt32 = 0
        var sequence: UInt64 = 0
        let status = meter_acknowledgement_decode(bytes, bytes.count, &epoch, &sequence)
        guard status == METER_OK else {
            throw WireError(.malformed, "not an acknowledgement")
        }
        return (Int32(clamping: epoch), Int64(clamping: sequence))
    }
}
