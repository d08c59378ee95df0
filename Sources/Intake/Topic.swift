/// A topic of the contract, `vidyut/{user}/{kind}`, or an old meter's `esp32/pub` as the mount point of
/// its listener makes it: `vidyut/{user}/esp32/pub`.
struct Topic {
    /// What a message is about.
    enum Kind: String {
        case readings, live, events, results, status, ack, commands
        case old = "esp32/pub"
    }

    let user: String
    let kind: Kind

    /// Nil for a topic that is not of this form.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "vidyut", let kind = Kind(rawValue: String(parts[2]))
        else { return nil }
        self.user = String(parts[1])
        self.kind = kind
    }

    static func acknowledgement(to user: String) -> String { "vidyut/\(user)/ack" }

    /// What an old meter listens to; each its own, for it can only be addressed so.
    static func oldCommands(to user: String) -> String { "vidyut/\(user)/esp32/sub" }

    /// What the server listens to; shared, so that several servers divide the messages.
    static let subscriptions = [
        "$share/vidyut/vidyut/+/readings", "$share/vidyut/vidyut/+/live",
        "$share/vidyut/vidyut/+/esp32/pub",
    ]
}
