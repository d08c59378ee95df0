import Foundation
import Glibc

extension ServerProcess {
    /// Asks for a page once; nil when the server does not answer within a few seconds.
    static func page(_ path: String, port: Int) async -> HTTPAnswer? {
        guard let descriptor = try? LoopbackSocket.connected(to: port) else { return nil }
        defer { close(descriptor) }
        let request = Array(
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8
        )
        guard Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) > 0
        else { return nil }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Limits.receiveBytes)
        for _ in 0..<Limits.pageLooks {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { received += buffer[..<count] }
            if let answer = try? HTTPAnswer(received) { return answer }
            if count == 0 { return nil }
            if count < 0 { try? await Task.sleep(for: .milliseconds(20)) }
        }
        return nil
    }

    /// The server's gauges and counters without labels, by name.
    func metrics() async -> [String: Double] {
        guard let text = await Self.page("/metrics", port: port)?.body else { return [:] }
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count >= 2, let value = Double(words[1]) { values[String(words[0])] = value }
        }
        return values
    }
}

extension MeasuredProcesses {
    /// Megabytes of memory that a process has now.
    static func megabytes(_ processID: Int32) -> Double {
        let status =
            (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return Double(line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1_024
    }
}
