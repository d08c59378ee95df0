import Billing
import Registry
package import Store

/// Gives a repeated request the answer it got the first time.
package struct AnswerOnce: Sendable {
    let store: Store

    package init(store: Store) { self.store = store }

    /// The answer already given under this key; the same key with another request is refused.
    package func replay(
        key: String,
        request: [UInt8],
        by caller: Caller
    ) async throws -> (status: Int, body: String)? {
        guard !key.isEmpty, key.utf8.count <= 200 else {
            throw InvalidInput("Idempotency-Key", "out_of_range", "1 to 200 bytes")
        }
        let found = try await store.withTenant(caller.office, readOnly: true) {
            try $0.answer(idempotencyKey: key)
        }
        guard let found else { return nil }
        guard found.requestDigest == sha256(request) else {
            throw InvalidInput(
                "Idempotency-Key",
                "taken",
                "this key was used with another request"
            )
        }
        return (found.status, found.response)
    }

    /// Keeps an answer under its key.
    package func record(
        key: String,
        request: [UInt8],
        status: Int,
        body: String,
        by caller: Caller
    ) async throws {
        let digest = sha256(request)
        try await store.withTenant(caller.office) {
            try $0.recordAnswer(
                idempotencyKey: key,
                requestDigest: digest,
                status: status,
                response: body
            )
        }
    }
}
