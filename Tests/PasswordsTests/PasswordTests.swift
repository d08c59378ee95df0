import Dispatch
import Synchronization
import Testing

@testable import Passwords

struct `Passwords of people` {
    @Test func `a hash is yescrypt, salted, and opens for its password only`() throws {
        let first = try Password.hash("மின்சாரம் 2026")
        let second = try Password.hash("மின்சாரம் 2026")
        #expect(first.hasPrefix("$y$"))
        #expect(first != second)
        #expect(try Password.verify("மின்சாரம் 2026", against: first))
        #expect(try Password.verify("மின்சாரம் 2026", against: second))
        #expect(try !Password.verify("மின்சாரம் 2027", against: first))
        #expect(try !Password.verify("", against: first))
    }

    @Test(arguments: ["", "*0", "*1", "$y$", "plain", "$y$j9T$", "$9$nothing$here", "x:y:z"])
    func `a damaged hash opens for nothing`(hash: String) throws {
        #expect(try !Password.verify("whatever it is", against: hash))
        #expect(try !Password.verify(hash, against: hash))
    }

    @Test func `the hash of nobody opens for nothing and is a hash`() throws {
        let hash = try Password.hashOfNobody()
        #expect(hash.hasPrefix("$y$"))
        #expect(try !Password.verify("", against: hash))
    }

    @Test(arguments: [
        ("short", PasswordError.tooShort(minimum: 10)),
        (String(repeating: "aB3$x", count: 60), .tooLong(maximumBytes: 256)),
        ("with\0in the middle", .unreadable),
        ("aaaaaaaaaaaaa", .tooSimple),
        ("my-meena.K-secret", .containsLogin),
        ("Password123", .tooCommon),
        ("1234567890", .tooCommon),
        ("password-99999", .tooCommon),
    ])
    func `a bad password is refused with its reason`(password: String, error: PasswordError) {
        #expect(throws: error) { try Password.check(password, login: "Meena.k") }
        #expect(error.sentence.hasSuffix("."))
    }

    @Test(arguments: ["correct horse battery", "ஒரு நல்ல கடவுச்சொல்", "7Gx!pq2#Lm", "kallakurichi 1994"])
    func `a good password is accepted`(password: String) throws {
        try Password.check(password, login: "meena")
    }

    @Test func `passwords that cannot be hashed whole are refused, not cut`() {
        let long = String(repeating: "x", count: 257)
        #expect(throws: PasswordError.tooLong(maximumBytes: 256)) { try Password.hash(long) }
        #expect(throws: PasswordError.unreadable) { try Password.hash("a\0b") }
    }
}

struct `Secrets of machines` {
    @Test func `a token has its prefix and 200 random bits in 40 plain characters`() {
        let tokens = (0..<1_000).map { _ in SecretToken.generate(prefix: "vm_") }
        let allowed = Set("0123456789abcdefghjkmnpqrstvwxyz")
        #expect(Set(tokens).count == 1_000)
        #expect(tokens.allSatisfy { $0.hasPrefix("vm_") && $0.count == 43 })
        #expect(tokens.allSatisfy { $0.dropFirst(3).allSatisfy(allowed.contains) })
        // Every character appears at every place: no bit is lost on the way to text.
        for place in 3..<43 {
            let seen = Set(tokens.map { Array($0)[place] })
            #expect(seen.count == 32)
        }
    }

    @Test func `the digest is SHA-256`() {
        // FIPS 180-2, appendix B.1: the message "abc".
        let digest = SecretToken.digest("abc").map { String($0, radix: 16) }
        #expect(digest.prefix(4) == ["ba", "78", "16", "bf"])
        #expect(digest.count == 32)
    }

    @Test func `the derived key is PBKDF2-HMAC-SHA512`() {
        // Known answers for PBKDF2-HMAC-SHA512 with "password", "salt" (as Python's hashlib gives).
        let once = MosquittoPassword.derive(
            password: Array("password".utf8),
            salt: Array("salt".utf8),
            iterations: 1
        )
        #expect(once.prefix(8) == [0x86, 0x7f, 0x70, 0xcf, 0x1a, 0xde, 0x02, 0xcf])
        let many = MosquittoPassword.derive(
            password: Array("password".utf8),
            salt: Array("salt".utf8),
            iterations: 4_096
        )
        #expect(many.prefix(8) == [0xd1, 0x97, 0xb1, 0xb3, 0x3d, 0xb0, 0x14, 0x3e])
        #expect(many.count == 64)
    }

    @Test func `base 64 goes both ways`() {
        #expect(MosquittoPassword.base64(Array("light w".utf8)) == "bGlnaHQgdw==")
        #expect(MosquittoPassword.base64(Array("light wo".utf8)) == "bGlnaHQgd28=")
        #expect(MosquittoPassword.base64(Array("light wor".utf8)) == "bGlnaHQgd29y")
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            #expect(MosquittoPassword.base64Decoded(MosquittoPassword.base64(bytes)) == bytes)
        }
        #expect(MosquittoPassword.base64Decoded("a") == nil)
        #expect(MosquittoPassword.base64Decoded("a*==") == nil)
    }

    @Test func `a mosquitto hash opens for its credential only`() {
        let hash = MosquittoPassword.hash("vm_secret")
        #expect(hash.hasPrefix("$7$101$"))
        #expect(hash != MosquittoPassword.hash("vm_secret"))
        #expect(MosquittoPassword.verify("vm_secret", against: hash))
        #expect(!MosquittoPassword.verify("vm_secreT", against: hash))
        #expect(!MosquittoPassword.verify("vm_secret", against: "$7$101$"))
        #expect(!MosquittoPassword.verify("vm_secret", against: ""))
    }
}

/// Counts what runs at once.
private final class Running: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    func begin() {
        counts.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func end() {
        counts.withLock { $0.now -= 1 }
    }

    var most: Int { counts.withLock { $0.most } }
}

struct `Blocking work` {
    @Test func `it runs elsewhere and brings back values and errors`() async throws {
        let pool = BlockingWork(threads: 2)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<100 { group.addTask { try await pool.run { number * number } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 328_350)
        await #expect(throws: PasswordError.tooSimple) {
            try await pool.run { throw PasswordError.tooSimple }
        }
    }

    @Test func `no more runs at once than there are threads`() async throws {
        let pool = BlockingWork(threads: 3)
        let running = Running()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    try await pool.run {
                        running.begin()
                        _ = try Password.hash("correct horse battery")
                        running.end()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...3).contains(running.most))
    }

    @Test func `a full queue says so instead of waiting`() async throws {
        let pool = BlockingWork(threads: 1, waiting: 2)
        let gate = DispatchSemaphore(value: 0)
        let (entered, sink) = AsyncStream.makeStream(of: Void.self)
        async let first: Void = pool.run {
            sink.finish()
            gate.wait()
        }
        for await _ in entered {}

        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do {
                        try await pool.run {}
                        return true
                    } catch {
                        return !(error is TooMuchBlockingWork)
                    }
                }
            }
            var outcomes: [Bool] = []
            for await outcome in group {
                outcomes.append(outcome)
                if outcomes.count == 3 { gate.signal() }
            }
            return outcomes
        }
        #expect(outcomes == [false, false, false, true, true])
        try await first
    }
}
