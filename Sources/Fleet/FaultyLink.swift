import Synchronization

/// How often a link misbehaves, in thousandths of the messages.
package struct LinkFaults: Hashable, Sendable {
    /// Taken and never delivered.
    package var lostPermille: Int
    package var duplicatedPermille: Int
    /// Held back until after the next message.
    package var reorderedPermille: Int
    /// The link breaks before the message.
    package var disconnectsPermille: Int

    package init(
        lostPermille: Int = 0,
        duplicatedPermille: Int = 0,
        reorderedPermille: Int = 0,
        disconnectsPermille: Int = 0
    ) {
        self.lostPermille = lostPermille
        self.duplicatedPermille = duplicatedPermille
        self.reorderedPermille = reorderedPermille
        self.disconnectsPermille = disconnectsPermille
    }

    package static let none = LinkFaults()
}

/// A link that loses, repeats, reorders and breaks, the same way for the same seed.
package final class FaultyLink: FleetLink {
    private enum Fate {
        case deliver
        case lose
        case duplicate
        case hold
        case drop
    }

    private struct State {
        var count: Int64 = 0
        var held: FleetMessage?
    }

    private let link: any FleetLink
    private let faults: LinkFaults
    private let noise: Noise
    private let state = Mutex(State())

    package init(_ link: any FleetLink, faults: LinkFaults, seed: UInt64, serial: String) {
        self.link = link
        self.faults = faults
        noise = Noise(seed: seed, serial: serial)
    }

    /// Passes on what the true link says.
    package func run(_ receive: @escaping @Sendable (FleetEvent) async -> Void) async {
        await link.run(receive)
    }

    /// Breaks the true link.
    package func drop() async { await link.drop() }

    /// Readings suffer; the other messages pass.
    package func publish(_ message: FleetMessage) async throws(FleetLinkDown) {
        guard message.kind == .readings else { return try await link.publish(message) }
        let (fate, held) = state.withLock { state in
            state.count += 1
            let fate = self.fate(of: state.count)
            let held = state.held
            state.held = fate == .hold ? message : nil
            return (fate, held)
        }
        switch fate {
        case .deliver: try await link.publish(message)
        case .lose, .hold: break
        case .duplicate:
            try await link.publish(message)
            try await link.publish(message)
        case .drop: await link.drop()
        }
        if fate == .drop { throw FleetLinkDown("broken on purpose") }
        if let held { try await link.publish(held) }
    }

    private func fate(of number: Int64) -> Fate {
        let chance = Int(noise.fraction(.report, number) * 1_000)
        var bound = faults.lostPermille
        if chance < bound { return .lose }
        bound += faults.duplicatedPermille
        if chance < bound { return .duplicate }
        bound += faults.reorderedPermille
        if chance < bound { return .hold }
        bound += faults.disconnectsPermille
        return chance < bound ? .drop : .deliver
    }
}
