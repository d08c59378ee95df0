import Testing

/// What `vidyut reading` says of wrong use, before it asks the database.
@Suite(.enabled(if: BuiltProgram.path != nil))
struct ReadingCommandTests {
    private func edit(_ arguments: String...) async throws -> BuiltProgram.Outcome {
        try await BuiltProgram().run(
            ["reading", "edit", "M-17", "2026-11-20", "--reason", "x"] + arguments
        )
    }

    @Test func `a negative energy is refused by its value`() async throws {
        for text in ["-5", "1,-5", "x"] {
            let outcome = try await edit("--blocks", "40", "--set", text)
            #expect(outcome.status == 64, "\(outcome.errors)")
            #expect(outcome.errors.contains("0 or more, such as 120,130,110; not '\(text)'"))
        }
    }

    @Test func `the sender's method is offered to nobody`() async throws {
        let outcome = try await edit("--blocks", "40", "--estimate", "sender")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("best or one of neighbours, like_days"))
        #expect(!outcome.errors.contains("flat_between_registers, sender"))
    }
}
