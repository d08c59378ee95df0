import Passwords

extension MeterDirectory {
    /// The meter that holds this token; nil when none does.
    package func meter(token: String) async throws -> MeterIdentity? {
        try await meter(credentialDigest: SecretToken.digest(token))
    }
}
