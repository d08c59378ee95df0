import Glibc

/// A plain TCP connection to this machine that says just what a test wants, or nothing.
package final class RawConnection: Sendable {
    private let descriptor: Int32

    /// Connects; `receiveBytes` makes the kernel keep little of what is not read.
    ///
    /// - Throws: When nobody listens, or this process may open no more.
    package init(port: Int, receiveBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw RawConnectionError("socket: \(errno)") }
        if var size = receiveBytes {
            setsockopt(
                descriptor,
                SOL_SOCKET,
                SO_RCVBUF,
                &size,
                socklen_t(MemoryLayout<Int32>.size)
            )
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let reason = errno
            Glibc.close(descriptor)
            throw RawConnectionError("connect: \(reason)")
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { Glibc.close(descriptor) }

    /// Says something; false when the other side has closed or takes no more now.
    @discardableResult
    package func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until the other side has closed, reading what it says; false after a minute.
    package func untilClosed() async throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<1_200 {
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 { continue }
                if count == 0 || errno != EAGAIN && errno != EINTR { return true }
                break
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// Whether the other side has closed; what it said, and nobody took, hides that.
    package var isClosed: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
    }

    /// Lets this process hold many connections, as far as the system allows; how many.
    package static func allowMany() -> Int {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(kind, &limit)
        limit.rlim_cur = min(limit.rlim_max, 20_000)
        setrlimit(kind, &limit)
        getrlimit(kind, &limit)
        return Int(min(limit.rlim_cur, 20_000))
    }
}

/// What the system said to a connection.
package struct RawConnectionError: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
