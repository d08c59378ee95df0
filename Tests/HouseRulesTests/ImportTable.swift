/// Which room may import what: the table of ARCHITECTURE.md as a literal.
///
/// To open a door, change it here and in ARCHITECTURE.md, with the reason there.
enum ImportTable {
    /// Rooms without clocks, files, networks or databases.
    static let pureRooms: Set<String> = [
        "Units", "Metering", "Tariffs", "Billing", "Forecasting", "Alerting", "Registry",
    ]

    /// The standard library and what of Foundation is free of locales: allowed everywhere.
    static let everywhere: Set<String> = ["Swift", "Synchronization", "FoundationEssentials"]

    /// Allowed above the pure rooms.
    static let abovePure: Set<String> = ["Logging", "Metrics", "CoreMetrics"]

    private static let web: Set<String> = [
        "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOHTTPTypes",
    ]

    static let rooms: [String: Set<String>] = [
        "Units": [],
        "Metering": ["Units"],
        "Registry": ["Units", "Metering"],
        "Tariffs": ["Units"],
        "Billing": ["Units", "Metering", "Tariffs", "Registry", "Forecasting", "Crypto"],
        "Forecasting": ["Units"],
        "Alerting": ["Units", "Metering"],
        "Postgres": ["CPQ", "Crypto", "ServiceLifecycle", "Foundation", "Dispatch", "Glibc"],
        "PrivateServices": ["Foundation", "Glibc"],
        "MQTT": ["CMosquitto", "ServiceLifecycle", "Foundation", "Glibc"],
        "Curl": ["CCurl", "Glibc"],
        "Gzip": ["CZlib", "Glibc"],
        "Passwords": ["CCrypt", "Crypto", "CryptoExtras", "Glibc"],
        "Telemetry": ["Glibc"],
        "Wire": ["MeterCore", "Metering", "Units"],
        "ReadingFiles": ["Gzip", "Wire", "Metering", "Units", "Crypto", "Glibc"],
        "Store": pureRooms.union(["Postgres"]),
        "Documents": ["CPangoCairo", "CQREncode", "Billing", "Units"],
        "UseCases": pureRooms.union(["Store", "Passwords", "ReadingFiles", "ServiceLifecycle"]),
        "Messaging": ["Curl", "UseCases", "Units"],
        "Intake": pureRooms.union(["MQTT", "Wire", "UseCases", "ServiceLifecycle"]),
        "Web": pureRooms.union(web).union(["UseCases", "ServiceLifecycle"]),
        "API": pureRooms.union(web).union(["Web", "UseCases", "Wire", "ServiceLifecycle"]),
        "Portal": pureRooms.union(web).union(["Web", "Mustache", "UseCases", "Wire"]),
        "Fleet": ["MeterCore", "MQTT", "Wire", "Metering", "Units"],
    ]

    /// Rooms that assemble the others: like tests, they may import all but C libraries.
    static let assemblers: Set<String> = ["vidyut", "Benchmarks"]

    /// C libraries and the only rooms (and their tests) that may import them.
    static let wrappers: [String: Set<String>] = [
        "CPQ": ["Postgres"],
        "CMosquitto": ["MQTT"],
        "CCurl": ["Curl"],
        "CZlib": ["Gzip"],
        "CCrypt": ["Passwords"],
        "CPangoCairo": ["Documents"],
        "CQREncode": ["Documents"],
        "MeterCore": ["Wire", "Fleet"],
    ]

    /// Tests of the firmware core have no room of the same name in Sources.
    static let testsOfLibraries: [String: String] = ["MeterCoreTests": "MeterCore"]

    /// Nil when the target may import the module, else the reason why not.
    static func objection(to module: String, in target: String, isTest: Bool) -> String? {
        if let owners = wrappers[module] {
            let room = target.hasSuffix("Tests") ? String(target.dropLast(5)) : target
            let mayImport = owners.contains(room) || testsOfLibraries[target] == module
            return mayImport ? nil : "\(module) may be imported only by \(owners.sorted())"
        }
        if isTest || assemblers.contains(target) || everywhere.contains(module) { return nil }
        guard let allowed = rooms[target] else {
            return "the room \(target) is not in ImportTable.swift"
        }
        if allowed.contains(module) { return nil }
        if abovePure.contains(module), !pureRooms.contains(target) { return nil }
        return "\(target) may not import \(module)"
    }
}
