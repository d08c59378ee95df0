package import Units

/// What one channel showed at one instant.
///
/// Narrow on purpose: millions of these are alive in a batch.
package struct ChannelReading: Hashable, Sendable {
    package var energyWattHours: Int64
    package var powerMilliwatts: Int32
    package var voltageMillivolts: Int32
    package var currentMilliamps: Int32
    package var powerFactorPermille: Int16

    package init(
        energyWattHours: Int64,
        powerMilliwatts: Int32 = 0,
        voltageMillivolts: Int32 = 0,
        currentMilliamps: Int32 = 0,
        powerFactorPermille: Int16 = 0
    ) {
        self.energyWattHours = energyWattHours
        self.powerMilliwatts = powerMilliwatts
        self.voltageMillivolts = voltageMillivolts
        self.currentMilliamps = currentMilliamps
        self.powerFactorPermille = powerFactorPermille
    }

    package var energy: Energy { Energy(wattHours: energyWattHours) }
}

/// Quantities some meters add; they are kept beside the hot row.
package struct ExtraQuantities: Hashable, Sendable {
    package var exportWattHours: Int64?
    package var reactiveVarHours: Int64?
    package var apparentVoltAmpereHours: Int64?
    package var maximumDemandWatts: Int64?

    package init(
        exportWattHours: Int64? = nil,
        reactiveVarHours: Int64? = nil,
        apparentVoltAmpereHours: Int64? = nil,
        maximumDemandWatts: Int64? = nil
    ) {
        self.exportWattHours = exportWattHours
        self.reactiveVarHours = reactiveVarHours
        self.apparentVoltAmpereHours = apparentVoltAmpereHours
        self.maximumDemandWatts = maximumDemandWatts
    }

    package var isEmpty: Bool { self == ExtraQuantities() }
}

/// Why a reading is not quite an ordinary one; a bit set, stored with it.
package struct ReadingFlags: OptionSet, Hashable, Sendable {
    package var rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    /// The meter held its clock unset: the instant is the time of receipt less the age it gave.
    package static let placedByAge = ReadingFlags(rawValue: 1)
    /// Only the register was given (manual or imported reading); V, A, W and PF are not measurements.
    package static let registerOnly = ReadingFlags(rawValue: 2)
    /// Imported by an office from a file, not sent by the meter.
    package static let imported = ReadingFlags(rawValue: 4)
    /// Estimated by the sender, not measured.
    package static let estimated = ReadingFlags(rawValue: 8)
    /// Energy derived from apparent power by the gateway for old meters: not for revenue.
    package static let derived = ReadingFlags(rawValue: 16)
    /// The meter's over-voltage protection had switched the supply off.
    package static let tripped = ReadingFlags(rawValue: 32)
    /// The supply (`main`) was switched off by command.
    package static let switchedOff = ReadingFlags(rawValue: 64)
    /// A sum of imported daily energies: the register stood still on days without a row.
    package static let sumOfDays = ReadingFlags(rawValue: 256)
    /// The register was corrected by a person, with a reason.
    package static let corrected = ReadingFlags(rawValue: 128)
    /// Read by an assessor on a round.
    package static let readByAssessor = ReadingFlags(rawValue: 512)
    /// Read by the consumer.
    package static let readByConsumer = ReadingFlags(rawValue: 1_024)
    /// A person said that this register, which a person read, is billed: it is the truth at its instant.
    package static let acceptedForBilling = ReadingFlags(rawValue: 2_048)

    /// Read by people at the meter.
    package static let readByPeople: ReadingFlags = [.readByAssessor, .readByConsumer]
}

/// One reading as a meter reported it, before the server has looked at it.
package struct ReportedReading: Hashable, Sendable {
    /// Missing when the meter held its clock unset; then `ageSeconds` is given.
    package var at: Instant?
    package var ageSeconds: Int64?
    package var epoch: Int32
    /// Missing only for readings that come from a file or by hand.
    package var sequence: Int64?
    package var main: ChannelReading
    package var dev1: ChannelReading?
    package var dev2: ChannelReading?
    /// By channel; empty for nearly all.
    package var extras: [Channel: ExtraQuantities]
    package var flags: ReadingFlags

    package init(
        at: Instant?,
        ageSeconds: Int64? = nil,
        epoch: Int32 = 0,
        sequence: Int64?,
        main: ChannelReading,
        dev1: ChannelReading? = nil,
        dev2: ChannelReading? = nil,
        extras: [Channel: ExtraQuantities] = [:],
        flags: ReadingFlags = []
    ) {
        self.at = at
        self.ageSeconds = ageSeconds
        self.epoch = epoch
        self.sequence = sequence
        self.main = main
        self.dev1 = dev1
        self.dev2 = dev2
        self.extras = extras
        self.flags = flags
    }
}

/// What one meter sent in one message or request.
package struct MeterReport: Sendable {
    package var epoch: Int32
    /// Sequence number of the last item; each earlier one is one less.
    package var sequence: Int64
    /// The oldest number the meter still holds; nil means the first of this report.
    package var oldestSequence: Int64?
    /// In sending order; an item that could not be read keeps its place, named.
    package var items: [Result<ReportedReading, ReadingFault>]

    package init(
        epoch: Int32,
        sequence: Int64,
        oldestSequence: Int64?,
        items: [Result<ReportedReading, ReadingFault>]
    ) {
        self.epoch = epoch
        self.sequence = sequence
        self.oldestSequence = oldestSequence
        self.items = items
    }

    /// Sequence number of the first item.
    package var firstSequence: Int64 { sequence - Int64(items.count) + 1 }
}

/// Why a reading is refused for good: the meter may forget it, the office sees it.
package struct ReadingFault: Error, Hashable, Sendable {
    /// Stable names; clients switch on these, never on the detail.
    package enum Code: String, CaseIterable, Sendable {
        case malformed
        case missingField = "missing_field"
        case wrongType = "wrong_type"
        case outOfRange = "out_of_range"
        case negativeRegister = "negative_register"
        case noTime = "no_time"
        case futureTime = "future_time"
        case tooOld = "too_old"
        case unknownMeter = "unknown_meter"
        case unknownChannel = "unknown_channel"
        case duplicateKey = "duplicate_key"
        /// An old meter printed `nan`, `inf` or `ovf`.
        case notANumber = "not_a_number"
    }

    package var code: Code
    /// Names the field or the line and says what would be right.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
