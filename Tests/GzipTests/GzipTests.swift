import Foundation
import Testing

@testable import Gzip

/// A generator with a seed, so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

func withFile<Answer>(_ bytes: [UInt8], _ body: (String) throws -> Answer) throws -> Answer {
    let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("vidyut-gzip-\(UUID().uuidString)")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
}

func allBytes(_ path: String) throws -> [UInt8] {
    var reader = try GzipReader(path: path)
    var bytes: [UInt8] = []
    while let chunk = try reader.next() {
        #expect(!chunk.isEmpty && chunk.count <= Limits.chunkBytes)
        bytes += chunk
    }
    #expect(try reader.next() == nil)
    return bytes
}

private let sample = Array(
    String(repeating: "meter,date,kwh\nM-1,2026-11-01,4.25\n", count: 9_000).utf8
)

struct `Gzip in memory` {
    @Test(arguments: 0..<40)
    func `what was compressed comes back`(seed: Int) throws {
        var random = Seeded(state: UInt64(seed))
        let count = Int.random(in: 0...200_000, using: &random)
        let spread = UInt8.random(in: 1...255, using: &random)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...spread, using: &random) }
        let level = Int.random(in: 1...9, using: &random)
        let compressed = try Gzip.compress(bytes, level: level)
        #expect(Gzip.isGzip(compressed))
        #expect(try Gzip.decompress(compressed) == bytes)
        #expect(try withFile(compressed, allBytes) == bytes)
    }

    @Test func `the same bytes always give the same file`() throws {
        #expect(try Gzip.compress(sample) == Gzip.compress(sample))
        #expect(try Gzip.compress(sample).count < sample.count / 20)
    }

    @Test func `the system's gzip reads ours and we read its`() throws {
        let theirs = try withFile(sample) { path in
            let gzip = Process()
            gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            gzip.arguments = ["gzip", "-9", "-c", path]
            let pipe = Pipe()
            gzip.standardOutput = pipe
            try gzip.run()
            let bytes = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
            gzip.waitUntilExit()
            return bytes
        }
        #expect(try Gzip.decompress(theirs) == sample)
        let back = try withFile(Gzip.compress(sample)) { path in
            let gzip = Process()
            gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            gzip.arguments = ["gzip", "-dc"]
            gzip.standardInput = FileHandle(forReadingAtPath: path)
            let pipe = Pipe()
            gzip.standardOutput = pipe
            try gzip.run()
            let bytes = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
            gzip.waitUntilExit()
            return bytes
        }
        #expect(back == sample)
    }

    @Test func `members after one another are one file, zero padding is ignored`() throws {
        let one = try Gzip.compress(Array("one\n".utf8))
        let two = try Gzip.compress(Array("two\n".utf8))
        let none = try Gzip.compress([])
        #expect(try Gzip.decompress(one + none + two) == Array("one\ntwo\n".utf8))
        #expect(try Gzip.decompress(one + two + [0, 0, 0]) == Array("one\ntwo\n".utf8))
        #expect(throws: GzipError.corrupt("bytes after the padding")) {
            try Gzip.decompress(one + [0, 0] + two)
        }
        #expect(throws: GzipError.corrupt("incorrect header check")) {
            try Gzip.decompress(one + Array("rest".utf8))
        }
    }

    @Test func `every cut is noticed`() throws {
        let compressed = try Gzip.compress(Array("Kallakurichi, 1,234 kWh".utf8))
        for count in 1..<compressed.count {
            #expect(throws: GzipError.truncated) {
                try Gzip.decompress(Array(compressed.prefix(count)))
            }
        }
        for count in 3..<compressed.count {
            #expect(throws: GzipError.truncated) {
                try withFile(Array(compressed.prefix(count)), allBytes)
            }
        }
    }

    @Test func `no flipped bit changes what comes out unnoticed`() throws {
        let text = Array("Kallakurichi, 1,234 kWh".utf8)
        let compressed = try Gzip.compress(text)
        var noticed = 0
        for index in compressed.indices {
            for bit in 0..<8 {
                var damaged = compressed
                damaged[index] ^= 1 << UInt8(bit)
                do {
                    // Bits of the header and the last padding mean nothing for the content.
                    #expect(try Gzip.decompress(damaged) == text)
                } catch is GzipError {
                    noticed += 1
                }
            }
        }
        #expect(noticed > compressed.count * 8 * 7 / 10)
    }

    @Test func `a small file that unfolds without end is stopped at the limit`() throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: 5_000_000), level: 9)
        #expect(bomb.count < 10_000)
        #expect(throws: GzipError.tooLarge(limitBytes: 1_000_000)) {
            try Gzip.decompress(bomb, limitBytes: 1_000_000)
        }
        #expect(try Gzip.decompress(bomb, limitBytes: 5_000_000).count == 5_000_000)
    }

    @Test(arguments: [[], [1, 2, 3], Array("meter,date".utf8)] as [[UInt8]])
    func `other bytes are not gzip`(bytes: [UInt8]) {
        #expect(throws: GzipError.notGzip) { try Gzip.decompress(bytes) }
    }
}

struct `Files and their lines` {
    private func lines(_ text: String, limitBytes: Int = 1_000) throws -> [[NumberedLine]] {
        let plain = Array(text.utf8)
        return try [plain, Gzip.compress(plain)].map { bytes in
            try withFile(bytes) { path in
                var reader = try LineReader(path: path, limitBytes: limitBytes)
                var lines: [NumberedLine] = []
                while let line = try reader.next() { lines.append(line) }
                return lines
            }
        }
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]),
        ("a\r\nb\r\n", ["a", "b"]), ("\u{feff}meter\nx", ["meter", "x"]), ("\r\n\r\n", ["", ""]),
        ("மின்\nअ", ["மின்", "अ"]),
    ])
    func `lines are the same, compressed or not`(text: String, expected: [String]) throws {
        for lines in try lines(text) {
            #expect(lines.map(\.text) == expected)
            #expect(lines.map(\.number) == Array(1..<expected.count + 1))
        }
    }

    @Test(arguments: 0..<10)
    func `lines across pieces of the file stay whole`(seed: Int) throws {
        var random = Seeded(state: UInt64(seed))
        let expected = (0..<3_000).map { _ in
            String(repeating: "z", count: Int.random(in: 0...300, using: &random))
        }
        for lines in try lines(expected.joined(separator: "\n") + "\n") {
            #expect(lines.map(\.text) == expected)
        }
    }

    @Test func `a line at the limit passes, one byte more is named by its number`() throws {
        let long = String(repeating: "x", count: 1_000)
        #expect(try lines("a\n\(long)\r\nb").allSatisfy { $0.count == 3 })
        #expect(throws: GzipError.lineTooLong(number: 2, limitBytes: 1_000)) {
            try lines("a\n\(long)x\nb")
        }
        #expect(throws: GzipError.lineTooLong(number: 1, limitBytes: 1_000)) {
            try lines(String(repeating: "x", count: 3_000_000))
        }
    }

    @Test func `a missing file and a folder are unreadable`() {
        #expect(
            throws: GzipError.unreadable(path: "/nowhere", reason: "No such file or directory")
        ) { _ = try LineReader(path: "/nowhere") }
        #expect(throws: GzipError.unreadable(path: "/tmp", reason: "Is a directory")) {
            _ = try GzipReader(path: "/tmp")
        }
    }

    @Test func `an empty file has no bytes and a plain one comes as it is`() throws {
        #expect(try withFile([], allBytes).isEmpty)
        #expect(try withFile(sample, allBytes) == sample)
        #expect(try withFile([0x1f], allBytes) == [0x1f])
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 1_000_000])
    func `a file written in pieces is one member that reads back`(count: Int) throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-gzip-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        var writer = try GzipWriter(path: path)
        for start in stride(from: 0, to: count, by: 777) {
            try writer.write(Array(bytes[start..<min(start + 777, count)]))
        }
        try writer.finish()
        let packed = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(try Gzip.decompress(packed) == bytes)
        // Neither name nor time: the same bytes give the same file.
        #expect(packed[3] == 0 && packed[4..<8].allSatisfy { $0 == 0 })
    }
}
