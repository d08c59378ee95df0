import Metering
import Units

/// Reports built from a seed, for round trips.
enum Samples {
    static func report(
        _ random: inout SeededRandom,
        count: Int? = nil,
        forFrames: Bool
    ) -> (readings: [ReportedReading], epoch: Int32, sequence: Int64, oldest: Int64) {
        let count = count ?? Int.random(in: 1...20, using: &random)
        let top: Int64 = forFrames ? Int64(UInt32.max) : Int64.max
        let sequence = Int64.random(in: Int64(count)...top, using: &random)
        let first = sequence - Int64(count) + 1
        let epoch = Int32.random(in: 0...Int32.max, using: &random)
        let channels = Int.random(in: 1...3, using: &random)
        let exports = Bool.random(using: &random)
        let readings = (0..<count).map { index in
            reading(
                &random,
                epoch: epoch,
                sequence: first + Int64(index),
                channels: channels,
                exports: exports,
                forFrames: forFrames
            )
        }
        return (readings, epoch, sequence, Int64.random(in: 0...first, using: &random))
    }

    private static func reading(
        _ random: inout SeededRandom,
        epoch: Int32,
        sequence: Int64,
        channels: Int,
        exports: Bool,
        forFrames: Bool
    ) -> ReportedReading {
        let aged = Int.random(in: 0..<8, using: &random) == 0
        let seconds = Int64.random(in: 1...4_000_000_000, using: &random)
        let fraction = forFrames ? 0 : Int64.random(in: 0...999_999, using: &random)
        var extras: [Channel: ExtraQuantities] = [:]
        if exports {
            extras[.main] = ExtraQuantities(
                exportWattHours: .random(in: 0...1_000_000, using: &random),
                reactiveVarHours: forFrames ? nil : .random(in: 0...1_000_000, using: &random)
            )
        }
        return ReportedReading(
            at: aged ? nil : Instant(microsecondsSince1970: seconds * 1_000_000 + fraction),
            ageSeconds: aged ? .random(in: 0...315_000_000, using: &random) : nil,
            epoch: epoch,
            sequence: sequence,
            main: channel(&random),
            dev1: channels > 1 ? channel(&random) : nil,
            dev2: channels > 2 ? channel(&random) : nil,
            extras: extras
        )
    }

    private static func channel(_ random: inout SeededRandom) -> ChannelReading {
        ChannelReading(
            energyWattHours: .random(in: 0...1_000_000_000_000_000, using: &random),
            powerMilliwatts: .random(in: .min...(.max), using: &random),
            voltageMillivolts: .random(in: 0...(.max), using: &random),
            currentMilliamps: .random(in: 0...(.max), using: &random),
            powerFactorPermille: .random(in: -1_000...1_000, using: &random)
        )
    }

    static let json = """
        {"sequence": 1042, "readings": [
            {"at": "2026-11-22T10:00:00Z", "channels": {"main": {"energyWattHours": 1234500}}},
            {"at": "2026-11-22T15:45:00+05:30", "channels": {
                "main": {"voltageMillivolts": 231200, "currentMilliamps": 3410,
                    "powerMilliwatts": 770100, "powerFactorPermille": 977,
                    "energyWattHours": 1234567},
                "dev1": {"energyWattHours": 12}, "dev2": {"energyWattHours": 7}}}]}
        """

    static func body(_ readings: String, sequence: Int = 10, more: String = "") -> [UInt8] {
        Array("{\"sequence\":\(sequence)\(more),\"readings\":[\(readings)]}".utf8)
    }

    static let good =
        #"{"at":"2026-11-22T10:15:00Z","channels":{"main":{"energyWattHours":5}}}"#
}
