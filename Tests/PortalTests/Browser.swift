import WebTestSupport

/// A browser of sorts: it keeps its cookies.
final class Browser {
    private let client: HTTPClient
    private(set) var cookies: [String: String] = [:]

    init(_ client: HTTPClient) { self.client = client }

    func send(
        _ method: String,
        _ path: String,
        form: [String: String]? = nil,
        headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        var headers = headers.merging(["Accept": "text/html"]) { given, _ in given }
        headers["Cookie"] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let body = form.map { fields in
            fields.map { "\($0.key)=\(escaped($0.value))" }.joined(separator: "&")
        }
        if body != nil { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        let answer = try await client.send(
            method,
            path,
            headers: headers,
            body: body.map { Array($0.utf8) }
        )
        for text in (answer.headers["set-cookie"] ?? "").split(separator: ",") {
            let pair = text.drop { $0 == " " }.prefix { $0 != ";" }.split(
                separator: "=",
                maxSplits: 1
            )
            if let name = pair.first {
                cookies[String(name)] = pair.count > 1 ? String(pair[1]) : nil
            }
        }
        return answer
    }

    /// Sends a form with a file, as browsers do.
    func upload(
        _ path: String,
        fields: [(String, String)],
        file: (name: String, content: [UInt8])?
    ) async throws -> HTTPAnswer {
        let boundary = "----WebKitFormBoundary7MA4"
        var body: [UInt8] = []
        for (name, value) in fields {
            body += Array(
                ("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n"
                    + "\(value)\r\n").utf8
            )
        }
        if let file {
            body += Array(
                ("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(file.name)\"; "
                    + "filename=\"x\"\r\nContent-Type: application/octet-stream\r\n\r\n").utf8
            )
            body += file.content + Array("\r\n".utf8)
        }
        body += Array("--\(boundary)--\r\n".utf8)
        return try await client.send(
            "POST",
            path,
            headers: [
                "Accept": "text/html",
                "Cookie": cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "),
                "Content-Type": "multipart/form-data; boundary=\(boundary)",
            ],
            body: body
        )
    }

    func get(_ path: String) async throws -> HTTPAnswer { try await send("GET", path) }

    /// Opens the sign-in page and fills its form in.
    func signIn(
        _ login: String,
        password: String = TestPeople.password,
        next: String = ""
    ) async throws -> HTTPAnswer {
        _ = try await get("/sign-in")
        return try await send(
            "POST",
            "/sign-in",
            form: [
                "login": login, "password": password, "next": next,
                "formToken": cookies["vidyut_form"] ?? "",
            ]
        )
    }

    private func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
