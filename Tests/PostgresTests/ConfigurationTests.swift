import Testing

@testable import Postgres

@Suite struct ConfigurationTests {
    @Test func `a URL gives place, role and database`() throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://owner:s%40cret@db.example:6543/vidyut?sslmode=require"
        )

        #expect(configuration.host == "db.example")
        #expect(configuration.user == "owner")
        #expect(configuration.database == "vidyut")
        #expect(configuration.parameters["password"] == "s@cret")
        #expect(configuration.connectionParameters["sslmode"] == "require")
        #expect(configuration.description == "owner@db.example:6543/vidyut")
    }

    @Test func `a socket's folder can be the host`() throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://vidyut_app@/vidyut?host=%2Ftmp%2Fa%20b&port=5432"
        )
        #expect(configuration.host == "/tmp/a b")
    }

    @Test(arguments: ["", "mysql://x", "postgres://[::1", "postgres:///x?nonsense=1"])
    func `a bad URL is refused with a reason and without its password`(url: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: url) }
        #expect(error?.kind == .misuse)
        #expect(error?.message.isEmpty == false)
    }

    @Test func `limits and the caller's own options reach the server`() throws {
        var configuration = try PostgresConfiguration(
            url: "postgresql://x@/y?options=-c%20work_mem%3D8MB&application_name=report"
        )
        configuration.statementTimeout = .seconds(7)
        configuration.lockTimeout = .zero
        let parameters = configuration.connectionParameters
        #expect(parameters["application_name"] == "report")
        #expect(
            parameters["options"]
                == "-c work_mem=8MB -c datestyle=ISO -c lock_timeout=0 -c statement_timeout=7000 "
                + "-c timezone=UTC"
        )
    }

    @Test func `another role does not inherit the password`() throws {
        let owner = try PostgresConfiguration(url: "postgres://owner:secret@h/d")
        let other = owner.with(user: "app")
        #expect(other.user == "app")
        #expect(other.parameters["password"] == nil)
        #expect(other.with(database: "e").database == "e")
    }
}
