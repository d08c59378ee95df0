/// Why a private database or broker could not be started, stopped or changed, in words for its user.
package enum PrivateServiceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A program is not installed; the Debian package that has it.
    case missingProgram(String, package: String)
    /// The data were made by another major version than the installed one.
    case wrongVersion(data: String, package: String)
    /// Another program works on this folder.
    case inUse(folder: String, processID: Int32?)
    /// The unprivileged user cannot get to the folder.
    case unreachable(folder: String, user: String)
    /// A folder or file is not what it should be; another user may have put it there.
    case unsafe(path: String, reason: String)
    case socketPathTooLong(String)
    case file(String, reason: String)
    /// The service ended while it started; the last lines it wrote.
    case ended(service: String, log: String)
    case tooSlow(service: String, doing: String)
    case portTaken(Int)
    case badCredential(user: String)
    case notRunning(service: String)

    package var description: String {
        switch self {
        case .missingProgram(let program, let package):
            "\(program) is not installed: apt-get install \(package)"
        case .wrongVersion(let version, let package):
            "the data were made by PostgreSQL \(version), which is not installed: apt-get install \(package)"
        case .inUse(let folder, let processID):
            "\(folder) is in use by another program"
                + (processID.map { " (process \($0))" } ?? "")
        case .unreachable(let folder, let user):
            "user \(user), as whom the service runs, may not enter \(folder): choose another place "
                + "with VIDYUT_STATE_DIR, for example /var/lib/vidyut, or chmod o+x \(folder)"
        case .unsafe(let path, let reason): "\(path) cannot be trusted: \(reason)"
        case .socketPathTooLong(let path):
            "the socket path \(path) is longer than \(Limits.socketPathBytes) bytes"
        case .file(let path, let reason): "\(path): \(reason)"
        case .ended(let service, let log): "\(service) ended while starting: \(log)"
        case .tooSlow(let service, let doing): "\(service) took too long to \(doing)"
        case .portTaken(let port): "port \(port) is taken by another program"
        case .badCredential(let user): "the credential of \(user) is malformed"
        case .notRunning(let service): "\(service) is not running"
        }
    }
}
