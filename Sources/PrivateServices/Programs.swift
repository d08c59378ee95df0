import Foundation
import Glibc

/// Finds the programs of the services on this machine.
enum Programs {
    private static let folders = [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
    ]

    /// The path of a program: in `PATH` or a usual place; the error names the Debian package.
    static func find(_ name: String, package: String) throws(PrivateServiceError) -> String {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        for folder in path.split(separator: ":").map(String.init) + folders
        where folder.hasPrefix("/") && access("\(folder)/\(name)", X_OK) == 0 {
            return "\(folder)/\(name)"
        }
        throw .missingProgram(name, package: package)
    }

    /// The folder with `initdb`, `postgres` and `psql`; for existing data that of their version.
    static func postgresFolder(dataVersion: String?) throws(PrivateServiceError) -> String {
        if let dataVersion {
            for folder in postgresFolders where version(of: folder) == dataVersion {
                return folder
            }
            throw .wrongVersion(data: dataVersion, package: "postgresql-\(dataVersion)")
        }
        guard let folder = postgresFolders.first else {
            throw .missingProgram("initdb", package: "postgresql")
        }
        return folder
    }

    /// Newest first among the installed ones, then what `pg_config` and `PATH` know.
    private static var postgresFolders: [String] {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .compactMap { Int($0) }.sorted(by: >)
        var candidates = versions.map { "\(root)/\($0)/bin" }
        if let configured = output(of: "pg_config --bindir") { candidates.append(configured) }
        if let found = try? find("initdb", package: "") {
            candidates.append((found as NSString).deletingLastPathComponent)
        }
        return candidates.filter { folder in
            ["initdb", "postgres", "psql"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
        }
    }

    /// The major version, as `PG_VERSION` of the data has it.
    private static func version(of folder: String) -> String? {
        guard let text = output(of: "'\(folder)/postgres' --version") else { return nil }
        let number = text.split(separator: " ").first { $0.first?.isNumber == true }
        return number?.split(separator: ".").first.map(String.init)
    }

    /// The first line a fixed command prints.
    private static func output(of command: String) -> String? {
        guard let pipe = popen("\(command) 2>/dev/null", "r") else { return nil }
        var line = [CChar](repeating: 0, count: 4_096)
        let read = fgets(&line, Int32(line.count), pipe)
        guard pclose(pipe) == 0, read != nil else { return nil }
        let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
