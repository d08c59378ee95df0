import Foundation
import Glibc

/// Processor time of the processes that take part, in seconds since each began.
struct ProcessorTime: Sendable {
    var server: Double
    var database: Double
    var broker: Double
    /// This process: whoever sends.
    var generator: Double

    static func - (left: ProcessorTime, right: ProcessorTime) -> ProcessorTime {
        ProcessorTime(
            server: left.server - right.server,
            database: left.database - right.database,
            broker: left.broker - right.broker,
            generator: left.generator - right.generator
        )
    }
}

/// Whose time is measured.
struct MeasuredProcesses: Sendable {
    var server: Int32
    var postmaster: Int32
    var broker: Int32

    /// What they have used until now; a database server counts with all its processes, the ended
    /// ones included.
    func now() -> ProcessorTime {
        ProcessorTime(
            server: ProcessFigures(server)?.ownSeconds ?? 0,
            database: databaseSeconds,
            broker: ProcessFigures(broker)?.ownSeconds ?? 0,
            generator: ProcessFigures(getpid())?.ownSeconds ?? 0
        )
    }

    private var databaseSeconds: Double {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let children = names.compactMap { Int32($0) }.compactMap { ProcessFigures($0) }
            .filter { $0.parent == postmaster }
        let own = ProcessFigures(postmaster)
        return (own.map { $0.ownSeconds + $0.endedChildrenSeconds } ?? 0)
            + children.reduce(0) { $0 + $1.ownSeconds }
    }
}

/// A few fields of `/proc/PID/stat`.
private struct ProcessFigures {
    let parent: Int32
    let ownSeconds: Double
    let endedChildrenSeconds: Double

    init?(_ processID: Int32) {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(processID)/stat"),
            // The name of the program stands in brackets and may hold anything.
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
        let ticks = fields[11...14].map { Double($0) ?? 0 }
        let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        self.parent = parent
        ownSeconds = (ticks[0] + ticks[1]) / perSecond
        endedChildrenSeconds = (ticks[2] + ticks[3]) / perSecond
    }
}
