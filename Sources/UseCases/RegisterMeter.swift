package import Metering
package import Passwords
import Registry
package import Store
import Units

/// Registers meters, hangs them at services, exchanges them and renews their credentials.
package struct RegisterMeter: Sendable {
    /// A meter to register, and where it hangs if it does already.
    package struct Input: Sendable {
        package var serial: String
        package var registerDigits: Int
        package var multiplier: Int
        package var channels: Int
        package var serviceNumber: String?
        package var installedAt: String?
        package var openingRegisterWattHours: Int
        /// It has the student project's firmware and comes through the gateway.
        package var isOld: Bool
        /// Of its listener; the next free one when nil.
        package var gatewayPort: Int?

        package init(
            serial: String,
            registerDigits: Int? = nil,
            multiplier: Int? = nil,
            channels: Int? = nil,
            serviceNumber: String? = nil,
            installedAt: String? = nil,
            openingRegisterWattHours: Int? = nil,
            isOld: Bool = false,
            gatewayPort: Int? = nil
        ) {
            self.serial = serial
            self.registerDigits = registerDigits ?? 8
            self.multiplier = multiplier ?? 1
            self.channels = channels ?? 3
            self.serviceNumber = serviceNumber?.nilWhenEmpty
            self.installedAt = installedAt?.nilWhenEmpty
            self.openingRegisterWattHours = openingRegisterWattHours ?? 0
            self.isOld = isOld
            self.gatewayPort = gatewayPort
        }

        func validated() throws -> (meter: Meter, installedAt: Instant?) {
            var faults = FaultCollector()
            faults.checkPresent(serial, "serial", maximum: 40)
            faults.check(
                (4...12).contains(registerDigits),
                "registerDigits",
                "out_of_range",
                "4 to 12"
            )
            faults.check(
                (1...100_000).contains(multiplier),
                "multiplier",
                "out_of_range",
                "1 to 100000"
            )
            faults.check((1...3).contains(channels), "channels", "out_of_range", "1 to 3")
            faults.check(
                openingRegisterWattHours >= 0,
                "openingRegisterWattHours",
                "out_of_range",
                "0 or more"
            )
            var modulus = 1_000
            for _ in 0..<min(max(registerDigits, 0), 12) { modulus *= 10 }
            faults.check(
                openingRegisterWattHours < modulus,
                "openingRegisterWattHours",
                "out_of_range",
                "below what \(registerDigits) register digits can show"
            )
            faults.check(
                isOld || gatewayPort == nil,
                "gatewayPort",
                "invalid",
                "only a meter registered as old has a listener of its own"
            )
            let instant = installedAt.flatMap { Instant($0) }
            faults.check(
                installedAt == nil || instant != nil,
                "installedAt",
                "invalid",
                "an instant such as 2026-11-23T10:15:00Z"
            )
            try faults.finish()
            let meter = Meter(
                id: Meter.ID(0),
                serial: serial,
                registerDigits: registerDigits,
                multiplier: multiplier,
                channels: channels
            )
            return (meter, instant)
        }
    }

    /// A registered meter with its credential, shown this once.
    package struct Registered: Sendable {
        package let meter: Meter
        /// `office.serial`: its user name at the broker.
        package let name: String
        package let credential: String
        /// Of its listener at the broker; old meters only.
        package let gatewayPort: Int?
    }

    let store: Store
    let work: BlockingWork
    let clock: WallClock
    let gatewayPorts: ClosedRange<Int>

    package init(
        store: Store,
        work: BlockingWork,
        clock: WallClock,
        gatewayPorts: ClosedRange<Int> = Limits.oldMeterPorts
    ) {
        self.store = store
        self.work = work
        self.clock = clock
        self.gatewayPorts = gatewayPorts
    }

    /// Registers one meter.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> Registered {
        try caller.require(.manager, .engineer)
        let secret = try await newSecret()
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            try insert(input, secret: secret, now: now, in: transaction)
        }
    }

    /// Registers the rows of a file, all or none; the credentials are in the answer only.
    package func importRows(_ rows: [ImportRow], by caller: Caller) async throws -> [Registered] {
        try caller.require(.manager, .engineer)
        try ImportRow.checkColumns(
            of: rows,
            known: [
                "serial", "registerDigits", "multiplier", "channels", "service", "installedAt",
                "openingRegisterWattHours", "old", "gatewayPort",
            ],
            required: ["serial"]
        )
        var secrets: [Int: Secret] = [:]
        for row in rows { secrets[row.line] = try await newSecret() }
        let now = clock.now()
        let registered = Box<[Registered]>([])
        _ = try await ImportRow.storeAll(rows, store: store, office: caller.office) {
            [secrets] transaction, row in
            guard let secret = secrets[row.line] else { throw NotFound("line") }
            var fields = RowFields(row)
            let input = Input(
                serial: row["serial"] ?? "",
                registerDigits: fields.integer("registerDigits"),
                multiplier: fields.integer("multiplier"),
                channels: fields.integer("channels"),
                serviceNumber: row["service"],
                installedAt: row["installedAt"],
                openingRegisterWattHours: fields.integer("openingRegisterWattHours"),
                isOld: fields.flag("old"),
                gatewayPort: fields.integer("gatewayPort")
            )
            let one = try fields.then {
                try insert(input, secret: secret, now: now, in: transaction)
            }
            registered.withLock { $0.append(one) }
        }
        // A retried transaction registers again from the first row: only the last attempt counts.
        return registered.withLock { Array($0.suffix(rows.count)) }
    }

    /// A new credential for a meter; the old one stops at once.
    package func renewCredential(serial: String, by caller: Caller) async throws -> Registered {
        try caller.require(.manager, .engineer)
        let secret = try await newSecret()
        return try await store.withTenant(caller.office) { transaction in
            guard let meter = try transaction.meter(serial: serial) else {
                throw NotFound("meter '\(serial)'")
            }
            try transaction.setCredential(
                meter.id,
                digest: secret.digest,
                brokerHash: secret.brokerHash
            )
            let office = try transaction.office()
            return Registered(
                meter: meter,
                name: "\(office.code).\(serial)",
                credential: secret.token,
                gatewayPort: try transaction.oldMeterPort(meter.id)
            )
        }
    }

    private func insert(
        _ input: Input,
        secret: Secret,
        now: Instant,
        in transaction: TenantTransaction
    ) throws -> Registered {
        var (meter, installedAt) = try input.validated()
        meter.id = try transaction.insert(
            meter,
            credentialDigest: secret.digest,
            brokerHash: secret.brokerHash
        )
        if let number = input.serviceNumber {
            guard let service = try transaction.service(number: number) else {
                throw InvalidInput("service", "unknown", "no service '\(number)'")
            }
            try transaction.install(
                meter: meter.id,
                service: service.id,
                at: installedAt ?? now,
                openingRegister: Energy(wattHours: Int64(input.openingRegisterWattHours))
            )
        }
        var port: Int?
        if input.isOld {
            port = try transaction.makeOld(
                meter.id,
                port: input.gatewayPort,
                freePorts: gatewayPorts,
                register: Energy(wattHours: Int64(input.openingRegisterWattHours))
            )
        }
        let office = try transaction.office()
        return Registered(
            meter: meter,
            name: "\(office.code).\(meter.serial)",
            credential: secret.token,
            gatewayPort: port
        )
    }

    private struct Secret: Sendable {
        let token: String
        let digest: [UInt8]
        let brokerHash: String
    }

    private func newSecret() async throws -> Secret {
        try await work.run {
            let token = SecretToken.generate(prefix: "vm_")
            return Secret(
                token: token,
                digest: SecretToken.digest(token),
                brokerHash: MosquittoPassword.hash(token)
            )
        }
    }
}
