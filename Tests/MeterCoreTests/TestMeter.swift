import MeterCore

/// A core with its storage, for tests.
final class TestMeter {
    let core: UnsafeMutablePointer<meter_core>
    let storage: UnsafeMutablePointer<meter_reading>
    let configuration: meter_configuration

    init(
        capacity: Int = 16,
        channels: UInt8 = 3,
        modulus: UInt64 = 100_000_000,
        tripWindows: UInt16 = 2,
        windowReadings: UInt16 = 40,
        epoch: UInt32 = 0,
        phase: UInt16 = 1_000,
        starting: UInt16 = 20
    ) {
        core = .allocate(capacity: 1)
        storage = .allocate(capacity: capacity)
        let calibration = meter_calibration(
            microvolts_per_count: 15_000,
            microamps_per_count: 2_000,
            phase_permille: phase,
            starting_milliamps: starting
        )
        configuration = meter_configuration(
            channels: (calibration, calibration, calibration),
            register_modulus_wh: modulus,
            trip_millivolts: METER_TRIP_MILLIVOLTS,
            trip_windows: tripWindows,
            window_readings: windowReadings,
            resend_seconds: 60,
            channel_count: channels
        )
        var configuration = configuration
        let status = meter_init(core, &configuration, storage, UInt32(capacity), epoch)
        precondition(status == METER_OK)
    }

    deinit {
        core.deallocate()
        storage.deallocate()
    }

    /// One cycle of 64 samples of a sine of `volts` and `amps`, the current `lag` samples behind.
    func pushCycle(
        _ channel: UInt32,
        volts: Double,
        amps: Double,
        lag: Int = 0,
        offset: Int32 = 0,
        cycles: Int = 1
    ) {
        for index in 0..<64 * cycles {
            let voltage = volts * 2.0.squareRoot() / 0.015 * sine(index)
            let current = amps * 2.0.squareRoot() / 0.002 * sine(index - lag)
            meter_push_sample(
                core,
                channel,
                Int32(voltage.rounded()) + offset,
                Int32(current.rounded()) - offset
            )
        }
    }

    /// All channels with one load, for a quarter of an hour, then a reading.
    @discardableResult
    func quarterHour(at seconds: Int64, volts: Double = 230, amps: Double = 5) -> UInt32 {
        for channel in 0..<UInt32(configuration.channel_count) {
            pushCycle(channel, volts: volts, amps: amps / Double(channel + 1))
        }
        meter_close_window(core, 900_000)
        return meter_take_reading(core, meter_time(seconds: seconds, uptime_seconds: 0))
    }

    func frame(
        uptime: UInt32 = 0,
        seconds: Int64 = 0,
        maximum: UInt32 = 10,
        capacity: Int = 4_096
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = meter_next_frame(
                core,
                meter_time(seconds: seconds, uptime_seconds: uptime),
                maximum,
                buffer.baseAddress,
                capacity
            )
        }
    }

    func saved(uptime: UInt32 = 0, maximum: UInt32 = .max) -> [UInt8] {
        let capacity = meter_state_bytes(core.pointee.ring.count)
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = meter_save(core, uptime, maximum, buffer.baseAddress, capacity)
        }
    }

    @discardableResult
    func acknowledge(_ sequence: UInt64, epoch: UInt32 = 0, uptime: UInt32 = 0) -> meter_status {
        meter_acknowledge(core, epoch, sequence, uptime)
    }
}

/// One sixty-fourth turns, by Taylor's series: no mathematics library needed.
func sine(_ index: Int) -> Double {
    var angle = Double(((index % 64) + 64) % 64) / 64 * 2 * Double.pi
    if angle > Double.pi { angle -= 2 * Double.pi }
    var term = angle
    var sum = angle
    for step in 1...12 {
        term *= -angle * angle / Double(2 * step * (2 * step + 1))
        sum += term
    }
    return sum
}

/// Decodes a frame with the core.
func decode(_ bytes: [UInt8], capacity: Int = 64) -> (
    status: meter_status, header: meter_frame_header, readings: [meter_reading]
) {
    var header = meter_frame_header()
    var readings = [meter_reading](repeating: meter_reading(), count: capacity)
    let status = meter_frame_decode(bytes, bytes.count, &header, &readings, capacity)
    return (status, header, status == METER_OK ? Array(readings.prefix(Int(header.count))) : [])
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}

func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}
