import Foundation
import FoundationNetworking

/// What a server answered.
package struct HTTPAnswer: Sendable {
    package let status: Int
    /// Names in small letters.
    package let headers: [String: String]
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// A small HTTP client that follows no redirect and keeps no cookie.
package final class HTTPClient: Sendable {
    /// Where the server is, such as `http://127.0.0.1:8080`.
    package let base: String
    private let session: URLSession

    package init(port: Int) {
        base = "http://127.0.0.1:\(port)"
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.timeoutIntervalForRequest = 60
        session = URLSession(
            configuration: configuration,
            delegate: RedirectRefuser(),
            delegateQueue: nil
        )
    }

    /// Closes what is open.
    package func close() { session.invalidateAndCancel() }

    private func request(
        _ method: String,
        _ path: String,
        _ headers: [String: String],
        _ body: [UInt8]?
    ) throws -> URLRequest {
        guard let url = URL(string: base + path) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        if let body { request.httpBody = Data(body) }
        return request
    }

    /// Sends a request and waits for the whole answer.
    package func send(
        _ method: String,
        _ path: String,
        headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        let (data, response) = try await session.data(
            for: try request(method, path, headers, body)
        )
        guard let response = response as? HTTPURLResponse else {
            throw URLError(.badServerResponse)
        }
        return HTTPAnswer(response, body: [UInt8](data))
    }

    /// Opens a stream and gives its pieces as they come; the stream closes when its reader leaves.
    package func pieces(
        _ path: String,
        headers: [String: String] = [:]
    ) throws -> AsyncThrowingStream<String, any Error> {
        let (pieces, continuation) = AsyncThrowingStream.makeStream(of: String.self)
        let session = URLSession(
            configuration: .ephemeral,
            delegate: PieceReader(continuation),
            delegateQueue: nil
        )
        let task = session.dataTask(with: try request("GET", path, headers, nil))
        continuation.onTermination = { _ in
            task.cancel()
            session.invalidateAndCancel()
        }
        task.resume()
        return pieces
    }
}

extension HTTPAnswer {
    fileprivate init(_ response: HTTPURLResponse, body: [UInt8]) {
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            headers["\(name)".lowercased()] = "\(value)"
        }
        self.init(status: response.statusCode, headers: headers, body: body)
    }
}

private final class RedirectRefuser: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}

private final class PieceReader: NSObject, URLSessionDataDelegate {
    private let continuation: AsyncThrowingStream<String, any Error>.Continuation

    init(_ continuation: AsyncThrowingStream<String, any Error>.Continuation) {
        self.continuation = continuation
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        continuation.yield(String(decoding: data, as: UTF8.self))
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didCompleteWithError error: (any Error)?
    ) {
        continuation.finish(throwing: error)
    }
}
