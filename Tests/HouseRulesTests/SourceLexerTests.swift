import Testing

/// The lexer under the rules, on snippets that would mislead a careless one.
@Suite struct SourceLexerTests {
    private func words(_ text: String, _ language: SourceLexer.Language = .swift) -> [String] {
        SourceLexer(text, language: language).tokens.filter { $0.kind == .word }.map(\.text)
    }

    @Test func `comments are not code`() {
        #expect(words("one // two\n/* three /* four */ five */ six") == ["one", "six"])
    }

    @Test func `C comments do not nest`() {
        #expect(words("/* one /* two */ three", .c) == ["three"])
    }

    @Test func `literals are not code, interpolations are`() {
        let lexer = SourceLexer(
            #"let text = "one \(two + "three \(four)") five""#,
            language: .swift
        )

        #expect(
            lexer.tokens.filter { $0.kind == .word }.map(\.text) == ["let", "text", "two", "four"]
        )
        #expect(lexer.literals.map(\.text) == ["three $", "one $ five"])
    }

    @Test func `quotes inside literals do not end them`() {
        #expect(words(##"a "\" b" c #"d " \(e)"# f"##) == ["a", "c", "f"])
        #expect(words(##"#"one \#(two)"# three"##) == ["two", "three"])
        #expect(words("a \"\"\"\nb \" c \"\" d\n\"\"\" e") == ["a", "e"])
    }

    @Test func `lines are counted through everything`() {
        let text = "/*\n*/ one \"\"\"\n\n\"\"\" two // x\nthree"
        let lexer = SourceLexer(text, language: .swift)

        #expect(lexer.tokens.map(\.line) == [2, 2, 4, 5])
        #expect(lexer.comments.map(\.lastLine) == [2, 4])
    }

    @Test func `a raw identifier is one word`() {
        #expect(words("func `the first 100 units!`()") == ["func", "`the first 100 units!`"])
    }

    @Test func `a regular expression is not code, a division is`() {
        #expect(words("let r = /a!\"/ + b") == ["let", "r", "b"])
        #expect(words("(a / b) / \"c\" / d") == ["a", "b", "d"])
    }

    @Test func `characters of C are not code`() {
        #expect(words("case '\\'': case '\"': x", .c) == ["case", "case", "x"])
    }

    @Test func `text that ends too early does no harm`() {
        for text in ["\"", "\"\\", "\"\\(", "/*", "#\"", "`", "\"\"\"", "= /a", "#/"] {
            #expect(SourceLexer(text, language: .swift).tokens.count <= 3)
        }
    }
}
