/// Why a file or some compressed bytes could not be read.
package enum GzipError: Error, Hashable, Sendable {
    /// The bytes do not begin as gzip does.
    case notGzip
    /// The bytes end in the middle of a member.
    case truncated
    /// The bytes are damaged, with zlib's words.
    case corrupt(String)
    /// More would come out than the caller allows.
    case tooLarge(limitBytes: Int)
    case lineTooLong(number: Int, limitBytes: Int)
    /// The system's words for why a file cannot be read.
    case unreadable(path: String, reason: String)
    /// The system's words for why a file cannot be written.
    case unwritable(path: String, reason: String)
    case outOfMemory
}
