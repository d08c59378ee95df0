import MeterCore
import Metering
import Units

/// The firmware core's frame, through the core's own decoder.
enum FrameDecoder {
    static let magic = UInt8(METER_FRAME_MAGIC)

    static func report(
        _ bytes: UnsafeRawBufferPointer,
        maximumReadings: Int
    ) throws(WireError) -> MeterReport {
        let (header, readings) = try decode(bytes, maximumReadings: maximumReadings)
        guard header.flags & UInt8(METER_FRAME_LIVE) == 0 else {
            throw WireError(.wrongKind, "a live frame is not stored")
        }
        let first = Int64(header.sequence) - Int64(readings.count) + 1
        var items: [Result<ReportedReading, ReadingFault>] = []
        items.reserveCapacity(readings.count)
        for (index, reading) in readings.enumerated() {
            switch ReportedReading.from(reading, header, place: index) {
            case .success(var reported):
                reported.epoch = Int32(header.epoch)
                reported.sequence = first + Int64(index)
                items.append(.success(reported))
            case .failure(let fault): items.append(.failure(ReadingFault(fault)))
            }
        }
        return MeterReport(
            epoch: Int32(header.epoch),
            sequence: Int64(header.sequence),
            oldestSequence: Int64(header.oldest_sequence),
            items: items
        )
    }

    static func live(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> ReportedReading {
        let (header, readings) = try decode(bytes, maximumReadings: Limits.readings)
        guard header.flags & UInt8(METER_FRAME_LIVE) != 0, let reading = readings.first
        else { throw WireError(.wrongKind, "not a live frame") }
        return try ReportedReading.from(reading, header, place: 0).get()
    }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer,
        maximumReadings: Int
    ) throws(WireError) -> (meter_frame_header, [meter_reading]) {
        let pointer = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var header = meter_frame_header()
        if let error = WireError(meter_frame_read_header(pointer, bytes.count, &header)) {
            throw error
        }
        guard Int(header.count) <= maximumReadings else {
            throw WireError(.tooMany, "more than \(maximumReadings) readings")
        }
        var status = METER_OK
        let readings = [meter_reading](unsafeUninitializedCapacity: Int(header.count)) {
            buffer,
            count in
            status = meter_frame_decode(
                pointer,
                bytes.count,
                &header,
                buffer.baseAddress,
                buffer.count
            )
            count = status == METER_OK ? Int(header.count) : 0
        }
        if let error = WireError(status) { throw error }
        return (header, readings)
    }
}

extension WireError {
    /// Nil when the core says that all is well.
    init?(_ status: meter_status) {
        switch status {
        case METER_OK: return nil
        case METER_TRUNCATED: self.init(.malformed, "the frame is cut short")
        case METER_BAD_MAGIC: self.init(.malformed, "neither a frame nor JSON")
        case METER_BAD_VERSION: self.init(.unsupportedVersion, "unknown version of the frame")
        case METER_BAD_CHECKSUM: self.init(.checksum, "the frame's checksum is wrong")
        case METER_OUT_OF_RANGE: self.init(.outOfRange, "a figure of the frame is out of range")
        case METER_TOO_MANY: self.init(.tooMany, "too many readings in one frame")
        default: self.init(.malformed, "the frame is malformed")
        }
    }
}

extension ReportedReading {
    /// A reading of a frame, held to the same ranges as one of the JSON.
    fileprivate static func from(
        _ reading: meter_reading,
        _ header: meter_frame_header,
        place: Int
    ) -> Result<ReportedReading, WireError> {
        let unset = reading.flags & UInt8(METER_READING_CLOCK_UNSET) != 0
        var channels: [ChannelReading] = []
        let all = [reading.channels.0, reading.channels.1, reading.channels.2]
        for (channel, measured) in zip(Channel.allCases, all.prefix(Int(header.channels))) {
            if let fault = fault(measured) {
                let pointer = "/readings/\(place)/channels/\(channel.name)/\(fault.field.name)"
                return .failure(WireError(fault.fault.code, at: pointer, fault.fault.detail))
            }
            channels.append(ChannelReading(measured))
        }
        var extras: [Channel: ExtraQuantities] = [:]
        if header.flags & UInt8(METER_FRAME_EXPORT) != 0 {
            extras[.main] = ExtraQuantities(exportWattHours: Int64(clamping: reading.export_wh))
        }
        return .success(
            ReportedReading(
                at: unset ? nil : Instant(secondsSince1970: reading.seconds),
                ageSeconds: unset ? reading.seconds : nil,
                sequence: nil,
                main: channels[0],
                dev1: channels.count > 1 ? channels[1] : nil,
                dev2: channels.count > 2 ? channels[2] : nil,
                extras: extras,
                flags: ReadingFlags(frameFlags: reading.flags)
            )
        )
    }

    private static func fault(
        _ reading: meter_channel_reading
    ) -> (field: ChannelField, fault: ScanFault)? {
        let figures: [(ChannelField, Int64)] = [
            (.voltageMillivolts, Int64(reading.measured.millivolts)),
            (.currentMilliamps, Int64(reading.measured.milliamps)),
        ]
        for (field, value) in figures {
            if let fault = field.fault(value) { return (field, fault) }
        }
        return nil
    }
}

extension ReadingFlags {
    fileprivate init(frameFlags: UInt8) {
        self = []
        if frameFlags & UInt8(METER_READING_TRIPPED) != 0 { insert(.tripped) }
        if frameFlags & UInt8(METER_READING_MAIN_OFF) != 0 { insert(.switchedOff) }
    }
}

extension ChannelReading {
    fileprivate init(_ reading: meter_channel_reading) {
        self.init(
            energyWattHours: Int64(clamping: reading.energy_wh),
            powerMilliwatts: reading.measured.milliwatts,
            voltageMillivolts: reading.measured.millivolts,
            currentMilliamps: reading.measured.milliamps,
            powerFactorPermille: reading.measured.power_factor_permille
        )
    }
}
