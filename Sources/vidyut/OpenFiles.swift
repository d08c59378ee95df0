import Glibc

/// How many files and connections this program may have open.
enum OpenFiles {
    /// Takes as many as the system grants without asking for a right; how many that are.
    static func allowed() -> Int {
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < limit.rlim_max {
            var wider = limit
            wider.rlim_cur = limit.rlim_max
            if setrlimit(kind, &wider) == 0 { limit = wider }
        }
        return Int(min(limit.rlim_cur, rlim_t(Int32.max)))
    }
}
