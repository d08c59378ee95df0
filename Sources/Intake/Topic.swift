/// A topic of the contract, `vidyut/{user}/{kind}`.
struct Topic {
    /// What a message is about.
    enum Kind: String {
        case readings, live, events, results, status, ack, commands
    }

    let user: String
    let kind: Kind

    /// Nil for a topic that is not of this form.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "vidyut", let kind = Kind(rawValue: String(parts[2]))
        else { return nil }
        self.user = String(parts[1])
        self.kind = kind
    }

    static func acknowledgement(to user: String) -> String { "vidyut/\(user)/ack" }

    /// What the server listens to; shared, so that several servers divide the messages.
    static let subscriptions = ["$share/vidyut/vidyut/+/readings", "$share/vidyut/vidyut/+/live"]
}
