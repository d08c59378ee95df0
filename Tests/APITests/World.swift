import API
import Billing
import Metering
import Registry
import Tariffs
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// A client that holds every answer to the contract.
struct ContractClient: Sendable {
    let http: HTTPClient

    /// Sends a request; an answer that `openapi.yaml` does not describe is an issue.
    @discardableResult
    func send(
        _ method: String,
        _ path: String,
        token: String? = nil,
        office: String? = nil,
        headers: [String: String] = [:],
        json: String? = nil,
        csv: String? = nil,
        location: SourceLocation = #_sourceLocation
    ) async throws -> HTTPAnswer {
        var headers = headers
        if let token { headers["Authorization"] = "Bearer \(token)" }
        if let office { headers["Vidyut-Office"] = office }
        if json != nil, headers["Content-Type"] == nil {
            headers["Content-Type"] = "application/json"
        }
        if csv != nil { headers["Content-Type"] = "text/csv" }
        let answer = try await http.send(
            method,
            path,
            headers: headers,
            body: (json ?? csv).map { Array($0.utf8) }
        )
        for fault in Self.faults(of: answer, method, path) {
            Issue.record(
                "\(method) \(path) \(answer.status): \(fault)\n\(answer.text.prefix(500))",
                sourceLocation: location
            )
        }
        return answer
    }

    private static func faults(of answer: HTTPAnswer, _ method: String, _ path: String) -> [String]
    {
        guard let contract = Contract.shared else { return ["openapi.yaml cannot be read"] }
        guard let operation = contract.operation(method, path) else {
            return answer.status == 404 || answer.status == 405 ? [] : ["not in the contract"]
        }
        let responses = operation.value.member("responses")
        guard let found = responses?.member("\(answer.status)") else {
            return ["the contract does not know this status"]
        }
        let response = contract.resolved(found)
        guard let content = response.member("content") else {
            return answer.body.isEmpty ? [] : ["a body where the contract has none"]
        }
        let type = (answer.headers["content-type"] ?? "").split(separator: ";").first ?? ""
        guard let media = content.member(String(type)) else {
            return ["the contract does not know the media type '\(type)'"]
        }
        guard type.hasSuffix("json"), let schema = media.member("schema") else { return [] }
        guard let value = try? JSONValue(parsing: answer.body) else { return ["no JSON"] }
        return contract.faults(value, schema)
    }
}

extension HTTPAnswer {
    /// The body as JSON.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    /// The member of the body at a path such as `items.0.number`.
    subscript(_ path: String) -> JSONValue? {
        var value: JSONValue? = json
        for part in path.split(separator: ".") {
            if case .array(let elements) = value, let index = Int(part) {
                value = elements.indices.contains(index) ? elements[index] : nil
            } else {
                value = value?.member(String(part))
            }
        }
        return value
    }

    /// Codes of a problem's faults by pointer.
    var faults: [String: String] {
        guard case .array(let errors) = self["errors"] else { return [:] }
        var faults: [String: String] = [:]
        for error in errors {
            if case .string(let pointer) = error.member("pointer"),
                case .string(let code) = error.member("code")
            {
                faults[pointer] = code
            }
        }
        return faults
    }
}

extension JSONValue {
    /// The text or number, as it is written.
    var plain: String {
        switch self {
        case .string(let text), .number(let text): text
        case .boolean(let flag): "\(flag)"
        case .null: "null"
        default: String(decoding: bytes(), as: UTF8.self)
        }
    }
}

/// An office with people, behind the real server.
struct World: Sendable {
    let office: TestOffice
    let people: TestPeople
    let client: ContractClient

    var code: String { office.office.code }

    /// Runs a body against a server of its own in an office of its own.
    static func run<Value: Sendable>(
        at now: Instant = TestOffice.noon,
        _ body: @escaping @Sendable (World) async throws -> Value
    ) async throws -> Value {
        let office = try await TestOffice.make(at: now)
        let routes = APIRoutes(
            office.useCases,
            openAPI: Contract.text,
            metricsText: { "vidyut_up 1\n" },
            readiness: { [Readiness(name: "database", isReady: true)] }
        )
        return try await withServer(office.useCases, addRoutes: routes.add(to:)) { http in
            try await body(
                World(
                    office: office,
                    people: TestPeople(office),
                    client: ContractClient(http: http)
                )
            )
        }
    }

    /// A body with one reading of the main channel.
    static func report(
        _ at: String,
        sequence: Int = 1,
        wattHours: Int64 = 1_000
    ) -> String {
        """
        {"sequence":\(sequence),"readings":[{"at":"\(at)","channels":{"main":\
        \(channel(wattHours: wattHours))}}]}
        """
    }

    static func channel(wattHours: Int64) -> String {
        """
        {"voltageMillivolts":231200,"currentMilliamps":3410,"powerMilliwatts":770100,\
        "powerFactorPermille":977,"energyWattHours":\(wattHours)}
        """
    }

    /// An issued credit of one rupee on a bill; the note's id.
    func noted(_ bill: String) async throws -> String {
        let draft = try await office.useCases.writeNotes.adjust(
            bill,
            amount: Money(paise: -100),
            reason: "a test",
            by: office.manager
        )
        let note = try await office.useCases.writeNotes.issue(draft.id, by: office.manager)
        return "\(note.id.value)"
    }

    /// A service with four issued bills of 10 units a day, up to August 2026; in September and October
    /// it used this much a day, or nothing was read.
    func accustomed(_ name: String, then wattHours: Int64?) async throws {
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.connect(name, on: "2026-01-01")
        _ = try await office.useCases.setBilling(
            SetBilling.Input(usualHighPercent: 300, usualLowPercent: 20),
            by: office.manager
        )
        let start = try #require(CivilDate("2026-01-01"))
        let change = try #require(CivilDate("2026-09-01"))
        let usual = Int(change.daysSince1970 - start.daysSince1970)
        let days = wattHours == nil ? usual : usual + 65
        let rows = (0..<days).map { offset in
            let day = start.adding(days: offset)
            let used = Energy(wattHours: day < change ? 10_000 : wattHours ?? 0)
            return ReadingImportRow(line: offset + 2, meter: "m-\(name)", value: .day(day, used))
        }
        _ = try await office.useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: office.manager
        )
        for cycle in ["2026-02", "2026-04", "2026-06", "2026-08"] {
            let run = try await office.useCases.runBilling(
                cycle: cycle,
                issue: true,
                by: office.manager
            )
            #expect(run.counts[.issued] == 1, "\(cycle)")
        }
    }

    /// A reading of a consumer with a photo, accepted; its id.
    func photographed(_ name: String) async throws -> String {
        let consumer = try await office.useCases.registerConsumer.show(
            number: "C-\(name)",
            by: office.manager
        ).consumer
        let entered = try await office.useCases.enterReading.own(
            EnterReading.OwnReading(
                serviceNumber: "S-\(name)",
                register: Energy(wattHours: 1_150_000),
                photo: TestPhoto.jpeg
            ),
            by: Caller(
                office: office.office.id,
                name: "consumer-\(name)",
                role: .consumer,
                consumer: consumer.id
            )
        )
        return "\(entered.reading.id.value)"
    }

    /// A service with an issued bill of September and October 2026; the bill's number.
    func billed(_ name: String) async throws -> String {
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.connect(name, on: "2026-08-01")
        let start = try #require(CivilDate("2026-08-01"))
        let rows = (0..<110).map { offset in
            ReadingImportRow(
                line: offset + 2,
                meter: "m-\(name)",
                value: .day(start.adding(days: offset), Energy(wattHours: 10_000))
            )
        }
        _ = try await office.useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: office.manager
        )
        _ = try await office.useCases.runBilling(
            cycle: "2026-10",
            issue: true,
            by: office.manager
        )
        let bills = try await office.useCases.showBills.list(
            try PageRequest(),
            serviceNumber: "S-\(name)",
            by: office.manager
        )
        return try #require(bills.items.first?.number)
    }

    /// Meter m-a reports by itself for a day, after its registers were read by hand.
    func report(by token: String) async throws {
        let credential = try await client.send(
            "POST",
            "/v1/meters/m-a/credential",
            token: token
        )
        for hour in 0..<6 {
            let answer = try await client.send(
                "POST",
                "/v1/readings",
                token: credential["credential"]?.plain,
                json: Self.report(
                    "2026-11-21T0\(hour):00:00Z",
                    sequence: hour + 1,
                    wattHours: 1_110_000 + Int64(hour) * 100
                )
            )
            #expect(answer.status == 200, "\(answer.text)")
        }
    }
}
