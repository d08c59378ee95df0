package import Metering
package import Units

/// A meter of a list: where it hangs and what it said last.
package struct MeterSummary: Sendable {
    package let meter: Meter
    package let serviceNumber: String?
    package let consumerName: String?
    package let latest: LatestReading?

    package init(
        meter: Meter,
        serviceNumber: String?,
        consumerName: String?,
        latest: LatestReading?
    ) {
        self.meter = meter
        self.serviceNumber = serviceNumber
        self.consumerName = consumerName
        self.latest = latest
    }
}

/// A reading that was refused, as the office sees it.
package struct RejectedReading: Sendable {
    package let meterSerial: String
    package let epoch: Int
    /// -1 for a message that could not be read at all.
    package let sequence: Int
    package let code: String
    package let detail: String
    package let lastAt: Instant
    package let occurrences: Int

    package init(
        meterSerial: String,
        epoch: Int,
        sequence: Int,
        code: String,
        detail: String,
        lastAt: Instant,
        occurrences: Int
    ) {
        self.meterSerial = meterSerial
        self.epoch = epoch
        self.sequence = sequence
        self.code = code
        self.detail = detail
        self.lastAt = lastAt
        self.occurrences = occurrences
    }
}
