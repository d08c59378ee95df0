import API
import Foundation
import Portal
import Registry
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// The pages in a real browser, on a database with a year of history.
@Suite(
    .enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"),
    .enabled(if: Browser.python != nil, "VIDYUT_TEST_PYTHON names no Python with playwright"),
    .enabled(if: Browser.isInstalled, "chromium is not installed")
)
struct PortalBrowserTests {
    @Test func `a consumer on a phone and staff at a desk see everything they should`()
        async throws
    {
        let town = try await Town.make()
        let portal = try PortalRoutes(town.useCases, usesSecureCookies: false)
        let api = APIRoutes(town.useCases, openAPI: "")

        try await withServer(
            town.useCases,
            page: portal.page(for:request:context:),
            addRoutes: { router in
                api.add(to: router)
                portal.add(to: router)
            },
            { client in
                let people = TestPeople(town.office)
                let consumer = try await people.add(.consumer, consumer: Town.consumerNumber)
                let manager = try await people.add(.manager)
                let register = try await town.reportToday()
                let (status, output) = try await Browser.run(
                    "portal.py",
                    [
                        client.base, consumer, manager, TestPeople.password, Town.serviceNumber,
                        try Browser.screenshotFolder(), town.meterToken,
                        town.office.clock.now.description, "\(register)",
                    ]
                )
                #expect(status == 0, "\(output)")
            }
        )
    }
}

/// The browser and the language it is driven in.
enum Browser {
    static var python: String? { ProcessInfo.processInfo.environment["VIDYUT_TEST_PYTHON"] }

    static var isInstalled: Bool {
        let path =
            ProcessInfo.processInfo.environment["VIDYUT_TEST_CHROMIUM"] ?? "/usr/bin/chromium"
        return FileManager.default.isExecutableFile(atPath: path)
    }

    /// Where pictures of the pages go: `VIDYUT_SCREENSHOT_DIR`, else a folder for temporary files.
    static func screenshotFolder() throws -> String {
        let folder =
            ProcessInfo.processInfo.environment["VIDYUT_SCREENSHOT_DIR"]
            ?? FileManager.default.temporaryDirectory.appendingPathComponent(
                "vidyut-pages-\(ProcessInfo.processInfo.processIdentifier)"
            ).path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        return folder
    }

    /// Runs a script that lies beside this file; its status and what it printed.
    static func run(
        _ script: String,
        _ arguments: [String]
    ) async throws -> (status: Int32, output: String) {
        let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let output = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(script)-\(UInt32.random(in: 0...UInt32.max)).txt"
        )
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: output) }
        let handle = try FileHandle(forWritingTo: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python ?? "python3")
        process.arguments = [folder.appendingPathComponent(script).path] + arguments
        process.standardOutput = handle
        process.standardError = handle
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (status, try String(contentsOf: output, encoding: .utf8))
    }
}
