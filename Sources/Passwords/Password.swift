import CCrypt
import Glibc

/// Why a password was not accepted or could not be hashed.
package enum PasswordError: Error, Hashable, Sendable {
    case tooShort(minimum: Int)
    case tooLong(maximumBytes: Int)
    /// Holds the NUL character, where C would stop reading.
    case unreadable
    /// Repeats so few characters that it is no secret.
    case tooSimple
    /// Holds the login name.
    case containsLogin
    /// One of the passwords that everyone tries first.
    case tooCommon
    /// libcrypt does not know yescrypt, or has no memory or random numbers.
    case hashingFailed

    /// A sentence for the person who chose the password.
    package var sentence: String {
        switch self {
        case .tooShort(let minimum): "The password needs at least \(minimum) characters."
        case .tooLong(let bytes): "The password may have at most \(bytes) bytes."
        case .unreadable: "The password holds a character that cannot be typed."
        case .tooSimple: "The password repeats too few different characters."
        case .containsLogin: "The password must not contain the login name."
        case .tooCommon: "This password is among those that are guessed first."
        case .hashingFailed: "The password could not be stored."
        }
    }
}

/// Passwords of people: what is acceptable, and yescrypt hashes through libcrypt.
///
/// `hash` and `verify` block for about 40 ms of CPU: call them through `BlockingWork`.
package enum Password {
    /// A hash of no password, to verify against when the login is unknown.
    ///
    /// The answer then takes as long as for a known one.
    package static func hashOfNobody() throws(PasswordError) -> String {
        try hash(SecretToken.generate(prefix: "nobody_"))
    }

    /// Throws the first reason why a new password is not acceptable.
    package static func check(_ password: String, login: String = "") throws(PasswordError) {
        if password.count < Limits.shortestPassword {
            throw .tooShort(minimum: Limits.shortestPassword)
        }
        try checkBytes(password)
        let lowered = password.lowercased()
        if Set(lowered).count < 5 { throw .tooSimple }
        if login.count >= 3, lowered.contains(login.lowercased()) { throw .containsLogin }
        let letters = lowered.filter { $0.isLetter }
        if common.contains(lowered) || (letters.count >= 6 && common.contains(letters)) {
            throw .tooCommon
        }
    }

    /// The yescrypt string (`$y$…`) with a random salt, at libcrypt's default cost.
    package static func hash(_ password: String) throws(PasswordError) -> String {
        try checkBytes(password)
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        guard crypt_gensalt_rn("$y$", 0, nil, 0, &setting, Int32(setting.count)) != nil,
            let hash = crypt(password, setting: setting), hash.hasPrefix("$y$")
        else { throw .hashingFailed }
        return hash
    }

    /// Whether this password made this hash: hashed again and compared in constant time.
    ///
    /// Any form that libcrypt reads is verified; a damaged hash matches nothing. Throws
    /// `hashingFailed` only when there is no memory for it.
    package static func verify(
        _ password: String,
        against hash: String
    ) throws(PasswordError) -> Bool {
        do throws(PasswordError) {
            try checkBytes(password)
        } catch {
            return false
        }
        guard !hash.isEmpty else { return false }
        errno = 0
        guard let again = crypt(password, setting: Array(hash.utf8CString)) else {
            if errno == ENOMEM { throw .hashingFailed }
            return false
        }
        return isEqualInConstantTime(Array(again.utf8), Array(hash.utf8))
    }

    private static func checkBytes(_ password: String) throws(PasswordError) {
        if password.utf8.count > Limits.longestPasswordBytes {
            throw .tooLong(maximumBytes: Limits.longestPasswordBytes)
        }
        if password.utf8.contains(0) { throw .unreadable }
    }

    /// One call of libcrypt with working memory of its own, so that threads may call it at once.
    private static func crypt(_ password: String, setting: [CChar]) -> String? {
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: size,
            alignment: MemoryLayout<crypt_data>.alignment
        )
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer {
            // The password is copied in there.
            vidyut_wipe(memory, size)
            memory.deallocate()
        }
        guard let answer = crypt_rn(password, setting, memory, Int32(size)) else { return nil }
        let text = String(cString: answer)
        // libcrypt tells a failure by a string that begins with an asterisk.
        return text.hasPrefix("*") ? nil : text
    }

    private static let common: Set<String> = [
        "password", "passw0rd", "password1", "password123", "password1234", "password12345",
        "1234567890", "12345678910", "123456789a", "0123456789", "0987654321", "9876543210",
        "qwertyuiop", "qwerty", "qwerty1234", "qwerty12345", "1q2w3e4r5t", "1qaz2wsx3edc",
        "administrator", "letmein", "welcome", "iloveyou", "electricity", "changeme", "abcdefghij",
        "abcdefghijk", "india", "vidyut",
    ]
}

/// Compares without telling by its duration where two byte strings differ.
package func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
}
