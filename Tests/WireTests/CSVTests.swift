import Metering
import Testing
import Wire

@Suite struct CSVTests {
    private func records(_ text: String) throws -> [CSVRecord] {
        var reader = CSVReader()
        return try reader.feed(text.utf8) + reader.finish()
    }

    private func fault(_ text: String) -> ImportFault? {
        do {
            _ = try records(text)
            return nil
        } catch {
            return error as? ImportFault
        }
    }

    @Test func `fields keep commas, quotes and line ends that stand in quotes`() throws {
        let found = try records("a,\"b, c\",\"say \"\"no\"\"\"\r\n\"two\nlines\",x,\r\nlast,1,2")

        #expect(
            found.map(\.fields) == [
                ["a", "b, c", "say \"no\""], ["two\nlines", "x", ""], ["last", "1", "2"],
            ]
        )
        #expect(found.map(\.line) == [1, 2, 4])
    }

    @Test func `a byte-order mark and empty lines are passed over`() throws {
        let found = try records("\u{FEFF}a,b\n\n1,2\n\n")

        #expect(found.map(\.fields) == [["a", "b"], ["1", "2"]])
        #expect(found.map(\.line) == [1, 3])
    }

    @Test(arguments: [
        ("a,b\n1,\"open", 2), ("a,b\nx\"y,2\n", 2), ("a,b\n\"x\"y,2\n", 2), ("a\rb\n", 1),
    ])
    func `what is no CSV is named by its line`(text: String, line: Int) {
        #expect(fault(text)?.line == line)
    }

    @Test func `bytes that are not UTF-8 are refused with their line`() {
        var reader = CSVReader()

        #expect(throws: ImportFault(line: 2, detail: "the text is not UTF-8")) {
            _ = try reader.feed([97, 10, 0xFF, 10])
        }
    }

    @Test func `a quote left open is found before it swallows the file`() {
        let text = "a,b\n\"" + String(repeating: "x,y\n", count: 40_000)

        #expect(fault(text)?.line == 2)
    }

    @Test func `a ragged row and a doubled column are refused`() {
        #expect(throws: ImportFault(line: 3, detail: "1 fields instead of 2")) {
            _ = try csvRows(Array("a,b\n1,2\n3\n".utf8))
        }
        #expect(throws: ImportFault(line: 1, detail: "column 'a' stands twice")) {
            _ = try csvRows(Array("a, a\n".utf8))
        }
        #expect(throws: ImportFault.self) { _ = try csvRows([]) }
    }

    @Test func `rows are given by column with their lines`() throws {
        let (header, rows) = try csvRows(Array("number, name\nC-1,\"K, R\"\n".utf8))

        #expect(header.columns == ["number", "name"])
        #expect(rows.count == 1)
        #expect(rows[0].line == 2)
        #expect(rows[0].fields == ["number": "C-1", "name": "K, R"])
    }

    @Test(arguments: 0..<200)
    func `what was written is read back, however it is cut`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("ab,\"\n\r é₹")
        var expected: [[String]] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            expected.append(
                (0..<3).map { _ in
                    String(
                        (0..<Int.random(in: 0...5, using: &random)).map { _ in
                            alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                        }
                    )
                }
            )
        }
        let bytes = Array(expected.map(csvLine).joined().utf8)

        var reader = CSVReader()
        var found: [CSVRecord] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...7, using: &random)
            found += try reader.feed(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        found += try reader.finish()

        #expect(found.map(\.fields) == expected)
    }
}
