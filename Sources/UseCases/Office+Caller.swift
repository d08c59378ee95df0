package import Registry
package import Units

/// The clock as a port: the live one in the program, a fake one in tests.
package struct WallClock: Sendable {
    package var now: @Sendable () -> Instant

    package init(now: @escaping @Sendable () -> Instant) { self.now = now }
}

/// Who asks, and for which office: every verb that touches an office's things takes one.
package struct Caller: Sendable, Hashable {
    package var office: Office.ID
    package var name: String
    package var role: Role
    package var user: UserAccount.ID?
    /// Whose services a consumer sees.
    package var consumer: Consumer.ID?

    package init(
        office: Office.ID,
        name: String,
        role: Role,
        user: UserAccount.ID? = nil,
        consumer: Consumer.ID? = nil
    ) {
        self.office = office
        self.name = name
        self.role = role
        self.user = user
        self.consumer = consumer
    }

    /// The program itself and whoever sits at its command line.
    package static func operatorOfMachine(_ office: Office.ID) -> Caller {
        Caller(office: office, name: "operator", role: .administrator)
    }

    /// Lets staff and administrators pass.
    package func requireStaff() throws {
        guard role.isStaff || role == .administrator else {
            throw NotAllowed("only staff of the office may do this")
        }
    }

    /// Lets only the named roles and administrators pass.
    package func require(_ roles: Role...) throws {
        guard roles.contains(role) || role == .administrator else {
            let names = roles.map(\.rawValue).joined(separator: ", ")
            throw NotAllowed("only \(names) or administrator may do this")
        }
    }

    /// Lets administrators of the installation pass.
    package func requireAdministrator() throws {
        guard role == .administrator else {
            throw NotAllowed("only an administrator of the installation may do this")
        }
    }

    /// Another consumer's thing is not there at all.
    func requireSight(of owner: Consumer.ID, _ what: String) throws {
        if role == .consumer, consumer != owner { throw NotFound(what) }
    }
}

/// A page of a list, with where the next one begins.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    /// Nil on the last page.
    package var next: String?

    package init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }

    /// Cuts a list that was asked for with one item more than the limit.
    init(cutting items: [Item], limit: Int, key: (Item) -> String) {
        let page = Array(items.prefix(limit))
        self.init(items: page, next: items.count > limit ? page.last.map(key) : nil)
    }
}

/// Where a page begins and how long it is.
package struct PageRequest: Sendable {
    package var after: String
    package var limit: Int

    ///
    /// `limit`: 1 to 200, 50 when nothing is asked for.
    package init(after: String? = nil, limit: Int? = nil) throws {
        let limit = limit ?? Limits.pageDefault
        guard (1...Limits.pageMaximum).contains(limit) else {
            throw InvalidInput("limit", "out_of_range", "1 to \(Limits.pageMaximum)")
        }
        self.after = after ?? ""
        self.limit = limit
    }

    /// A key of an integer list; nil for the beginning.
    func key() throws -> Int32? {
        guard !after.isEmpty else { return nil }
        guard let value = Int32(after) else {
            throw InvalidInput("after", "invalid", "a cursor that a list gave")
        }
        return value
    }
}
