import Hummingbird
import TestSupport
import Testing
import UseCases
import Web
import WebTestSupport

/// Connections that waste their place lose it, and whoever comes with a request is served.
struct ConnectionTests {
    private func serving<Value: Sendable>(
        maximum: Int = 100,
        _ patience: OpenConnections.Patience,
        _ body: @escaping @Sendable (HTTPClient, OpenConnections) async throws -> Value
    ) async throws -> Value {
        let connections = OpenConnections(maximum: maximum, patience: patience)
        let useCases = try useCasesWithoutDatabase(clock: FakeClock(TestOffice.noon))
        return try await withServer(useCases, connections: connections, addRoutes: Self.add) {
            try await body($0, connections)
        }
    }

    private static func add(to router: Router<WebContext>) {
        router.get("hello") { _, _ in "hello" }
        router.post("echo") { request, _ in "\(try await request.bytes().count)" }
        router.get("endless") { request, _ in
            eventStream(for: request) { emit in
                let text = String(repeating: "x", count: 60_000)
                while !Task.isCancelled {
                    emit(ServerEvent(data: text))
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
        }
    }

    private func port(_ http: HTTPClient) throws -> Int {
        try #require(http.base.split(separator: ":").last.flatMap { Int($0) })
    }

    private var quick: OpenConnections.Patience {
        var patience = OpenConnections.Patience()
        patience.lookMilliseconds = 50
        return patience
    }

    @Test func `a connection that asks for nothing, or for half a thing, is closed`()
        async throws
    {
        var patience = quick
        patience.idleSeconds = 1
        try await serving(patience) { http, connections in
            let port = try port(http)
            let silent = try RawConnection(port: port)
            let half = try RawConnection(port: port)
            half.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            #expect(try await silent.untilClosed())
            #expect(try await half.untilClosed())
            #expect(try await http.send("GET", "/hello").text == "hello")
        }
    }

    @Test func `a body that does not get on is given up, a slow one that does is not`()
        async throws
    {
        var patience = quick
        patience.bodySeconds = 2
        patience.idleSeconds = 600
        try await serving(patience) { http, _ in
            let port = try port(http)
            let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n"
            let stuck = try RawConnection(port: port)
            stuck.send(head + "abc")
            // A hundred thousand bytes are worth a hundred seconds.
            let slow = try RawConnection(port: port)
            slow.send(head + String(repeating: "x", count: 100_000))
            #expect(try await stuck.untilClosed())
            #expect(!slow.isClosed)
        }
    }

    @Test func `who never reads an answer loses it`() async throws {
        var patience = quick
        patience.unreadSeconds = 1
        try await serving(patience) { http, connections in
            let port = try port(http)
            let deaf = try RawConnection(port: port, receiveBytes: 4_096)
            deaf.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            // Its socket still holds what was sent; only the server knows that nobody reads.
            for _ in 0..<1_200 where connections.count == 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
            for _ in 0..<1_200 where connections.count > 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(connections.count == 0)
        }
    }

    @Test func `silent connections make room for whoever has a request`() async throws {
        try await serving(maximum: 8, quick) { http, connections in
            let port = try port(http)
            let flood = try (0..<40).map { _ in try RawConnection(port: port) }
            for _ in 0..<10 {
                let answer = try await http.send(
                    "GET",
                    "/hello",
                    headers: ["Connection": "close"]
                )
                #expect(answer.status == 200)
            }
            #expect(connections.count <= 8)
            var closed = 0
            for _ in 0..<1_200 where closed < 32 {
                closed = flood.count { $0.isClosed }
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(closed >= 32)
        }
    }
}
