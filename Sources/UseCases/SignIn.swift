package import Passwords
package import Registry
package import Store
package import Units

/// A login and password that do not belong together, or a token nobody holds.
package struct NotSignedIn: Error, Sendable {
    package let detail: String

    package init(_ detail: String) { self.detail = detail }
}

/// Signs people in and out and recognises their tokens.
package struct SignIn: Sendable {
    /// What signing in gives: the token is shown once and only its digest is kept.
    package struct Session: Sendable {
        package let token: String
        package let expiresAt: Instant
        package let user: UserAccount
        package let office: Office
    }

    let store: Store
    let work: BlockingWork
    let clock: WallClock

    package init(store: Store, work: BlockingWork, clock: WallClock) {
        self.store = store
        self.work = work
        self.clock = clock
    }

    /// Opens a session.
    ///
    /// An unknown login costs as much time as a wrong password.
    package func callAsFunction(login: String, password: String) async throws -> Session {
        let refused = NotSignedIn("login or password is wrong")
        let found = try await store.withoutTenant { try $0.user(login: login.lowercased()) }
        let (account, hash, office) = try await load(found)
        let candidate = hash ?? Self.unknownLoginHash
        let matches = try await work.run { try Password.verify(password, against: candidate) }
        guard matches, hash != nil, let account, let office, !account.disabled else {
            throw refused
        }
        let token = SecretToken.generate(prefix: "vs_")
        let expiresAt = clock.now().adding(seconds: Limits.sessionSeconds)
        try await store.withTenant(office.id) { transaction in
            try transaction.insertSession(
                user: account.id,
                tokenDigest: SecretToken.digest(token),
                expiresAt: expiresAt
            )
        }
        return Session(token: token, expiresAt: expiresAt, user: account, office: office)
    }

    private func load(
        _ found: (office: Office.ID, user: UserAccount.ID)?
    ) async throws -> (UserAccount?, String?, Office?) {
        guard let found else { return (nil, nil, nil) }
        return try await store.withTenant(found.office, readOnly: true) { transaction in
            (
                try transaction.user(found.user), try transaction.passwordHash(found.user),
                try transaction.office()
            )
        }
    }

    /// Who holds this token; administrators are given the installation as their office.
    package func caller(token: String) async throws -> Caller {
        let digest = SecretToken.digest(token)
        let now = clock.now()
        let session = try await store.withoutTenant {
            try $0.session(tokenDigest: digest, at: now)
        }
        guard let found = session
        else { throw NotSignedIn("the token is unknown or has expired") }
        let account = try await store.withTenant(found.office, readOnly: true) {
            try $0.user(found.user)
        }
        guard let account, !account.disabled else {
            throw NotSignedIn("the token is unknown or has expired")
        }
        return Caller(
            office: found.office,
            name: account.login,
            role: account.role,
            user: account.id,
            consumer: account.consumer
        )
    }

    /// Ends the session of a token; an unknown one is no news.
    package func signOut(token: String) async throws {
        let digest = SecretToken.digest(token)
        let now = clock.now()
        let session = try await store.withoutTenant {
            try $0.session(tokenDigest: digest, at: now)
        }
        guard let found = session
        else { return }
        try await store.withTenant(found.office) { try $0.deleteSession(tokenDigest: digest) }
    }

    /// A valid yescrypt hash of a random password, checked when the login is unknown.
    private static let unknownLoginHash =
        "$y$j9T$uB1hRfz5mXnYp0yZ6E3lE.$trzesebPOZfq/FP/4NHDmBRnPEXEXisSba9mFc20NiD"
}
