package import Units

/// An old meter as the office sees it.
package struct OldMeter: Sendable, Hashable {
    package let meter: Meter
    /// Of its own listener at the broker.
    package let port: Int
    package let state: OldMeterState

    package init(meter: Meter, port: Int, state: OldMeterState) {
        self.meter = meter
        self.port = port
        self.state = state
    }
}

/// What happened to an old meter, as the office sees it.
package struct RecordedGatewayEvent: Sendable, Hashable {
    package let id: Int64
    package let meterSerial: String
    package let at: Instant
    package let event: OldMeterEvent

    package init(id: Int64, meterSerial: String, at: Instant, event: OldMeterEvent) {
        self.id = id
        self.meterSerial = meterSerial
        self.at = at
        self.event = event
    }
}
