import Glibc

/// Reads a spool's rows in order: a merge of its runs, a few rows of each in memory.
package struct SpoolCursor {
    private struct Head {
        var row: SpooledRow
        let run: Int
    }

    private struct Reader {
        /// Rows of the run that are not read yet: the next one within the file, and the end.
        var next: Int
        let end: Int
        var buffer: [SpooledRow] = []
        var place = 0
    }

    private let descriptor: CInt
    private var memory: ArraySlice<SpooledRow>
    private var readers: [Reader]
    /// A binary heap, the least row first.
    private var heap: [Head] = []
    private var hasBegun = false

    init(descriptor: CInt, runs: [RowSpool.Run], memory: [SpooledRow]) {
        self.descriptor = descriptor
        self.memory = memory[...]
        readers = runs.map { Reader(next: $0.start, end: $0.start + $0.rows) }
    }

    /// The next row; nil after the last.
    package mutating func next() throws(SpoolError) -> SpooledRow? {
        guard !readers.isEmpty else { return memory.popFirst() }
        if !hasBegun {
            hasBegun = true
            for run in readers.indices {
                guard let row = try nextRow(of: run) else { continue }
                heap.append(Head(row: row, run: run))
                rise(from: heap.count - 1)
            }
        }
        guard let least = heap.first else { return nil }
        if let row = try nextRow(of: least.run) {
            heap[0].row = row
        } else {
            let last = heap.removeLast()
            guard !heap.isEmpty else { return least.row }
            heap[0] = last
        }
        sink()
        return least.row
    }

    private mutating func rise(from place: Int) {
        var place = place
        while place > 0, heap[place].row < heap[(place - 1) / 2].row {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink() {
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && heap[child].row < heap[least].row {
                least = child
            }
            guard least != place else { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    private mutating func nextRow(of run: Int) throws(SpoolError) -> SpooledRow? {
        if readers[run].place == readers[run].buffer.count {
            guard readers[run].next < readers[run].end else { return nil }
            let count = min(Limits.runRows, readers[run].end - readers[run].next)
            readers[run].buffer = try rows(from: readers[run].next, count: count)
            readers[run].next += count
            readers[run].place = 0
        }
        defer { readers[run].place += 1 }
        return readers[run].buffer[readers[run].place]
    }

    private func rows(from first: Int, count: Int) throws(SpoolError) -> [SpooledRow] {
        let bytes = count * SpooledRow.words * MemoryLayout<Int64>.size
        let start = first * SpooledRow.words * MemoryLayout<Int64>.size
        var words = [Int64](repeating: 0, count: count * SpooledRow.words)
        var offset = 0
        while offset < bytes {
            let got = words.withUnsafeMutableBytes {
                pread(
                    descriptor,
                    $0.baseAddress.map { $0 + offset },
                    bytes - offset,
                    off_t(start + offset)
                )
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw SpoolError("reading the spool", got < 0 ? errno : EIO) }
            offset += got
        }
        return (0..<count).map {
            SpooledRow(words[$0 * SpooledRow.words..<($0 + 1) * SpooledRow.words])
        }
    }
}
