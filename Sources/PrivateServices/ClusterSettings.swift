/// What a private cluster is tuned for.
package struct ClusterSettings: Sendable, Hashable {
    package var sharedBuffersMegabytes: Int
    package var maximumConnections: Int
    /// For tests: nothing survives a power cut, and starting and stopping are quick.
    package var throwAway: Bool

    package init(
        sharedBuffersMegabytes: Int = 256,
        maximumConnections: Int = 50,
        throwAway: Bool = false
    ) {
        self.sharedBuffersMegabytes = sharedBuffersMegabytes
        self.maximumConnections = maximumConnections
        self.throwAway = throwAway
    }

    /// The text of `postgresql.conf`.
    func text(files: ClusterFiles) -> String {
        let durability =
            throwAway
            ? [
                "fsync = off", "synchronous_commit = off", "full_page_writes = off",
                "wal_level = minimal", "max_wal_senders = 0", "max_wal_size = 1GB",
            ]
            : [
                "fsync = on", "synchronous_commit = on", "full_page_writes = on",
                "wal_compression = on", "max_wal_size = 2GB", "min_wal_size = 256MB",
                "checkpoint_timeout = 15min", "checkpoint_completion_target = 0.9",
            ]
        let common = [
            "cluster_name = '\(files.clusterName)'",
            "listen_addresses = ''",
            "port = \(ClusterFiles.port)",
            "unix_socket_directories = '\(files.socketFolder.quotedForConfiguration)'",
            "unix_socket_permissions = 0700",
            "hba_file = '\(files.accessFile.quotedForConfiguration)'",
            "ident_file = '\(files.mapFile.quotedForConfiguration)'",
            "max_connections = \(maximumConnections)",
            "shared_buffers = \(sharedBuffersMegabytes)MB",
            "effective_cache_size = \(sharedBuffersMegabytes * 4)MB",
            "work_mem = 16MB",
            "maintenance_work_mem = 128MB",
            "random_page_cost = 1.1",
            "jit = off",
            // A year of monthly partitions in one query takes a lock each.
            "max_locks_per_transaction = 256",
            "idle_in_transaction_session_timeout = 5min",
            "timezone = 'UTC'",
            "log_timezone = 'UTC'",
            "lc_messages = 'C'",
            "log_line_prefix = '%m [%p] %q%u@%d '",
            "log_min_messages = warning",
            "log_statement = none",
        ]
        return (["# Written by vidyut at each start."] + common + durability)
            .joined(separator: "\n") + "\n"
    }
}

extension String {
    /// Inside single quotes of a PostgreSQL configuration file.
    var quotedForConfiguration: String {
        replacing("\\", with: "\\\\").replacing("'", with: "''")
    }
}
