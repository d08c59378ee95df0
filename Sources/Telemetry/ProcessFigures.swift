import Glibc

/// What the kernel counts for this process, under the names Prometheus' own clients use.
enum ProcessFigures {
    /// Appends processor time, memory and open files.
    static func append(to text: inout String) {
        var usage = rusage()
        if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            let seconds = usage.ru_utime.seconds + usage.ru_stime.seconds
            append("process_cpu_seconds_total", "counter", seconds, to: &text)
        }
        if let pages = residentPages {
            let bytes = Double(pages * sysconf(Int32(_SC_PAGESIZE)))
            append("process_resident_memory_bytes", "gauge", bytes, to: &text)
        }
        if let count = openFiles {
            append("process_open_fds", "gauge", Double(count), to: &text)
        }
    }

    private static func append(
        _ name: String,
        _ kind: String,
        _ value: Double,
        to text: inout String
    ) {
        text += "# TYPE \(name) \(kind)\n\(name) \(value.metricText)\n"
    }

    /// The second figure of `/proc/self/statm`.
    private static var residentPages: Int? {
        guard let file = fopen("/proc/self/statm", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let figures = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return figures.count > 1 ? Int(figures[1]) : nil
    }

    private static var openFiles: Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the folder itself.
        return max(count - 3, 0)
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1_000_000 }
}
