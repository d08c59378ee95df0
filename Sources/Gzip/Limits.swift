/// The bounds of this room.
package enum Limits {
    /// Most bytes that `Gzip.decompress` gives back unless the caller says otherwise.
    package static let decompressedBytes = 67_108_864
    /// Longest line that `LineReader` accepts unless the caller says otherwise.
    package static let lineBytes = 65_536
    /// Bytes read from a file, and given on, at a time.
    package static let chunkBytes = 65_536
}
