import CPQ

extension Connection {
    /// Takes an answer over: the result, or what went wrong.
    func accept(
        _ answer: OpaquePointer?,
        _ statement: String?
    ) throws(PostgresError) -> ResultSet {
        guard let answer else { throw note(lost(statement)) }
        let result = ResultSet(answer)
        switch PQresultStatus(answer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
            return result
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            isPoisoned = true
            throw note(.misuse("COPY goes through copyIn and copyOut", statement: statement))
        default:
            throw note(refusal(result, statement))
        }
    }

    /// Remembers the first failure of a transaction, because later ones only follow from it.
    func note(_ error: PostgresError) -> PostgresError {
        if failure == nil { failure = error }
        if error.isStalePlan { statements.forgetAll() }
        return error
    }

    /// What the server said in a failed result, sorted into a kind.
    func refusal(_ result: ResultSet, _ statement: String?) -> PostgresError {
        func field(_ code: Int32) -> String? {
            PQresultErrorField(result.pointer, code).map { String(cString: $0) }
        }
        guard let sqlState = field(VIDYUT_PQ_SQLSTATE) else { return lost(statement) }
        var error = PostgresError(
            kind: .server,
            message: field(VIDYUT_PQ_MESSAGE) ?? "the server gave no message",
            sqlState: sqlState,
            detail: field(VIDYUT_PQ_DETAIL),
            hint: field(VIDYUT_PQ_HINT),
            constraint: field(VIDYUT_PQ_CONSTRAINT),
            table: field(VIDYUT_PQ_TABLE),
            column: field(VIDYUT_PQ_COLUMN),
            statement: statement
        )
        let function = field(VIDYUT_PQ_SOURCE_FUNCTION)
        if sqlState == "57014" {
            error.kind = ticket?.isCancelled == true ? .cancelled : .timeout
        } else if sqlState == "55P03" && error.message.contains("lock timeout") {
            error.kind = .timeout
        } else if PQstatus(handle) != CONNECTION_OK {
            error.kind = .connectionLost
        } else if sqlState == "26000"
            || (sqlState == "0A000" && function == "RevalidateCachedQuery")
        {
            error.isStalePlan = true
        }
        return error
    }

    /// The server is gone in the middle.
    func lost(_ statement: String?) -> PostgresError {
        let message = String(cString: PQerrorMessage(handle)).trimmedLine
        let isGone = PQstatus(handle) != CONNECTION_OK
        if !isGone { isPoisoned = true }
        return PostgresError(
            kind: .connectionLost,
            message: message.isEmpty ? "the connection to the database was lost" : message,
            statement: statement
        )
    }
}
