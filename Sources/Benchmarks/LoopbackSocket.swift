import Foundation
import Glibc

/// Plain TCP connections within this machine.
enum LoopbackSocket {
    /// A connection that never blocks and sends at once.
    static func connected(to port: Int) throws(BenchmarkError) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchmarkError("socket: \(lastReason)") }
        let status = withAddress(port) { connect(descriptor, $0, $1) }
        guard status == 0 else {
            let reason = lastReason
            close(descriptor)
            throw BenchmarkError("cannot connect to 127.0.0.1:\(port): \(reason)")
        }
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        return descriptor
    }

    /// A port that nobody listens on now.
    static func freePort() throws(BenchmarkError) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchmarkError("socket: \(lastReason)") }
        defer { close(descriptor) }
        guard withAddress(0, { bind(descriptor, $0, $1) }) == 0 else {
            throw BenchmarkError("bind: \(lastReason)")
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        guard status == 0 else { throw BenchmarkError("getsockname: \(lastReason)") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// Lets this program hold so many connections; the error says what the system allows.
    static func allowOpenFiles(_ count: Int) throws(BenchmarkError) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur < rlim_t(count) else { return }
        let allowed = limit.rlim_max
        limit.rlim_cur = min(rlim_t(count), allowed)
        guard allowed >= rlim_t(count),
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else {
            throw BenchmarkError("\(count) open files are needed, the system allows \(allowed)")
        }
    }

    static var lastReason: String { String(cString: strerror(errno)) }

    private static func withAddress(
        _ port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
