import Testing

/// Looks again and again until the condition holds; records an issue if it never does.
func eventually(
    _ what: Comment,
    within seconds: Int = 30,
    _ holds: () async throws -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async rethrows {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await holds() { return }
        try? await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what, sourceLocation: sourceLocation)
}
