import Foundation
import Glibc

/// Where everything of a private cluster lies, and what its files say about its processes.
struct ClusterFiles: Sendable {
    static let port = 5432
    static let superuser = "postgres"
    static let owner = "vidyut_owner"
    static let application = "vidyut_app"
    static let database = "vidyut"

    /// The real path of the cluster's own folder.
    let folder: String
    let socketFolder: String

    /// Chooses the socket's folder: within the state folder, or a short one under `/tmp`.
    init(folder: String) {
        self.folder = folder
        let natural = "\(folder)/run"
        let isShort = Self.socketPath(natural).utf8.count <= Limits.socketPathBytes
        socketFolder = isShort ? natural : "/tmp/vidyut-\(Self.digest(folder))"
    }

    var data: String { "\(folder)/data" }
    var unfinishedData: String { "\(folder)/data.new" }
    var configuration: String { "\(folder)/postgresql.conf" }
    var accessFile: String { "\(folder)/pg_hba.conf" }
    var mapFile: String { "\(folder)/pg_ident.conf" }
    var setupScript: String { "\(folder)/setup.sql" }
    /// Exists once roles and database were made.
    var setupMark: String { "\(folder)/setup.done" }
    var log: String { "\(folder)/postgres.log" }
    var setupLog: String { "\(folder)/setup.log" }
    var processFile: String { "\(data)/postmaster.pid" }
    var socket: String { Self.socketPath(socketFolder) }
    /// In the title of every server process, so that one without its parent is recognised.
    var clusterName: String { "vidyut-\(Self.digest(folder))" }
    var isOutside: Bool { !socketFolder.hasPrefix(folder) }

    static func socketPath(_ folder: String) -> String { "\(folder)/.s.PGSQL.\(port)" }

    /// The major version that made the data; nil when there are none.
    var dataVersion: String? {
        StateFolder.read("\(data)/PG_VERSION")?.split(whereSeparator: \.isWhitespace).first
            .map(String.init)
    }

    /// What `postmaster.pid` says: the process, where its socket is, and how far it is.
    struct Postmaster {
        let processID: Int32
        let socketFolder: String
        let status: String
    }

    var postmaster: Postmaster? {
        guard let text = StateFolder.read(processFile) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let processID = lines.first.flatMap({ Int32($0) }), processID > 1 else { return nil }
        return Postmaster(
            processID: processID,
            socketFolder: lines.count > 4 ? String(lines[4]) : "",
            status: lines.count > 7 ? lines[7].filter { $0 != " " } : ""
        )
    }

    /// Whether these are the arguments of this cluster's first process.
    func isPostmaster(_ arguments: [String]) -> Bool {
        zip(arguments, arguments.dropFirst()).contains { $0 == "-D" && $1 == data }
    }

    /// Whether these are the arguments, or the title, of any process of this cluster's server.
    func isServerProcess(_ arguments: [String]) -> Bool {
        guard let first = arguments.first else { return false }
        if first.hasPrefix("postgres: \(clusterName):") { return true }
        return (first as NSString).lastPathComponent == "postgres" && isPostmaster(arguments)
    }

    /// The running first process: named by the file, and confirmed by its command line.
    var runningPostmaster: Postmaster? {
        guard let postmaster,
            ProcessTable.isRunning(postmaster.processID, isPostmaster)
        else { return nil }
        return postmaster
    }

    /// The address of the database for one role; peer authentication needs no password.
    func url(role: String, database: String) -> String {
        let host = socketFolder.utf8.map { byte -> String in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == 45 || byte == 46 || byte == 95
            let code = String(byte, radix: 16, uppercase: true)
            return isPlain
                ? String(UnicodeScalar(byte)) : "%" + (code.count < 2 ? "0" + code : code)
        }
        return "postgres://\(role)@/\(database)?host=\(host.joined())&port=\(Self.port)"
    }

    /// A short name for a path (FNV-1a): only has to differ between the folders of one machine.
    private static func digest(_ path: String) -> String {
        let hash = path.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return String(hash, radix: 36)
    }
}
