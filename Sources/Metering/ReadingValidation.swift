package import Units

/// What the server accepts from a meter at a given moment.
package struct AcceptanceWindow: Sendable {
    package var now: Instant
    package var oldest: Instant
    package var newest: Instant

    ///
    /// `oldestReadingDays`: the office's limit.
    package init(now: Instant, oldestReadingDays: Int) {
        self.now = now
        self.oldest = now.adding(seconds: -Int64(oldestReadingDays) * 86_400)
        self.newest = now.adding(seconds: Limits.futureToleranceSeconds)
    }
}

extension ReportedReading {
    /// Places the reading in time and checks every value against what a meter can show.
    package func accepted(
        in window: AcceptanceWindow,
        meter: Meter
    ) throws(ReadingFault) -> AcceptedReading {
        let (instant, placed) = try place(in: window)
        try check(main, "main", meter)
        if let dev1 { try check(dev1, "dev1", meter) }
        if let dev2 { try check(dev2, "dev2", meter) }
        if (dev1 != nil && meter.channels < 2) || (dev2 != nil && meter.channels < 3) {
            throw ReadingFault(
                .unknownChannel,
                "meter \(meter.serial) has \(meter.channels) channel(s); the reading names more"
            )
        }
        guard epoch >= 0, epoch <= Int32(Int16.max) else {
            throw ReadingFault(.outOfRange, "epoch \(epoch) is outside 0 to 32767")
        }
        if let sequence, sequence < 0 || sequence > Int64(Int32.max) {
            throw ReadingFault(.outOfRange, "sequence \(sequence) is outside 0 to 2147483647")
        }
        return AcceptedReading(
            at: instant,
            epoch: Int16(epoch),
            sequence: sequence.map { Int32($0) },
            main: main,
            dev1: dev1,
            dev2: dev2,
            flags: placed ? flags.union(.placedByAge) : flags,
            extras: extras
        )
    }

    private func place(
        in window: AcceptanceWindow
    ) throws(ReadingFault) -> (at: Instant, placed: Bool) {
        guard let at else {
            guard let ageSeconds else {
                throw ReadingFault(.noTime, "neither at nor ageSeconds is given")
            }
            guard ageSeconds >= 0, ageSeconds <= Limits.ageSecondsMaximum else {
                throw ReadingFault(
                    .outOfRange,
                    "ageSeconds \(ageSeconds) is outside 0 to \(Limits.ageSecondsMaximum)"
                )
            }
            let placed = window.now.adding(seconds: -ageSeconds)
            guard placed >= window.oldest else { throw tooOld(placed, window) }
            // Two readings of one second must not meet at one instant: the sequence tells them apart.
            let spread = (sequence ?? 0) % 1_000
            return (
                Instant(microsecondsSince1970: placed.microsecondsSince1970 + spread), true
            )
        }
        guard at <= window.newest else {
            throw ReadingFault(
                .futureTime,
                "at \(at) is more than five minutes after now (\(window.now))"
            )
        }
        guard at >= window.oldest else { throw tooOld(at, window) }
        return (at, false)
    }

    private func tooOld(_ at: Instant, _ window: AcceptanceWindow) -> ReadingFault {
        ReadingFault(.tooOld, "at \(at) is before the oldest the office accepts (\(window.oldest))")
    }

    private func check(
        _ channel: ChannelReading,
        _ name: String,
        _ meter: Meter
    ) throws(ReadingFault) {
        guard channel.energyWattHours >= 0 else {
            throw ReadingFault(
                .negativeRegister,
                "\(name).energyWattHours \(channel.energyWattHours) is negative"
            )
        }
        guard channel.energyWattHours < meter.registerModulus.wattHours else {
            throw ReadingFault(
                .outOfRange,
                "\(name).energyWattHours \(channel.energyWattHours) does not fit the meter's "
                    + "\(meter.registerDigits) register digits"
            )
        }
        guard (0...Limits.voltageMillivoltsMaximum).contains(channel.voltageMillivolts) else {
            throw ReadingFault(
                .outOfRange,
                "\(name).voltageMillivolts \(channel.voltageMillivolts) is outside 0 to "
                    + "\(Limits.voltageMillivoltsMaximum)"
            )
        }
        guard channel.currentMilliamps >= 0 else {
            throw ReadingFault(
                .outOfRange,
                "\(name).currentMilliamps \(channel.currentMilliamps) is negative"
            )
        }
        guard (-1_000...1_000).contains(channel.powerFactorPermille) else {
            throw ReadingFault(
                .outOfRange,
                "\(name).powerFactorPermille \(channel.powerFactorPermille) is outside -1000 to 1000"
            )
        }
    }
}
