import Hummingbird
import Intake
import Logging
import MQTT
import Portal
import ServiceLifecycle
import Store
import UnixSignals
import UseCases
import Web

/// Everything that runs while the office is open: intake, jobs and the web server.
struct OfficeServer: Sendable {
    let useCases: UseCaseSet
    let client: MQTTClient
    let address: BindAddress
    let makeResponder: @Sendable () -> RouterResponder<WebContext>
    /// Gives the broker its password file; nil where somebody else keeps the broker.
    let writeBrokerAccess: BrokerAccessWriter?
    /// Where old months go; nil where nobody said.
    let archive: ArchiveMonths?
    let logger: Logger
    private let connections = OpenConnections(
        maximum: min(Web.Limits.connections, OpenFiles.allowed() - Limits.ownFiles)
    )

    /// Runs until a signal to stop; `onReady` is told the port of the web server.
    func run(
        signals: [UnixSignal] = [.sigterm, .sigint],
        onReady: @escaping @Sendable (Int) async -> Void = { _ in },
        extra: [any Service] = []
    ) async throws {
        _ = try await useCases.makePartitions()
        var services: [any Service] = [
            StoringService(acceptReadings: useCases.acceptReadings),
            HousekeepingService(useCases: useCases, archive: archive, logger: logger),
            FollowingService(directory: useCases.directory),
        ]
        if let writeBrokerAccess {
            services.append(
                BrokerAccessService(
                    credentials: useCases.brokerCredentials,
                    gateway: useCases.showGateway,
                    write: writeBrokerAccess,
                    logger: logger
                )
            )
        }
        services.append(IntakeService(client: client, useCases: useCases, logger: logger))
        services += [connections, webServer(onReady: onReady)]
        try await run(services + extra, signals: signals)
    }

    /// Runs the jobs alone, beside servers that do the rest, until a signal to stop.
    func runJobs() async throws {
        try await run(
            [HousekeepingService(useCases: useCases, archive: archive, logger: logger)],
            signals: [.sigterm, .sigint]
        )
    }

    private func run(_ services: [any Service], signals: [UnixSignal]) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                },
                gracefulShutdownSignals: signals,
                logger: logger
            )
        )
        try await group.run()
    }

    private func webServer(
        onReady: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        Application(
            responder: makeResponder(),
            server: connections.server,
            configuration: ApplicationConfiguration(address: address),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}

/// Writes batches; at the end what waits is still written.
private struct StoringService: Service {
    let acceptReadings: AcceptReadings

    func run() async {
        await withGracefulShutdownHandler {
            await acceptReadings.run()
        } onGracefulShutdown: {
            Task { await acceptReadings.close() }
        }
    }
}

/// Takes readings from the broker until the office closes.
private struct IntakeService: Service {
    let client: MQTTClient
    let useCases: UseCaseSet
    let logger: Logger

    func run() async throws {
        let gateway = OldMeterIntake(client: client, useCases: useCases, logger: logger)
        let intake = ReadingIntake(
            client: client,
            acceptReadings: useCases.acceptReadings,
            directory: useCases.directory,
            live: useCases.live,
            old: gateway,
            logger: logger
        )
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.sendCommands() }
                defer { group.cancelAll() }
                try await intake.run()
            }
        } onGracefulShutdown: {
            Task { await client.disconnect() }
        }
    }
}

/// Forgets remembered meters when they change.
private struct FollowingService: Service {
    let directory: MeterDirectory

    func run() async {
        await cancelWhenGracefulShutdown { await directory.followChanges() }
    }
}

/// Keeps the broker's password file, and the listeners of old meters, as the database says.
private struct BrokerAccessService: Service {
    let credentials: BrokerCredentials
    let gateway: ShowGateway
    let write: BrokerAccessWriter
    let logger: Logger

    func run() async {
        let (wishes, wish) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        wish.yield()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in credentials.changes() { wish.yield() }
                }
                // A file of meters registered one by one is one change to the broker.
                for await _ in wishes {
                    try? await Task.sleep(for: .milliseconds(Limits.passwordPauseMilliseconds))
                    await rewrite()
                }
                group.cancelAll()
            }
        }
    }

    /// Tries until it is done: a meter without its password could not report.
    private func rewrite() async {
        while !Task.isCancelled {
            do {
                try await write(try await credentials(), try await gateway.listeners())
                return
            } catch {
                logger.warning(
                    "the broker's password file was not written; it is tried again",
                    metadata: ["reason": "\(error)"]
                )
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// What is done by the clock: newest values written, days closed, nights forecast, partitions made
/// ahead, photos and old months sent away.
private struct HousekeepingService: Service {
    let useCases: UseCaseSet
    let archive: ArchiveMonths?
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await every(.seconds(2), "flush") { try await useCases.live.flush() }
                }
                group.addTask {
                    await every(.seconds(30), "roll up") {
                        logger.note(try await useCases.rollUpDays.all())
                    }
                }
                group.addTask {
                    await every(.seconds(Limits.forecastPauseSeconds), "forecast") {
                        for night in try await useCases.runForecasts.all() {
                            logger.info(
                                "night forecast",
                                metadata: [
                                    "office": "\(night.office)",
                                    "origin": "\(night.run.origin)",
                                    "services": "\(night.run.services)",
                                    "forecasts": "\(night.run.forecasts)",
                                ]
                            )
                        }
                    }
                }
                group.addTask {
                    await every(.seconds(3_600), "partitions") {
                        for month in try await useCases.makePartitions() {
                            logger.info("partition made", metadata: ["month": "\(month)"])
                        }
                    }
                }
                group.addTask {
                    await every(.seconds(Limits.photoPauseSeconds), "photos") {
                        let count = try await useCases.removePhotos.all()
                        guard count > 0 else { return }
                        logger.info("photos removed", metadata: ["photos": "\(count)"])
                    }
                }
                if let archive {
                    group.addTask {
                        await every(.seconds(Limits.retentionPauseSeconds), "retention") {
                            _ = try await archive { done in
                                logger.notice("readings archived", metadata: ["what": "\(done)"])
                            }
                        }
                    }
                }
            }
        }
        try? await useCases.live.flush()
    }

    private func every(
        _ pause: Duration,
        _ name: String,
        _ body: @Sendable () async throws -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await body()
            } catch is CancellationError {
                return
            } catch {
                logger.warning(
                    "a job failed; it is tried again",
                    metadata: ["job": "\(name)", "reason": "\(error)"]
                )
            }
            try? await Task.sleep(for: pause)
        }
    }
}
