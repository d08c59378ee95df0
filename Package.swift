// swift-tools-version: 6.2
// The rooms of the house and their doors. What each room is for, and what it must never know,
// stands in ARCHITECTURE.md; Tests/HouseRulesTests holds the sources to it.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/CLibraries/\(name)",
        pkgConfig: pkgConfig,
        providers: [.apt([apt])]
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let signals = Target.Dependency.product(
    name: "UnixSignals",
    package: "swift-service-lifecycle"
)
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let arguments = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let configuration = Target.Dependency.product(
    name: "Configuration",
    package: "swift-configuration"
)
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "vidyut",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "vidyut", targets: ["vidyut"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration.git",
            from: "1.4.0",
            traits: ["JSON", "CommandLineArguments"]
        ),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git",
            from: "2.13.0"
        ),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        // Pure rooms.
        room("Units"),
        room("Metering", ["Units"]),
        .target(
            name: "Tariffs",
            dependencies: ["Units"],
            exclude: ["README.md", "Documents", "tariff.schema.json"],
            swiftSettings: settings
        ),
        room("Registry", ["Units", "Metering"]),
        .target(
            name: "Forecasting",
            dependencies: ["Units"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        room("Billing", ["Units", "Metering", "Registry", "Tariffs", "Forecasting", crypto]),

        // Wrappers of what is outside.
        library("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        library("CMosquitto", pkgConfig: "libmosquitto", apt: "libmosquitto-dev"),
        library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        library("CCrypt", pkgConfig: "libxcrypt", apt: "libcrypt-dev"),
        room("Postgres", ["CPQ", logging, metrics, lifecycle, crypto]),
        room("MQTT", ["CMosquitto", logging]),
        room("Gzip", ["CZlib"]),
        room("Passwords", ["CCrypt", crypto, cryptoExtras]),
        room("PrivateServices", [logging]),
        room("Telemetry", [logging, metrics]),

        // The meter's own code, and what travels between it and the office.
        .target(
            name: "MeterCore",
            path: "Firmware/core",
            publicHeadersPath: "include",
            cSettings: [.unsafeFlags(["-std=c11", "-Wall", "-Wextra"])]
        ),
        room("Wire", ["MeterCore", "Metering", "Units"]),
        room("ReadingFiles", ["Gzip", "Wire", "Metering", "Units", crypto]),
        room("Fleet", ["MeterCore", "MQTT", "Wire", "Metering", "Units", logging]),

        // Where the office works.
        room("Store", ["Postgres", "Units", "Metering", "Registry", "Billing", "Forecasting"]),
        room(
            "UseCases",
            [
                "Store", "Units", "Metering", "Registry", "Tariffs", "Billing", "Forecasting",
                "Passwords", "ReadingFiles", metrics,
            ]
        ),
        room(
            "Intake",
            ["MQTT", "Wire", "UseCases", "Units", "Metering", "Registry", logging, metrics]
        ),
        room(
            "Web",
            [
                "UseCases", "Registry", "Metering", "Units", hummingbird, lifecycle, logging,
                metrics,
            ]
        ),
        room(
            "API",
            [
                "Web", "UseCases", "Wire", "Units", "Metering", "Registry", "Tariffs", "Billing",
                "Forecasting", hummingbird, logging,
            ]
        ),
        room(
            "Portal",
            [
                "Web", "UseCases", "Wire", "Units", "Metering", "Registry", "Forecasting",
                "Billing",
                hummingbird, mustache, logging,
            ]
        ),

        // The program.
        .executableTarget(
            name: "vidyut",
            dependencies: [
                "Units", "Metering", "Tariffs", "Registry", "Billing", "Forecasting", "Postgres",
                "MQTT", "Gzip", "Passwords", "PrivateServices", "Telemetry", "Wire", "Fleet",
                "Store", "UseCases", "Intake", "Web", "API", "Portal", "ReadingFiles", hummingbird,
                arguments, configuration,
                lifecycle, signals, logging, metrics,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Units", "Metering", "Registry", "Tariffs", "Billing", "Forecasting", "Postgres",
                "MQTT", "PrivateServices", "Passwords", "Telemetry", "Wire", "Fleet", "Store",
                "UseCases", "Intake", "Web", "API", "ReadingFiles", hummingbird, lifecycle, logging,
                metrics,
            ],
            swiftSettings: settings
        ),

        // Tests mirror the rooms.
        .target(
            name: "TestSupport",
            dependencies: [
                "Units", "Metering", "Registry", "Tariffs", "Billing", "Postgres",
                "PrivateServices", "Passwords", "Store", "UseCases", logging,
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .target(
            name: "WebTestSupport",
            dependencies: [
                "TestSupport", "Units", "Registry", "UseCases", "Web", hummingbird, lifecycle,
            ],
            path: "Tests/WebTestSupport",
            swiftSettings: settings
        ),
        tests("HouseRulesTests", []),
        tests("UnitsTests", ["Units"]),
        tests("MeteringTests", ["Metering", "Units"]),
        tests("RegistryTests", ["Registry", "TestSupport", "Units"]),
        tests("TariffsTests", ["Tariffs", "Units"]),
        tests(
            "ForecastingTests",
            [
                "Billing", "Forecasting", "Gzip", "Metering", "Registry", "Tariffs", "Units",
                "Wire",
            ]
        ),
        tests(
            "BillingTests",
            ["Billing", "Forecasting", "Tariffs", "Registry", "Metering", "Units"]
        ),
        tests("MeterCoreTests", ["MeterCore"]),
        tests("WireTests", ["Wire", "MeterCore", "Metering", "Units"]),
        tests("FleetTests", ["Fleet", "MQTT", "Wire", "Metering", "Units", logging]),
        tests("PostgresTests", ["Postgres", "TestSupport"]),
        tests("PrivateServicesTests", ["PrivateServices", "Postgres", "TestSupport", logging]),
        tests("MQTTTests", ["MQTT", logging]),
        tests("GzipTests", ["Gzip"]),
        tests("ReadingFilesTests", ["ReadingFiles", "Gzip", "Metering", "Units"]),
        tests("PasswordsTests", ["Passwords"]),
        tests("TelemetryTests", ["Telemetry", logging, metrics]),
        tests(
            "StoreTests",
            [
                "TestSupport", "Store", "UseCases", "Passwords", "Postgres", "Metering", "Registry",
                "Units",
            ]
        ),
        tests(
            "UseCasesTests",
            [
                "TestSupport", "UseCases", "Store", "Postgres", "Billing", "Metering", "Passwords",
                "Registry", "ReadingFiles", "Forecasting", "Tariffs", "Units",
            ]
        ),
        tests(
            "IntakeTests",
            [
                "TestSupport", "Intake", "MQTT", "Wire", "Metering", "Passwords",
                "PrivateServices", "Registry", "Store", "UseCases", "Units",
            ]
        ),
        tests(
            "APITests",
            [
                "WebTestSupport", "TestSupport", "API", "Web", "UseCases", "Billing", "Metering",
                "Registry", "Tariffs", "Units", hummingbird, yams,
            ]
        ),
        .testTarget(
            name: "PortalTests",
            dependencies: [
                "WebTestSupport", "TestSupport", "Portal", "Web", "UseCases", "Billing",
                "Forecasting", "Metering", "Registry", "Units", hummingbird,
            ],
            exclude: ["__Snapshots__"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "BrowserTests",
            dependencies: [
                "WebTestSupport", "TestSupport", "API", "Portal", "UseCases", "Metering",
                "Registry",
                "Units",
            ],
            exclude: ["portal.py"],
            swiftSettings: settings
        ),
        tests(
            "VidyutTests",
            [
                "vidyut", "WebTestSupport", "TestSupport", "API", "UseCases", "Billing", "Gzip",
                "Metering", "ReadingFiles",
                "PrivateServices", "Registry", "Tariffs", "Wire", "Units", "Fleet", "MQTT",
                "Passwords", "Postgres", "Store", "Forecasting", logging,
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
