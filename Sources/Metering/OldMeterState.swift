package import Units

/// What a message of an old meter leads to.
package struct OldMeterStep: Hashable, Sendable {
    /// A reading to keep; nil for most messages.
    package var reading: AcceptedReading?
    package var events: [OldMeterEvent] = []
    /// To be said to the meter, in this order.
    package var commands: [OldRelayCommand] = []
}

/// What the office remembers of an old meter between two messages: registers and protection.
///
/// A pure value: the store keeps it in one row, so that a restart forgets nothing and several servers
/// take turns.
package struct OldMeterState: Hashable, Sendable {
    package var main: DerivedRegister
    package var dev1: DerivedRegister
    package var dev2: DerivedRegister
    package var lastAt: Instant?
    /// Of the last reading that was kept.
    package var readingAt: Instant?
    package var protection: OldMeterProtection

    package init(
        main: DerivedRegister = DerivedRegister(),
        dev1: DerivedRegister = DerivedRegister(),
        dev2: DerivedRegister = DerivedRegister(),
        lastAt: Instant? = nil,
        readingAt: Instant? = nil,
        protection: OldMeterProtection = OldMeterProtection()
    ) {
        self.main = main
        self.dev1 = dev1
        self.dev2 = dev2
        self.lastAt = lastAt
        self.readingAt = readingAt
        self.protection = protection
    }

    /// Takes a message in; `at` is when it was received.
    package mutating func take(
        _ message: OldMeterMessage,
        at: Instant,
        meter: Meter
    ) -> OldMeterStep {
        var step = OldMeterStep()
        let silentSince = lastAt.flatMap { last in
            at > last.adding(seconds: Limits.oldMeterSilenceSeconds) ? last : nil
        }
        if let silentSince,
            at > silentSince.adding(seconds: Limits.oldMeterSilenceNotedSeconds)
        {
            step.events.append(
                OldMeterEvent(.silence, "nothing heard since \(silentSince); no energy counted")
            )
        }
        if let power = message.main.powerMilliwatts { main.add(powerMilliwatts: power, at: at) }
        if let power = message.dev1.powerMilliwatts { dev1.add(powerMilliwatts: power, at: at) }
        if let power = message.dev2.powerMilliwatts { dev2.add(powerMilliwatts: power, at: at) }
        protection.watch(message.main, at: at, wasSilent: silentSince != nil, step: &step)
        lastAt = max(lastAt ?? at, at)
        if isReadingDue(message, at: at) {
            readingAt = at
            step.reading = reading(message, at: at, meter: meter)
        }
        return step
    }

    /// A reading waits a little for values of the main channel, but not for ever.
    private func isReadingDue(_ message: OldMeterMessage, at: Instant) -> Bool {
        let seconds =
            message.main.isWhole
            ? Limits.oldMeterReadingSeconds : 2 * Limits.oldMeterReadingSeconds
        return readingAt.map { at >= $0.adding(seconds: seconds) } ?? true
    }

    private func reading(
        _ message: OldMeterMessage,
        at: Instant,
        meter: Meter
    ) -> AcceptedReading {
        let channels = channels(message, meter: meter)
        var flags: ReadingFlags = [.derived, .placedByAge]
        if !message.main.isWhole { flags.insert(.registerOnly) }
        return AcceptedReading(
            at: at,
            epoch: 0,
            sequence: nil,
            main: channels.main,
            dev1: channels.dev1,
            dev2: channels.dev2,
            flags: flags
        )
    }

    /// The channels with their registers; a value that is missing now is taken from `known`.
    ///
    /// A channel that never gave its power is nil, and so is one the meter does not have.
    package func channels(
        _ message: OldMeterMessage,
        known: LatestReading? = nil,
        meter: Meter
    ) -> (main: ChannelReading, dev1: ChannelReading?, dev2: ChannelReading?) {
        let modulus = meter.registerModulus.wattHours
        func channel(
            _ values: OldChannelReading,
            _ register: DerivedRegister,
            _ known: ChannelReading?
        ) -> ChannelReading {
            values.reading(energyWattHours: register.wattHours % modulus, known: known)
        }
        return (
            channel(message.main, main, known?.main),
            meter.channels > 1 && dev1.at != nil ? channel(message.dev1, dev1, known?.dev1) : nil,
            meter.channels > 2 && dev2.at != nil ? channel(message.dev2, dev2, known?.dev2) : nil
        )
    }
}

/// The server's half of an old meter's over-voltage protection; the firmware has none of its own.
///
/// Above the limit the supply is told once to go off, and the trip stands until a person releases it:
/// the relays of this firmware come up *on* after each reset, so a meter that comes back after a
/// trip is told again. It has come back when it was silent for long, or when its voltage is there
/// again after it had gone. A supply that simply stays on is told again after a while too.
package struct OldMeterProtection: Hashable, Sendable {
    /// The voltage was above the limit and has not been seen within bounds since.
    package var isOver: Bool
    /// Nil when nothing has tripped, or the trip was released.
    package var trippedAt: Instant?
    package var toldAt: Instant?
    /// The supply was seen off since it was told.
    package var hasGoneOff: Bool

    package init(
        isOver: Bool = false,
        trippedAt: Instant? = nil,
        toldAt: Instant? = nil,
        hasGoneOff: Bool = false
    ) {
        self.isOver = isOver
        self.trippedAt = trippedAt
        self.toldAt = toldAt
        self.hasGoneOff = hasGoneOff
    }

    /// Whether a supply of this voltage is shown as on.
    package static func isOn(_ voltageMillivolts: Int32) -> Bool {
        voltageMillivolts >= Limits.oldMeterOnMillivolts
    }

    /// A person says that the supply may be switched on again.
    package mutating func release() { self = OldMeterProtection() }

    mutating func watch(
        _ main: OldChannelReading,
        at: Instant,
        wasSilent: Bool,
        step: inout OldMeterStep
    ) {
        guard let voltage = main.voltageMillivolts else {
            // A voltage that cannot be read tells nothing; coming back does.
            if wasSilent, trippedAt != nil { repeatTrip("it came back", at, &step) }
            return
        }
        if voltage > Limits.oldMeterTripMillivolts {
            guard isOver else { return trip(voltage, at, &step) }
        } else if isOver, voltage < Limits.oldMeterCalmMillivolts, Self.isOn(voltage) {
            isOver = false
            step.events.append(OldMeterEvent(.overVoltageEnded, "\(volts(voltage)) V"))
        }
        guard trippedAt != nil else { return }
        if wasSilent { return repeatTrip("it came back", at, &step) }
        guard Self.isOn(voltage) else {
            hasGoneOff = true
            return
        }
        if hasGoneOff { return repeatTrip("its supply is on again", at, &step) }
        let patience = toldAt.map { $0.adding(seconds: Limits.oldMeterTripPatienceSeconds) }
        if main.currentMilliamps ?? 0 > Limits.oldMeterIdleMilliamps, at > patience ?? at {
            repeatTrip("its supply is still on", at, &step)
        }
    }

    private mutating func trip(_ voltage: Int32, _ at: Instant, _ step: inout OldMeterStep) {
        isOver = true
        trippedAt = at
        tell(at)
        step.events.append(
            OldMeterEvent(.overVoltage, "\(volts(voltage)) V: the supply is switched off")
        )
        step.commands.append(.mainOff)
    }

    private mutating func repeatTrip(
        _ reason: String,
        _ at: Instant,
        _ step: inout OldMeterStep
    ) {
        tell(at)
        step.events.append(
            OldMeterEvent(.tripRepeated, "\(reason): the supply is switched off again")
        )
        step.commands.append(.mainOff)
    }

    private mutating func tell(_ at: Instant) {
        toldAt = at
        hasGoneOff = false
    }

    private func volts(_ millivolts: Int32) -> String {
        let tenths = millivolts / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
