import MeterCore
package import Metering
import Units

/// Readings to bytes, as a meter sends them: the contract's JSON, or the core's frame.
package enum ReportEncoder {
    /// JSON of consecutive readings of which the last has the number `sequence`.
    package static func json(
        _ readings: [ReportedReading],
        epoch: Int32,
        sequence: Int64,
        oldestSequence: Int64? = nil
    ) -> [UInt8] {
        var text = "{\"sequence\":\(sequence),\"epoch\":\(epoch)"
        if let oldestSequence { text += ",\"oldestSequence\":\(oldestSequence)" }
        text += ",\"readings\":["
        for (index, reading) in readings.enumerated() {
            if index > 0 { text += "," }
            append(reading, to: &text)
        }
        return Array((text + "]}").utf8)
    }

    /// JSON of a report whose items can all be read; nil when one of them is a fault.
    package static func json(_ report: MeterReport) -> [UInt8]? {
        let readings = report.items.compactMap { try? $0.get() }
        guard readings.count == report.items.count else { return nil }
        return json(
            readings,
            epoch: report.epoch,
            sequence: report.sequence,
            oldestSequence: report.oldestSequence
        )
    }

    /// JSON of one live value.
    package static func liveJSON(_ reading: ReportedReading) -> [UInt8] {
        var text = ""
        append(reading, to: &text)
        return Array(text.utf8)
    }

    private static func append(_ reading: ReportedReading, to text: inout String) {
        text += "{"
        if let at = reading.at {
            text += "\"at\":\"\(at)\","
        } else {
            text += "\"ageSeconds\":\(reading.ageSeconds ?? 0),"
        }
        text += "\"channels\":{"
        append(reading.main, "main", reading.extras[.main], to: &text)
        if let dev1 = reading.dev1 {
            text += ","
            append(dev1, "dev1", reading.extras[.dev1], to: &text)
        }
        if let dev2 = reading.dev2 {
            text += ","
            append(dev2, "dev2", reading.extras[.dev2], to: &text)
        }
        text += "}}"
    }

    private static func append(
        _ reading: ChannelReading,
        _ name: String,
        _ extra: ExtraQuantities?,
        to text: inout String
    ) {
        text += "\"\(name)\":{\"voltageMillivolts\":\(reading.voltageMillivolts)"
        text += ",\"currentMilliamps\":\(reading.currentMilliamps)"
        text += ",\"powerMilliwatts\":\(reading.powerMilliwatts)"
        text += ",\"powerFactorPermille\":\(reading.powerFactorPermille)"
        text += ",\"energyWattHours\":\(reading.energyWattHours)"
        let extras: [(ChannelField, Int64?)] = [
            (.exportWattHours, extra?.exportWattHours),
            (.reactiveVarHours, extra?.reactiveVarHours),
            (.apparentVoltAmpereHours, extra?.apparentVoltAmpereHours),
            (.maximumDemandWatts, extra?.maximumDemandWatts),
        ]
        for (field, value) in extras {
            if let value { text += ",\"\(field.name)\":\(value)" }
        }
        text += "}"
    }
}

extension ReportEncoder {
    /// A frame of consecutive readings, as the firmware core would send them.
    ///
    /// Of the extras a frame carries the export register of `main` only. Throws `outOfRange` for
    /// figures that a frame cannot hold: whole seconds after 1970, numbers of 32 bits.
    package static func frame(
        _ readings: [ReportedReading],
        epoch: Int32,
        sequence: Int64,
        oldestSequence: Int64? = nil
    ) throws(WireError) -> [UInt8] {
        let oldest = oldestSequence ?? sequence - Int64(readings.count) + 1
        guard let main = readings.first, readings.count <= Limits.readings,
            let last = UInt32(exactly: sequence), let held = UInt32(exactly: oldest),
            let epoch = UInt32(exactly: epoch)
        else { throw WireError(.outOfRange, "cannot be told by a frame") }
        let exports = readings.contains { $0.extras[.main]?.exportWattHours != nil }
        let channels: UInt8 = main.dev2 != nil ? 3 : main.dev1 != nil ? 2 : 1
        var header = meter_frame_header(
            epoch: epoch,
            sequence: last,
            oldest_sequence: held,
            count: 0,
            flags: exports ? UInt8(METER_FRAME_EXPORT) : 0,
            channels: channels
        )
        let capacity =
            Int(METER_FRAME_HEADER_BYTES) + Int(METER_FRAME_CHECKSUM_BYTES)
            + readings.count * Int(METER_FRAME_READING_BYTES_MAX)
        var fits = true
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var writer = meter_frame_writer()
            meter_frame_begin(&writer, &header, buffer.baseAddress, capacity)
            for reading in readings {
                guard var framed = meter_reading(reading),
                    meter_frame_append(&writer, &framed) == METER_OK
                else {
                    fits = false
                    return
                }
            }
            count = meter_frame_finish(&writer, last)
        }
        guard fits else { throw WireError(.outOfRange, "cannot be told by a frame") }
        return bytes
    }
}

extension meter_reading {
    /// Nil for a time with a fraction of a second, which frames do not have.
    fileprivate init?(_ reading: ReportedReading) {
        self.init()
        if let at = reading.at {
            guard at.microsecondsSince1970 % 1_000_000 == 0 else { return nil }
            seconds = at.secondsSince1970
        } else {
            seconds = reading.ageSeconds ?? 0
            flags |= UInt8(METER_READING_CLOCK_UNSET)
        }
        if reading.flags.contains(.tripped) { flags |= UInt8(METER_READING_TRIPPED) }
        if reading.flags.contains(.switchedOff) {
            flags |= UInt8(METER_READING_MAIN_OFF)
        }
        export_wh = UInt64(clamping: reading.extras[.main]?.exportWattHours ?? 0)
        channels.0 = meter_channel_reading(reading.main)
        if let dev1 = reading.dev1 { channels.1 = meter_channel_reading(dev1) }
        if let dev2 = reading.dev2 { channels.2 = meter_channel_reading(dev2) }
    }
}

extension meter_channel_reading {
    fileprivate init(_ reading: ChannelReading) {
        self.init(
            measured: meter_measurement(
                millivolts: reading.voltageMillivolts,
                milliamps: reading.currentMilliamps,
                milliwatts: reading.powerMilliwatts,
                power_factor_permille: reading.powerFactorPermille
            ),
            energy_wh: UInt64(clamping: reading.energyWattHours)
        )
    }
}
