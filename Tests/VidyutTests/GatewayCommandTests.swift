import PrivateServices
import TestSupport
import Testing

/// The gateway from the command line.
@Suite(.enabled(if: BuiltProgram.path != nil && TestCluster.isAvailable))
struct GatewayCommandTests {
    @Test func `old meters are registered, listed and given listeners for a broker of one's own`()
        async throws
    {
        let cluster = try await TestCluster.shared.cluster()
        let name = try await TestCluster.shared.makeDatabase().name
        let program = BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": cluster.applicationURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_DATABASE_OWNER_URL": cluster.ownerURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
            "VIDYUT_GATEWAY_PORTS": "20100-20101",
        ])
        func run(_ arguments: String..., input: String = "") async throws -> String {
            let outcome = try await program.run(arguments, input: input)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome.output
        }
        _ = try await run("db", "migrate")
        _ = try await run("office", "add", "town", "--name", "Town office")
        #expect(try await run("gateway", "list", "--json").contains("\"items\" : ["))
        #expect(try await run("meter", "add", "OLD-1", "--old").contains("20100"))
        let table = try await run("meter", "import", "-", input: "serial,old\nOLD-2,yes\nm-1,no\n")
        #expect(table.hasPrefix("serial,brokerUser,credential,gatewayPort"))
        #expect(table.contains(",20101"))

        let full = try await program.run("meter", "add", "OLD-3", "--old")
        #expect(full.status == 1)
        #expect(full.errors.contains("gateway.ports"))
        let chosen = ["meter", "add", "OLD-3", "--old", "--gateway-port", "30000"]
        #expect(try await program.run(chosen).status == 0)

        #expect(try await run("gateway", "list").contains("OLD-3"))
        #expect(try await run("gateway", "events", "--json").contains("\"items\" : ["))
        #expect(try await program.run("gateway", "release", "OLD-1").status == 1)
        #expect(
            try await run("gateway", "listeners") == """
                # Listeners of old meters, written by: vidyut gateway listeners

                listener 20100 127.0.0.1
                mount_point vidyut/town.OLD-1/
                max_connections 8

                listener 20101 127.0.0.1
                mount_point vidyut/town.OLD-2/
                max_connections 8

                listener 30000 127.0.0.1
                mount_point vidyut/town.OLD-3/
                max_connections 8

                """
        )
        let wrong = try await program.run("gateway", "listeners", "--gateway-ports", "9-1")
        #expect(wrong.errors.contains("gateway.ports is first-last"))
        let half = try await program.run(
            "gateway",
            "listeners",
            "--gateway-key-file",
            "/etc/key.pem"
        )
        #expect(half.errors.contains("gateway.certificateFile"))
    }
}
