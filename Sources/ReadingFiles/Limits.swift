/// The bounds of this room.
package enum Limits {
    /// Rows that a spool sorts in memory at a time: 6 MB.
    package static let spoolRows = 200_000
    /// Rows of one sorted run that are read back at a time: 64 KiB.
    static let runRows = 2_048
    /// Bytes written to a spool at a time.
    static let spoolWriteBytes = 1 << 20
    /// Where spools lie: on a disk, which `/tmp` need not be.
    package static let spoolFolder = "/var/tmp"
    /// Bytes of one line of an archive.
    static let archiveLineBytes = 1_024
    /// Bytes of lines that are packed at a time.
    static let archiveChunkBytes = 1 << 16
    /// Bytes of the note beside an archive.
    static let manifestBytes = 1 << 16
}
