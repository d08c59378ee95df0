import API
import Foundation
import Hummingbird
import Metering
import Tariffs
import TestSupport
import Testing
import Web

/// `openapi.yaml` by itself and against the routes.
struct ContractTests {
    @Test func `the contract names exactly the paths and methods that are served`() async throws {
        let contract = try #require(Contract.shared)
        let office = try await routesOfAnOffice()
        let promised = Set(contract.operations.map { "\($0.method) \($0.template)" })

        #expect(promised.subtracting(office) == [], "promised and not served")
        #expect(office.subtracting(promised) == [], "served and not promised")
    }

    private func routesOfAnOffice() async throws -> Set<String> {
        try await World.run { world in
            let router = makeRouter { APIRoutes(world.office.useCases, openAPI: "").add(to: $0) }
            return Set(router.routes.map { "\($0.method.rawValue) \($0.path)" })
        }
    }

    @Test func `every example fits its schema`() throws {
        let contract = try #require(Contract.shared)
        var count = 0
        for operation in contract.operations {
            var bodies: [(String, JSONValue)] = []
            if let body = operation.value.member("requestBody") { bodies.append(("request", body)) }
            for response in contract.members(operation.value.member("responses")) {
                bodies.append((response.name, contract.resolved(response.value)))
            }
            for (name, body) in bodies {
                for media in contract.members(body.member("content")) {
                    guard let example = media.value.member("example"),
                        let schema = media.value.member("schema")
                    else { continue }
                    count += 1
                    let faults = contract.faults(example, schema)
                    #expect(faults == [], "\(operation.method) \(operation.template) \(name)")
                }
            }
        }
        #expect(count > 40)
    }

    @Test func `operation ids are unique and every operation may fail in a described way`() throws {
        let operations = try #require(Contract.shared).operations
        let ids = operations.compactMap { $0.value.member("operationId")?.plain }

        #expect(ids.count == operations.count)
        #expect(Set(ids).count == ids.count)
        for operation in operations {
            #expect(
                operation.value.member("responses")?.member("default") != nil,
                "\(operation.template)"
            )
        }
    }

    @Test func `codes of readings' faults are those of the program`() throws {
        let contract = try #require(Contract.shared)
        let schemas = contract.root.member("components")?.member("schemas")
        let codes = schemas?.member("ReadingFaultCode")?.member("enum")
        let kinds = schemas?.member("ProblemKind")?.member("enum")

        #expect(codes == .array(ReadingFault.Code.allCases.map { .string($0.rawValue) }))
        #expect(kinds == .array(ProblemKind.allCases.map { .string($0.rawValue) }))
    }

    private static let python = ProcessInfo.processInfo.environment["VIDYUT_TEST_PYTHON"]

    @Test(.enabled(if: python != nil, "VIDYUT_TEST_PYTHON is not set"))
    func `the validator of the OpenAPI specification accepts the contract`() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [
            "-m", "openapi_spec_validator", SourceTree.root + "/Sources/API/openapi.yaml",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()

        #expect(process.terminationStatus == 0, "\(text)")
    }
}
