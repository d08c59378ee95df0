import Postgres
package import Registry
package import Units

extension LookupTransaction {
    /// Where a login belongs; logins are unique in the installation.
    package func user(login: String) throws -> (office: Office.ID, user: UserAccount.ID)? {
        guard
            let row = try connection.query(
                "select tenant_id, user_id from user_by_login(\(login))"
            ).first
        else { return nil }
        return (Office.ID(try row[0]), UserAccount.ID(try row[1]))
    }

    /// Whose session a token of this SHA-256 is, unless it has expired.
    package func session(
        tokenDigest: [UInt8],
        at now: Instant
    ) throws -> (office: Office.ID, user: UserAccount.ID)? {
        guard
            let row = try connection.query(
                "select tenant_id, user_id from session_by_token(\(Bytes(tokenDigest)), \(now))"
            ).first
        else { return nil }
        return (Office.ID(try row[0]), UserAccount.ID(try row[1]))
    }
}

extension TenantTransaction {
    /// Adds a user; the login must be new in the whole installation.
    package func insertUser(
        login: String,
        name: String,
        role: Role,
        consumer: Consumer.ID?,
        passwordHash: String
    ) throws -> UserAccount.ID {
        let rows = try connection.query(
            """
            insert into user_account (tenant_id, login, name, role, password_hash, consumer_id)
            values (\(tenant.value), \(login), \(name), \(role.rawValue), \(passwordHash),
                \(consumer?.value))
            returning user_id
            """
        )
        return UserAccount.ID(try firstRow(rows, "user")[0])
    }

    /// A user of this office.
    package func user(_ id: UserAccount.ID) throws -> UserAccount? {
        try connection.query(
            """
            select user_id, login, name, role, consumer_id, disabled_at is not null
            from user_account where tenant_id = \(tenant.value) and user_id = \(id.value)
            """
        ).first.map(UserAccount.init(row:))
    }

    /// Users of this office in order of login, after the given one.
    package func users(after login: String, limit: Int) throws -> [UserAccount] {
        try connection.query(
            """
            select user_id, login, name, role, consumer_id, disabled_at is not null
            from user_account where tenant_id = \(tenant.value) and login > \(login)
            order by login limit \(Int32(clamping: limit))
            """
        ).map(UserAccount.init(row:))
    }

    /// The yescrypt hash of a user's password.
    package func passwordHash(_ id: UserAccount.ID) throws -> String? {
        try connection.query(
            """
            select password_hash from user_account
            where tenant_id = \(tenant.value) and user_id = \(id.value)
            """
        ).first.map { try $0[0] }
    }

    /// Sets a new password and ends every session of the user.
    package func setPassword(_ id: UserAccount.ID, hash: String) throws {
        try connection.execute(
            """
            update user_account set password_hash = \(hash)
            where tenant_id = \(tenant.value) and user_id = \(id.value)
            """
        )
        try connection.execute(
            "delete from user_session where tenant_id = \(tenant.value) and user_id = \(id.value)"
        )
    }

    /// Opens a session; expired ones of the user are removed.
    package func insertSession(
        user: UserAccount.ID,
        tokenDigest: [UInt8],
        expiresAt: Instant
    ) throws {
        try connection.execute(
            """
            delete from user_session where tenant_id = \(tenant.value)
                and user_id = \(user.value) and expires_at < now() - interval '1 day'
            """
        )
        try connection.execute(
            """
            insert into user_session (tenant_id, token_digest, user_id, expires_at)
            values (\(tenant.value), \(Bytes(tokenDigest)), \(user.value), \(expiresAt))
            """
        )
    }

    /// Ends a session.
    package func deleteSession(tokenDigest: [UInt8]) throws {
        try connection.execute(
            """
            delete from user_session
            where tenant_id = \(tenant.value) and token_digest = \(Bytes(tokenDigest))
            """
        )
    }
}

extension UserAccount {
    init(row: Row) throws {
        let consumer: Int32? = try row[4]
        self.init(
            id: ID(try row[0]),
            login: try row[1],
            name: try row[2],
            role: try known(Role.self, try row[3]),
            consumer: consumer.map { Consumer.ID($0) },
            disabled: try row[5]
        )
    }
}
