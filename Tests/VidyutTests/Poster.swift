import Fleet
import Foundation
import Testing
import Units
import WebTestSupport

/// A meter that posts its readings over HTTP, and keeps each until it was acknowledged.
actor Poster {
    private let login: MeterLogin
    private let client: HTTPClient
    private let start: Int64
    private var sequence: Int64 = 0
    /// Registers that were acknowledged, in order.
    private(set) var acknowledged: [Int64] = []
    /// What the server answered otherwise, by status, and whether it said when to come back.
    private(set) var refusals: [Int: Int] = [:]
    private(set) var withoutRetryAfter = 0
    /// Attempts that had no answer: the server was away.
    private(set) var failures = 0

    init(_ login: MeterLogin, port: Int) {
        self.login = login
        client = HTTPClient(port: port)
        start = Int64(Date().timeIntervalSince1970) - 7_200
    }

    /// Offers so many new readings once, over a connection of its own; whether they were acknowledged.
    ///
    /// The same readings are offered again next time until they are.
    func offer(_ count: Int64 = 1) async -> Bool {
        let numbers = sequence + 1...sequence + count
        let readings = numbers.map { number in
            """
            {"at":"\(Instant(secondsSince1970: start + number))","channels":{"main":\
            {"voltageMillivolts":231200,"currentMilliamps":3410,"powerMilliwatts":770100,\
            "powerFactorPermille":977,"energyWattHours":\(1_000 + number)}}}
            """
        }
        let body =
            "{\"sequence\":\(numbers.upperBound),\"readings\":[\(readings.joined(separator: ","))]}"
        do {
            let answer = try await client.send(
                "POST",
                "/v1/readings",
                headers: [
                    "Authorization": "Bearer \(login.password)",
                    "Content-Type": "application/json", "Connection": "close",
                ],
                body: Array(body.utf8)
            )
            guard answer.status == 200 else {
                refusals[answer.status, default: 0] += 1
                if answer.headers["retry-after"] == nil { withoutRetryAfter += 1 }
                return false
            }
            acknowledged += numbers.map { 1_000 + $0 }
            sequence = numbers.upperBound
            return true
        } catch {
            failures += 1
            return false
        }
    }

    /// Offers until it is acknowledged, for two minutes at most.
    func deliver(_ count: Int64 = 1) async throws {
        for _ in 0..<240 {
            if await offer(count) { return }
            try await Task.sleep(for: .milliseconds(500))
        }
        Issue.record("readings of \(login.serial) were not taken: \(refusals), \(failures) failed")
    }

    /// Everything that was acknowledged is stored once, and nothing else.
    func compare(_ storm: Storm) async throws {
        let stored = try await storm.stored(login.serial).map(\.main.energyWattHours)
        #expect(stored == acknowledged, "\(login.serial)")
    }

    func close() { client.close() }
}
