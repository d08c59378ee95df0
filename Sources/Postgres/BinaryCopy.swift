import CPQ

/// The frame of PostgreSQL's binary COPY format.
private enum CopyFrame {
    static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
    static let header = signature + [UInt8](repeating: 0, count: 8)
    static let trailer: [UInt8] = [0xFF, 0xFF]
}

/// Writes the rows of a COPY, in blocks; the types must be exactly those of the columns.
package struct BinaryCopyWriter {
    let columns: Int
    fileprivate var buffer = CopyFrame.header
    fileprivate(set) var rows = 0
    fileprivate let send: (UnsafeRawBufferPointer) throws(PostgresError) -> Void

    fileprivate init(
        columns: Int,
        send: @escaping (UnsafeRawBufferPointer) throws(PostgresError) -> Void
    ) {
        self.columns = columns
        self.send = send
    }

    /// Appends one row, its fields in the order of the columns.
    package mutating func row<each Field: PostgresField>(
        _ field: repeat each Field
    ) throws(PostgresError) {
        let start = buffer.count
        buffer.append(bigEndian: Int16(truncatingIfNeeded: columns))
        var count = 0
        for field in repeat each field {
            field.encodeElement(into: &buffer)
            count += 1
        }
        guard count == columns else {
            buffer.removeSubrange(start...)
            throw .misuse("\(count) fields for \(columns) columns")
        }
        rows += 1
        if buffer.count >= Limits.copyChunkBytes { try flush() }
    }

    fileprivate mutating func finish() throws(PostgresError) {
        buffer += CopyFrame.trailer
        try flush()
    }

    private mutating func flush() throws(PostgresError) {
        let chunk = buffer
        buffer.removeAll(keepingCapacity: true)
        var failure: PostgresError?
        chunk.withUnsafeBytes { bytes in
            do throws(PostgresError) { try send(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

/// One row of a COPY out of the database; valid only inside the closure it was given to.
package struct BinaryCopyRow {
    fileprivate let fields: [UnsafeRawBufferPointer?]

    package var count: Int { fields.count }

    /// Reads a column by position; COPY does not tell types, so the caller must know them.
    package subscript<Field: PostgresField>(column: Int) -> Field {
        get throws(PostgresError) {
            guard fields.indices.contains(column) else {
                throw .decoding("no column \(column) among \(fields.count)")
            }
            return try Field(field: fields[column])
        }
    }
}

extension Connection {
    /// Runs `copy … from stdin (format binary)` with the rows the closure writes; returns their number.
    ///
    /// If the closure throws, the COPY is given up and its error comes back.
    @discardableResult
    package func copyIn(
        _ sql: SQL,
        rows write: (inout BinaryCopyWriter) throws -> Void
    ) throws -> Int {
        let columns = try beginCopy(sql, PGRES_COPY_IN)
        var writer = BinaryCopyWriter(columns: columns) { bytes throws(PostgresError) in
            try self.checkCancelled(sql)
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard PQputCopyData(self.handle, start, Int32(bytes.count)) == 1 else {
                throw self.note(self.lost(sql.name))
            }
        }
        do {
            try write(&writer)
            try writer.finish()
        } catch {
            PQputCopyEnd(handle, "given up by the program")
            let refused = endCopy(sql)
            // A closure may only have seen the server's refusal as a failed write.
            if let lost = error as? PostgresError, lost.kind == .connectionLost, let refused {
                throw refused
            }
            throw error
        }
        guard PQputCopyEnd(handle, nil) == 1 else { throw note(lost(sql.name)) }
        if let refused = endCopy(sql) { throw refused }
        return writer.rows
    }

    /// Runs `copy … to stdout (format binary)` and hands over row after row; returns their number.
    @discardableResult
    package func copyOut(_ sql: SQL, row read: (BinaryCopyRow) throws -> Void) throws -> Int {
        _ = try beginCopy(sql, PGRES_COPY_OUT)
        var count = 0
        var hasHeader = false
        var failure: (any Error)?
        while true {
            var pointer: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(handle, &pointer, 0)
            guard length > 0, let pointer else { break }
            defer { PQfreemem(pointer) }
            // After a failure the rest is only drained.
            guard failure == nil else { continue }
            do {
                try checkCancelled(sql)
                let bytes = UnsafeRawBufferPointer(start: pointer, count: Int(length))
                count += try readCopyMessage(bytes, &hasHeader, read)
            } catch {
                failure = error
                cancelHandle.cancel()
            }
        }
        let refused = endCopy(sql)
        if let failure { throw failure }
        if let refused { throw refused }
        return count
    }

    private func beginCopy(
        _ sql: SQL,
        _ expected: ExecStatusType
    ) throws(PostgresError) -> Int {
        guard sql.bindings.isEmpty else {
            throw .misuse("COPY takes no parameters", statement: sql.name)
        }
        try checkCancelled(sql)
        statementCount += 1
        guard let answer = PQexec(handle, sql.text) else { throw note(lost(sql.name)) }
        let result = ResultSet(answer)
        guard PQresultStatus(answer) == expected else {
            if PQresultStatus(answer) == PGRES_FATAL_ERROR { throw note(refusal(result, sql.name)) }
            isPoisoned = true
            throw note(.misuse("not a COPY in this direction", statement: sql.name))
        }
        guard PQbinaryTuples(answer) == 1 else {
            isPoisoned = true
            throw note(.misuse("a COPY must say (format binary)", statement: sql.name))
        }
        return Int(PQnfields(answer))
    }

    /// Fetches the closing answers of a COPY; the refusal among them, if there is one.
    private func endCopy(_ sql: SQL) -> PostgresError? {
        var refused: PostgresError?
        while let answer = PQgetResult(handle) {
            let result = ResultSet(answer)
            switch PQresultStatus(answer) {
            case PGRES_COMMAND_OK: continue
            case PGRES_COPY_IN, PGRES_COPY_OUT:
                isPoisoned = true
                return note(lost(sql.name))
            default: refused = note(refusal(result, sql.name))
            }
        }
        return refused
    }
}

/// Reads the rows in one message of a COPY; the first message begins with the header.
private func readCopyMessage(
    _ bytes: UnsafeRawBufferPointer,
    _ hasHeader: inout Bool,
    _ read: (BinaryCopyRow) throws -> Void
) throws -> Int {
    var offset = 0
    if !hasHeader {
        guard bytes.starts(with: CopyFrame.signature) else {
            throw PostgresError.decoding("not a binary COPY")
        }
        offset = CopyFrame.signature.count + 4
        let extensionBytes: Int32 = try bytes.next(&offset)
        offset += Int(extensionBytes)
        hasHeader = true
    }
    var rows = 0
    while offset < bytes.count {
        let count = Int(try bytes.next(&offset, Int16.self))
        guard count >= 0 else { break }
        var fields: [UnsafeRawBufferPointer?] = []
        for _ in 0..<count {
            let length = Int(try bytes.next(&offset, Int32.self))
            guard length <= bytes.count - offset else {
                throw PostgresError.decoding("a row cut short")
            }
            guard length >= 0 else {
                fields.append(nil)
                continue
            }
            fields.append(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
            offset += length
        }
        try read(BinaryCopyRow(fields: fields))
        rows += 1
    }
    return rows
}
