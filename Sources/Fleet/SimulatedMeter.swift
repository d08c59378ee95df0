import MeterCore
package import Units
import Wire

/// The real firmware core, fed with the waveforms of a seeded household under a given clock.
///
/// Not thread-safe; whoever makes it keeps it to one task or actor.
package final class SimulatedMeter {
    package let configuration: SimulatedMeterConfiguration
    /// Every reading made, when the configuration keeps the truth.
    package private(set) var produced: [ProducedReading] = []
    /// How far the meter has lived.
    package private(set) var now: Instant

    private let core: UnsafeMutablePointer<meter_core>
    private let storage: UnsafeMutablePointer<meter_reading>
    private let household: HouseholdLoad
    /// When uptime was 0.
    private var started: Instant

    /// A new meter, switched on at `start` and reading at each multiple of the interval after it.
    package init(
        _ configuration: SimulatedMeterConfiguration,
        start: Instant
    ) throws(FleetError) {
        if let fault = configuration.fault { throw .invalidConfiguration(fault) }
        self.configuration = configuration
        core = .allocate(capacity: 1)
        storage = .allocate(capacity: configuration.capacity)
        household = HouseholdLoad(seed: configuration.seed, serial: configuration.serial)
        now = start
        started = start
        var settings = SimulatedMeter.settings(configuration)
        let status = meter_init(
            core,
            &settings,
            storage,
            UInt32(configuration.capacity),
            UInt32(configuration.epoch)
        )
        guard status == METER_OK else {
            throw .invalidConfiguration("The core refused it (\(status.rawValue)).")
        }
        core.pointee.channels.0.energy_wh = UInt64(configuration.openingRegisterWattHours)
    }

    deinit {
        core.deallocate()
        storage.deallocate()
    }

    private static func settings(
        _ configuration: SimulatedMeterConfiguration
    ) -> meter_configuration {
        let calibration = meter_calibration(
            microvolts_per_count: Waveform.microvoltsPerCount,
            microamps_per_count: Waveform.microampsPerCount,
            phase_permille: 1_000,
            starting_milliamps: 15
        )
        return meter_configuration(
            channels: (calibration, calibration, calibration),
            register_modulus_wh: UInt64(configuration.registerModulusWattHours),
            trip_millivolts: METER_TRIP_MILLIVOLTS,
            trip_windows: 1,
            window_readings: UInt16(Limits.windowReadings),
            resend_seconds: UInt16(Limits.resendSeconds),
            channel_count: 3
        )
    }

    private func time(_ instant: Instant) -> meter_time {
        let seconds = instant.secondsSince1970
        return meter_time(
            seconds: configuration.clockUnset ? 0 : seconds,
            uptime_seconds: UInt32(clamping: seconds - started.secondsSince1970)
        )
    }

    // MARK: Measuring

    /// Lives until `instant`, making the readings that fall due; an earlier instant does nothing.
    /// - Returns: how many readings were made.
    @discardableResult
    package func advance(to instant: Instant) -> Int {
        var made = 0
        while now < instant {
            let reading = nextReading(after: now)
            let window = now.adding(seconds: windowSeconds)
            let end = min(min(reading, window), instant)
            // The shell's clock has whole seconds; so have windows.
            guard end.secondsSince1970 > now.secondsSince1970 else { break }
            measure(until: end)
            now = Instant(secondsSince1970: end.secondsSince1970)
            if now == reading {
                take()
                made += 1
            }
        }
        return made
    }

    /// The instant of the reading that follows `instant`.
    package func nextReading(after instant: Instant) -> Instant {
        let interval = configuration.intervalSeconds
        return Instant(secondsSince1970: (instant.secondsSince1970 / interval + 1) * interval)
    }

    /// One cycle stands for so long: fine enough for a refrigerator, coarse enough for a year.
    private var windowSeconds: Int64 { min(300, configuration.intervalSeconds) }

    private func measure(until end: Instant) {
        let seconds = end.secondsSince1970 - now.secondsSince1970
        let middle = now.adding(seconds: seconds / 2)
        var supply = household.supply(at: middle)
        for event in configuration.voltageEvents where middle >= event.from && middle < event.until
        {
            supply.volts = event.volts
        }
        let main = meter_relay_wanted_on(core, 0)
        let dev1 = main && meter_relay_wanted_on(core, 1) ? supply.dev1 : .none
        let dev2 = main && meter_relay_wanted_on(core, 2) ? supply.dev2 : .none
        let whole = main ? supply.rest + dev1 + dev2 : .none
        Waveform.push(whole, volts: supply.volts, into: core, channel: 0)
        Waveform.push(dev1, volts: supply.volts, into: core, channel: 1)
        Waveform.push(dev2, volts: supply.volts, into: core, channel: 2)
        meter_close_window(core, UInt32(clamping: seconds * 1_000))
    }

    private func take() {
        let sequence = meter_take_reading(core, time(now))
        guard configuration.keepsTruth else { return }
        produced.append(
            ProducedReading(
                epoch: Int32(core.pointee.epoch),
                sequence: Int64(sequence),
                at: now,
                registerWattHours: registers
            )
        )
    }

    /// Registers in watt-hours as they stand.
    package var registers: [Int64] {
        let channels = core.pointee.channels
        return [channels.0, channels.1, channels.2].map { Int64($0.energy_wh) }
    }

    package var isTripped: Bool { core.pointee.protection.tripped }

    /// Whether the supply is on, as the relays should stand.
    package var isSupplyOn: Bool { meter_relay_wanted_on(core, 0) }

    // MARK: Store and forward

    /// Readings held and not acknowledged.
    package var heldReadings: Int { Int(core.pointee.ring.count) }

    /// Readings given up because the store was full.
    package var droppedReadings: Int { Int(core.pointee.ring.dropped) }

    package var epoch: Int32 { Int32(core.pointee.epoch) }

    /// The next frame to send at this moment of the meter; nil when there is nothing to send, or
    /// so much is under way that an acknowledgement must come first.
    package func nextFrame(maximumReadings: Int, at instant: Instant) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: Limits.frameBytes) { buffer, count in
            count = meter_next_frame(
                core,
                time(instant),
                UInt32(clamping: maximumReadings),
                buffer.baseAddress,
                Limits.frameBytes
            )
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// The values of this moment, for the live view.
    package func liveFrame(at instant: Instant) -> [UInt8] {
        let capacity = 256
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = meter_live_frame(core, time(instant), buffer.baseAddress, capacity)
        }
    }

    /// Takes the server's acknowledgement; false when it is unreadable or for other readings.
    @discardableResult
    package func acknowledge(_ payload: [UInt8], at instant: Instant) -> Bool {
        var epoch: UInt32 = 0
        var sequence: UInt64 = 0
        guard
            meter_acknowledgement_decode(payload, payload.count, &epoch, &sequence) == METER_OK
        else { return false }
        return meter_acknowledge(core, epoch, sequence, time(instant).uptime_seconds) == METER_OK
    }

    /// The link is back: what was not acknowledged will be sent again.
    package func linkRestored(at instant: Instant) {
        meter_link_restored(core, time(instant).uptime_seconds)
    }

    /// Carries out a command and gives the result's payload; nil when it is not a command.
    package func perform(_ payload: [UInt8], at instant: Instant) -> [UInt8]? {
        var command = meter_command()
        guard meter_command_decode(payload, payload.count, &command) == METER_OK else {
            return nil
        }
        let result = meter_command_apply(core, &command, time(instant))
        let capacity = Int(METER_MESSAGE_BYTES_MAX)
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = meter_command_result_encode(
                command.identifier,
                result,
                buffer.baseAddress,
                capacity
            )
        }
    }
}

extension SimulatedMeter {
    private static let headerBytes = 16

    /// Everything that survives a kill: the simulation's own times and the core's saved state.
    package func saved() -> [UInt8] {
        var bytes: [UInt8] = []
        for instant in [now, started] {
            let bits = UInt64(bitPattern: instant.microsecondsSince1970)
            for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * index))) }
        }
        let capacity = meter_state_bytes(core.pointee.ring.count)
        let state = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = meter_save(
                core,
                time(now).uptime_seconds,
                UInt32.max,
                buffer.baseAddress,
                capacity
            )
        }
        return bytes + state
    }

    /// A meter that goes on where the saved one was.
    ///
    /// The process was away, not the meter: advancing to the present makes the readings between.
    package convenience init(
        _ configuration: SimulatedMeterConfiguration,
        restoring bytes: [UInt8]
    ) throws(FleetError) {
        guard bytes.count > SimulatedMeter.headerBytes else {
            throw .unreadableState("cut short")
        }
        let instants = [0, 8].map { start in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * $1) }
        }.map { Instant(microsecondsSince1970: Int64(bitPattern: $0)) }
        try self.init(configuration, start: instants[1])
        var uptime: UInt32 = 0
        let status = bytes.withUnsafeBufferPointer { buffer in
            meter_restore(
                core,
                buffer.baseAddress?.advanced(by: SimulatedMeter.headerBytes),
                buffer.count - SimulatedMeter.headerBytes,
                &uptime
            )
        }
        guard status == METER_OK else {
            throw .unreadableState("the core refused it (\(status.rawValue))")
        }
        guard instants[0] >= instants[1] else { throw .unreadableState("impossible times") }
        now = instants[0]
    }
}
