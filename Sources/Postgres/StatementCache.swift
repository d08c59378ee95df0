/// Which statements a connection has prepared, at most a fixed number of them.
struct StatementCache {
    /// Text and parameter types: the same text with other types is another statement.
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private var entries: [Key: Entry] = [:]
    private var clock: UInt64 = 0
    /// Names that fell out and still have to be deallocated on the server, between transactions.
    private(set) var evicted: [String] = []

    var count: Int { entries.count }

    /// The name under which it is prepared, if it is.
    mutating func name(of key: Key) -> String? {
        clock += 1
        guard let index = entries.index(forKey: key) else { return nil }
        entries.values[index].lastUse = clock
        return entries.values[index].name
    }

    /// A name never used before on this connection.
    mutating func newName() -> String {
        clock += 1
        return "v\(clock)"
    }

    /// Remembers a prepared statement; the one not used for longest makes room.
    mutating func insert(_ key: Key, name: String) {
        if entries.count >= Limits.preparedStatements,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            entries[oldest.key] = nil
            evicted.append(oldest.value.name)
        }
        clock += 1
        entries[key] = Entry(name: name, lastUse: clock)
    }

    /// Everything has to be prepared again, as after a table changed.
    mutating func forgetAll() {
        evicted += entries.values.map(\.name)
        entries = [:]
    }

    /// Hands over what is to be deallocated.
    mutating func takeEvicted() -> [String] {
        defer { evicted = [] }
        return evicted
    }
}
