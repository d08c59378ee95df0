import Foundation
import PrivateServices
import TestSupport
import Testing

/// The command line over a database of its own, as a newcomer uses it.
@Suite(.enabled(if: BuiltProgram.path != nil && TestCluster.isAvailable))
struct OfficeCommandTests {
    /// The program with an empty database of the test cluster.
    private func programWithEmptyDatabase() async throws -> BuiltProgram {
        let cluster = try await TestCluster.shared.cluster()
        let name = try await TestCluster.shared.makeDatabase().name
        return BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": cluster.applicationURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_DATABASE_OWNER_URL": cluster.ownerURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
    }

    private func program() async throws -> BuiltProgram {
        let program = try await programWithEmptyDatabase()
        #expect(try await program.run("db", "migrate").status == 0)
        return program
    }

    private func days(_ meter: String, kilowattHours: String) -> String {
        var rows = ""
        for (month, days) in [(7, 31), (8, 31)] {
            for day in 1...days {
                rows += "\(meter),2026-0\(month)-\(day < 10 ? "0" : "")\(day),\(kilowattHours)\n"
            }
        }
        return rows
    }

    @Test func `a schema older than the program is refused until it is migrated`() async throws {
        let program = try await programWithEmptyDatabase()

        let early = try await program.run("office", "list")
        #expect(early.status == 1)
        #expect(early.errors.contains("vidyut db migrate"))
        #expect(try await program.run("db", "status").status == 1)

        #expect(try await program.run("db", "migrate").output.contains("applied 0001_"))
        #expect(try await program.run("db", "migrate").output == "The schema is up to date.\n")
        #expect(try await program.run("db", "status").status == 0)
        #expect(try await program.run("office", "list").status == 0)
    }

    @Test func `from nothing to issued bills, and a second run adds nothing`() async throws {
        let program = try await program()
        let readings =
            "meter,date,kwh\n" + days("m-1", kilowattHours: "8.125")
            + days("m-2", kilowattHours: "3.5")

        func succeeds(_ arguments: String..., input: String = "") async throws -> String {
            let outcome = try await program.run(arguments, input: input)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome.output
        }
        _ = try await succeeds("office", "add", "town", "--name", "Town office")
        _ = try await succeeds(
            "consumer",
            "import",
            "-",
            input: "number,name\nC-1,\"Raman, K.\"\nC-2,Devi\n"
        )
        _ = try await succeeds(
            "service",
            "import",
            "-",
            input: "number,consumer,category,tariff,sanctionedLoadWatts,connectedOn\n"
                + "S-1,C-1,LT I-A,tneb-lt1a,5000,2026-01-01\n"
                + "S-2,C-2,LT I-A,tneb-lt1a,3000,2026-01-01\n"
        )
        let credentials = try await succeeds(
            "meter",
            "import",
            "-",
            input: "serial,service,installedAt\nm-1,S-1,2026-06-30T18:30:00Z\n"
                + "m-2,S-2,2026-06-30T18:30:00Z\n"
        )
        #expect(credentials.contains("m-1,town.m-1,vm_"))
        _ = try await succeeds("tariff", "publish", "--family", "tneb-lt1a")
        _ = try await succeeds("reading", "import", "-", input: readings)

        let run = try await program.run("bill", "run", "--cycle", "2026-08", "--issue", "--json")
        #expect(try run.json()["issued"] as? Int == 2)
        let bills = try await succeeds("bill", "export", "--cycle", "2026-08")
        // 62 days of 8.125 units: 300 at 4.70, 100 at 6.30, 3.75 at 8.40.
        #expect(bills.contains(",S-1,\"Raman, K.\",2026-08,2026-07-01,2026-08-31,503750,207150,"))
        #expect(bills.contains(",S-2,Devi,2026-08,2026-07-01,2026-08-31,217000,"))
        let number = try #require(bills.split(separator: "TOWN-").last?.prefix(11))
        let shown = try await succeeds("bill", "show", "TOWN-\(number)")
        #expect(shown.contains("Total for"))

        let again = try await program.run("reading", "import", "-", "--json", input: readings)
        #expect(try again.json()["stored"] as? Int == 0)
        #expect(try again.json()["duplicates"] as? Int == 124)
        let rerun = try await program.run("bill", "run", "--cycle", "2026-08", "--issue", "--json")
        #expect(try rerun.json()["issued"] as? Int == 0)
        #expect(try rerun.json()["existing"] as? Int == 2)
        #expect(try await succeeds("bill", "export", "--cycle", "2026-08") == bills)
    }

    @Test func `wrong columns and rows are named by line and nothing is stored`() async throws {
        let program = try await program()
        _ = try await program.run("office", "add", "town", "--name", "Town office")

        let header = try await program.run(
            "consumer",
            "import",
            "-",
            input: "number,nam\nC-1,Raman\n"
        )
        #expect(header.status == 1)
        #expect(header.errors.contains("line 1: column 'name' is missing"))
        #expect(header.errors.contains("line 1: column 'nam' is unknown"))

        let row = try await program.run(
            "consumer",
            "import",
            "-",
            input: "number,name\nC-1,Raman\nC-1,Devi\n"
        )
        #expect(row.status == 1)
        #expect(row.errors.contains("line 3, number: "))
        #expect(try await program.run("consumer", "list", "--json").json()["items"] as? [Int] == [])

        let readings = try await program.run(
            "reading",
            "import",
            "-",
            input: "meter,date,kwh\nm-1,2026-07-01\nm-1,x,1\n"
        )
        #expect(readings.status == 1)
        #expect(readings.errors.contains("-, line 2: 2 fields instead of 3"))
        #expect(readings.errors.contains("-, line 3: 'x' is no date"))
    }

    @Test func `with two offices one has to be named`() async throws {
        let program = try await program()
        let none = try await program.run("consumer", "list")
        _ = try await program.run("office", "add", "north", "--name", "North")
        _ = try await program.run("office", "add", "south", "--name", "South")

        #expect(none.errors.contains("There is no office yet"))
        let both = try await program.run("consumer", "list")
        #expect(both.status == 64)
        #expect(both.errors.contains("north, south"))
        #expect(try await program.run("consumer", "list", "--office", "north").status == 0)
        let unknown = try await program.run("consumer", "list", "--office", "west")
        #expect(unknown.status == 1)
        #expect(unknown.errors == "vidyut: no such office 'west'\n")
    }

    @Test func `a password comes from the input and every fault is a line`() async throws {
        let program = try await program()
        _ = try await program.run("office", "add", "town", "--name", "Town office")
        let add = ["user", "add", "head@town", "--name", "S. Devi", "--role", "manager"]

        let short = try await program.run(add, input: "short\n")
        #expect(short.status == 1)
        #expect(short.errors.hasPrefix("vidyut: password: at least 10 characters"))
        #expect(try await program.run(add, input: "long enough for us\n").status == 0)
        let users = try await program.run("user", "list").output
        #expect(users.contains("head@town"))
        let change = try await program.run(
            "user",
            "password",
            "head@town",
            input: "another one, longer\n"
        )
        #expect(change.status == 0)
    }
}
