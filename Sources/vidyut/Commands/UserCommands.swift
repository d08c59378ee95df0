import ArgumentParser
import Foundation
import Registry
import Units
import UseCases

/// `vidyut user`: people who sign in.
struct UserCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Add and list people who sign in; set passwords.",
        subcommands: [Add.self, List.self, SetPassword.self]
    )

    private struct Entry: Encodable {
        let login: String
        let name: String
        let role: String
        let disabled: Bool

        init(_ user: UserAccount) {
            login = user.login
            name = user.name
            role = user.role.rawValue
            disabled = user.disabled
        }
    }

    /// `vidyut user add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add someone who signs in.",
            discussion: """
                An administrator belongs to the installation, everyone else to an office; a \
                consumer sees their own services only. The password is taken from --password-file, \
                from VIDYUT_PASSWORD, asked for, or read from the first line of the input.
                  vidyut user add head@town --name "S. Devi" --role manager
                  vidyut user add k.raman --name "K. Raman" --role consumer --consumer C-17
                """
        )

        @Argument(help: "Login, unique in the installation.")
        var login: String

        @Option(help: "Name for people.")
        var name: String

        @Option(help: "administrator, manager, clerk, engineer or consumer.")
        var role: String

        @Option(help: ArgumentHelp("Consumer whose services a consumer sees.", valueName: "number"))
        var consumer: String?

        @OptionGroup var secret: PasswordOptions
        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let input = AddUser.Input(
                login: login,
                name: name,
                role: role,
                password: try secret.read(),
                consumerNumber: consumer
            )
            let asJSON = options.json
            @Sendable func added(_ user: UserAccount) throws {
                if asJSON { return try Output.json(Entry(user)) }
                Terminal.print("\(user.role.rawValue.capitalized) \(user.login) is added.")
            }
            if role == Role.administrator.rawValue {
                return try await options.settings.withUseCases { useCases in
                    try added(
                        try await useCases.addUser(input, by: .operatorOfMachine(Office.ID(0)))
                    )
                }
            }
            try await options.withOffice { useCases, _, caller in
                try added(try await useCases.addUser(input, by: caller))
            }
        }
    }

    /// `vidyut user list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the people of an office, or the administrators."
        )

        @Flag(help: "The administrators of the installation.")
        var administrators = false

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let asJSON = options.json
            @Sendable func show(_ useCases: UseCaseSet, _ caller: Caller) async throws {
                let users = try await allPages { try await useCases.addUser.list($0, by: caller) }
                if asJSON { return try Output.jsonList(users.map(Entry.init)) }
                Output.table(
                    ["Login", "Name", "Role", ""],
                    users.map {
                        [$0.login, $0.name, $0.role.rawValue, $0.disabled ? "disabled" : ""]
                    },
                    none: "Nobody can sign in yet."
                )
            }
            if administrators {
                return try await options.settings.withUseCases {
                    try await show($0, .operatorOfMachine(Office.ID(0)))
                }
            }
            try await options.withOffice { useCases, _, caller in try await show(useCases, caller) }
        }
    }

    /// `vidyut user password`.
    struct SetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "password",
            abstract: "Set someone's password; their sessions end."
        )

        @Argument(help: "Login.")
        var login: String

        @OptionGroup var secret: PasswordOptions

        @OptionGroup(title: "Settings", visibility: .hidden)
        var settings: SettingOptions

        func run() async throws {
            let (login, password) = (login, try secret.read())
            try await settings.withUseCases { useCases in
                try await useCases.addUser.setPassword(
                    login: login,
                    to: password,
                    by: .operatorOfMachine(Office.ID(0))
                )
                Terminal.print("The password of \(login) is set.")
            }
        }
    }
}

/// Where a password comes from.
struct PasswordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File whose first line is the password.",
            valueName: "path"
        )
    )
    var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "The password itself; other users of this machine can see it while the command runs.",
            valueName: "text"
        )
    )
    var password: String?

    /// The password from the first place that has one.
    func read() throws -> String {
        if let password { return password }
        if let passwordFile {
            guard let bytes = FileManager.default.contents(atPath: passwordFile),
                bytes.count <= Limits.passwordFileBytes,
                let line = String(decoding: bytes, as: UTF8.self)
                    .split(whereSeparator: \.isNewline).first
            else { throw CommandFailure("\(passwordFile) holds no password") }
            return String(line)
        }
        if let word = ProcessInfo.processInfo.environment["VIDYUT_PASSWORD"], !word.isEmpty {
            return word
        }
        guard Terminal.canAsk else {
            guard let line = readLine() else {
                throw ValidationError(
                    "A password is needed: --password-file, VIDYUT_PASSWORD or a line of input."
                )
            }
            return line
        }
        let first = Terminal.askSecretly("Password: ")
        guard let first, first == Terminal.askSecretly("The same again: ") else {
            throw CommandFailure("the two passwords differ")
        }
        return first
    }
}
