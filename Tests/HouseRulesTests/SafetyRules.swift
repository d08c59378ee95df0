/// What may crash, race, or reach outside behind the program's back.
enum SafetyRules {
    /// What a finding breaks; some kinds have a list of exceptions.
    enum Kind: CaseIterable, Sendable {
        case crash, unchecked, unstructured, clock, stopwatch, access

        var exceptions: [RuleException] {
            switch self {
            case .unchecked: RuleExceptions.uncheckedSendable
            case .unstructured: RuleExceptions.unstructuredTasks
            case .clock: RuleExceptions.systemClock
            case .stopwatch: RuleExceptions.stopwatch
            case .crash, .access: []
            }
        }
    }

    static func violations(in file: SourceFile) -> [Violation] {
        Kind.allCases.filter { !$0.exceptions.cover(file.path) }
            .flatMap { findings(of: $0, in: file) }
    }

    /// Every place of this kind, excepted or not.
    static func findings(of kind: Kind, in file: SourceFile) -> [Violation] {
        guard file.isSwift, !file.isTest else { return [] }
        return file.tokens.indices.compactMap { index in
            switch kind {
            case .crash: crash(index, file)
            case .unchecked: unchecked(index, file)
            case .unstructured: unstructured(index, file)
            case .clock: clock(index, file)
            case .stopwatch: stopwatch(index, file)
            case .access: access(index, file)
            }
        }
    }

    // MARK: Crashes

    private static func crash(_ index: Int, _ file: SourceFile) -> Violation? {
        let token = file.tokens[index]
        if token.text == "fatalError", token.kind == .word {
            return file.violation(token.line, "fatalError: throw, or state a precondition")
        }
        guard token.text == "!", token.kind == .symbol, !token.spaceBefore,
            let last = file.token(index - 1)
        else { return nil }
        if file.token(index + 1).map({ $0.text == "=" && !$0.spaceBefore }) ?? false { return nil }
        switch (last.kind, last.text) {
        case (.word, "try"): return file.violation(token.line, "try! crashes")
        case (.word, "as"): return file.violation(token.line, "as! crashes")
        case (.word, "init"): return file.violation(token.line, "init! hides a failure")
        case (.word, _), (.string, _), (.symbol, ")"), (.symbol, "]"), (.symbol, "}"),
            (.symbol, "?"), (.symbol, "!"):
            return file.violation(token.line, "a forced unwrap crashes")
        default: return nil
        }
    }

    // MARK: Races

    private static func unchecked(_ index: Int, _ file: SourceFile) -> Violation? {
        let isUnchecked = file.matches("@", "unchecked", at: index)
        let isUnsafe = file.matches("nonisolated", "(", "unsafe", ")", at: index)
        guard isUnchecked || isUnsafe else { return nil }
        let what = isUnchecked ? "@unchecked" : "nonisolated(unsafe)"
        return file.violation(
            file.tokens[index].line,
            "\(what) outside the list in RuleExceptions.swift"
        )
    }

    /// A task nobody waits for: `Task {`, `Task(…) {`, `Task<…> {`, `Task.detached`.
    private static func unstructured(_ index: Int, _ file: SourceFile) -> Violation? {
        guard file.matches("Task", at: index), file.tokens[index].kind == .word,
            !["func", "struct", "class", "enum", "case", "."].contains(
                file.token(index - 1)?.text ?? ""
            )
        else { return nil }
        var next = index + 1
        if file.matches("<", at: next) {
            while let token = file.token(next), token.text != ">" { next += 1 }
            next += 1
        }
        let starts =
            file.matches("{", at: next) || file.matches("(", at: next)
            || file.matches(".", "detached", at: next) || file.matches(".", "immediate", at: next)
        guard starts else { return nil }
        return file.violation(
            file.tokens[index].line,
            "an unstructured task outside the list in RuleExceptions.swift"
        )
    }

    // MARK: Clocks

    private static func clock(_ index: Int, _ file: SourceFile) -> Violation? {
        let token = file.tokens[index]
        guard token.kind == .word else { return nil }
        let name = token.text
        let reads =
            ["gettimeofday", "CFAbsoluteTimeGetCurrent", "CLOCK_REALTIME"].contains(name)
            || ["Date", "DispatchWallTime"].contains(name) && readsNow(index, file)
            || name == "Date" && file.matches("(", ")", at: index + 1)
            || name == "Date" && file.matches(".", "init", "(", ")", at: index + 1)
            || name == "Date" && file.matches("(", "timeIntervalSinceNow", at: index + 1)
            || name == "time" && file.matches("(", "nil", ")", at: index + 1)
        guard reads else { return nil }
        return file.violation(token.line, "the system clock; take the injected one")
    }

    private static func stopwatch(_ index: Int, _ file: SourceFile) -> Violation? {
        let token = file.tokens[index]
        let clocks: Set<String> = ["ContinuousClock", "SuspendingClock", "DispatchTime"]
        guard token.kind == .word,
            token.text == "clock_gettime" || clocks.contains(token.text) && readsNow(index, file)
        else { return nil }
        return file.violation(token.line, "a monotonic clock outside RuleExceptions.swift")
    }

    private static func readsNow(_ index: Int, _ file: SourceFile) -> Bool {
        file.matches(".", "now", at: index + 1)
            || file.matches("(", ")", ".", "now", at: index + 1)
    }

    // MARK: Access

    private static func access(_ index: Int, _ file: SourceFile) -> Violation? {
        let token = file.tokens[index]
        guard token.kind == .word, file.token(index - 1)?.text != "." else { return nil }
        let opens: Set<String> = ["class", "func", "var", "init", "subscript"]
        let isOpen = token.text == "open" && opens.contains(file.token(index + 1)?.text ?? "")
        guard token.text == "public" || isOpen else { return nil }
        return file.violation(token.line, "\(token.text): rooms show themselves by package")
    }
}
