package import Metering
import Units

/// A reading as a line of an archive has it: every column, so that nothing is lost.
package struct ArchivedReading: Sendable, Hashable {
    /// The meter's key in the database.
    package var meter: Int32
    /// The serial at the time of the export, for people.
    package var serial: String
    package var reading: AcceptedReading

    package init(meter: Int32, serial: String, reading: AcceptedReading) {
        self.meter = meter
        self.serial = serial
        self.reading = reading
    }

    private static let channels = ["main", "dev1", "dev2"]
    private static let quantities = [
        "energy_wh", "power_mw", "voltage_mv", "current_ma", "power_factor_permille",
    ]

    /// The first line of an archive.
    package static let header =
        "meter_id,meter,at,epoch,sequence,flags,"
        + channels.flatMap { channel in quantities.map { "\(channel)_\($0)" } }
        .joined(separator: ",")

    private static let fields = 6 + channels.count * quantities.count

    /// The line, without its end; a serial holds nothing that would need quotes.
    package var line: String {
        var text = "\(meter),\(serial),\(reading.at),\(reading.epoch),"
        if let sequence = reading.sequence { text += "\(sequence)" }
        text += ",\(reading.flags.rawValue)"
        for channel in [reading.main, reading.dev1, reading.dev2] {
            guard let channel else {
                text += ",,,,,"
                continue
            }
            text += ",\(channel.energyWattHours),\(channel.powerMilliwatts)"
            text += ",\(channel.voltageMillivolts),\(channel.currentMilliamps)"
            text += ",\(channel.powerFactorPermille)"
        }
        return text
    }
    /// Reads a line back; nil when it is not one.
    package init?(line: String) {
        let texts = line.split(separator: ",", omittingEmptySubsequences: false)
        guard texts.count == Self.fields, let meter = Int32(texts[0]), let at = Instant(texts[2]),
            let epoch = Int16(texts[3]), let flags = Int16(texts[5]),
            let main = ChannelReading(archived: texts[6..<11])
        else { return nil }
        let sequence = Int32(texts[4])
        let dev1 = ChannelReading(archived: texts[11..<16])
        let dev2 = ChannelReading(archived: texts[16..<21])
        self.init(
            meter: meter,
            serial: String(texts[1]),
            reading: AcceptedReading(
                at: at,
                epoch: epoch,
                sequence: sequence,
                main: main,
                dev1: dev1,
                dev2: dev2,
                flags: ReadingFlags(rawValue: flags)
            )
        )
        // What was not understood would be missing when the line is written again.
        guard self.line == line else { return nil }
    }
}

extension ChannelReading {
    fileprivate init?(archived texts: ArraySlice<Substring>) {
        let first = texts.startIndex
        guard let energy = Int64(texts[first]), let power = Int32(texts[first + 1]),
            let voltage = Int32(texts[first + 2]), let current = Int32(texts[first + 3]),
            let factor = Int16(texts[first + 4])
        else { return nil }
        self.init(
            energyWattHours: energy,
            powerMilliwatts: power,
            voltageMillivolts: voltage,
            currentMilliamps: current,
            powerFactorPermille: factor
        )
    }
}
