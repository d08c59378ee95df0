import Foundation
import Glibc

/// The user a service runs as: this program's own, or an unprivileged one when this program is root.
struct ServiceAccount: Sendable {
    let user: String
    let userID: UInt32
    let groupID: UInt32
    /// Whether the service runs as somebody else than this program.
    let isOther: Bool

    /// The account for a service whose Debian package makes a user of that name.
    static func forService(
        user: String,
        package: String
    ) throws(PrivateServiceError) -> ServiceAccount {
        guard geteuid() == 0 else {
            return ServiceAccount(
                user: ownName,
                userID: geteuid(),
                groupID: getegid(),
                isOther: false
            )
        }
        guard let entry = getpwnam(user) else {
            throw .missingProgram("user \(user)", package: package)
        }
        return ServiceAccount(
            user: user,
            userID: entry.pointee.pw_uid,
            groupID: entry.pointee.pw_gid,
            isOther: true
        )
    }

    /// The name of the user this program runs as; the number where there is no name.
    static var ownName: String {
        getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? String(geteuid())
    }

    /// A program and its arguments as this user.
    func command(
        _ program: String,
        _ arguments: [String],
        log: String,
        input: String = "/dev/null"
    ) throws(PrivateServiceError) -> ChildProcess {
        guard isOther else {
            return ChildProcess(program: program, arguments: arguments, log: log, input: input)
        }
        let switcher = try Programs.find("setpriv", package: "util-linux")
        let identity = ["--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", program]
        return ChildProcess(
            program: switcher,
            arguments: identity + arguments,
            log: log,
            input: input
        )
    }

    /// Refuses a folder that the account cannot get to, naming the first closed door.
    func checkReach(_ folder: String) throws(PrivateServiceError) {
        guard isOther else { return }
        var path = ""
        for component in folder.split(separator: "/") {
            path += "/" + component
            var status = stat()
            guard stat(path, &status) == 0 else { return }
            let mayEnter =
                if status.st_uid == userID {
                    status.st_mode & S_IXUSR != 0
                } else if status.st_gid == groupID {
                    status.st_mode & S_IXGRP != 0
                } else {
                    status.st_mode & S_IXOTH != 0
                }
            guard mayEnter else { throw .unreachable(folder: path, user: user) }
        }
    }
}
