import ArgumentParser
import Registry
import UseCases

/// `vidyut consumer`.
struct ConsumerCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consumer",
        abstract: "Register, list and show consumers.",
        subcommands: [Add.self, Import.self, List.self, Show.self]
    )

    private struct Entry: Encodable {
        let number: String
        let name: String
        let phone: String?
        let email: String?
        let address: String
        let language: String
        var services: [ServiceEntry]?

        init(_ consumer: Consumer, services: [Service]? = nil) {
            number = consumer.number
            name = consumer.name
            phone = consumer.phone
            email = consumer.email
            address = consumer.address
            language = consumer.language.rawValue
            self.services = services.map { $0.map(ServiceEntry.init) }
        }
    }

    /// `vidyut consumer add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a consumer.",
            discussion: "  vidyut consumer add C-17 --name \"K. Raman\" --phone +919812345678"
        )

        @Argument(help: "Number, unique in the office.")
        var number: String

        @Option(help: "Name for people.")
        var name: String

        @Option(help: ArgumentHelp("6 to 15 digits, with or without '+'.", valueName: "digits"))
        var phone: String?

        @Option(help: ArgumentHelp("E-mail address.", valueName: "address"))
        var email: String?

        @Option(help: ArgumentHelp("Postal address.", valueName: "text"))
        var address: String?

        @Option(help: ArgumentHelp("Language: en, ta or hi.", valueName: "code"))
        var language: String?

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let input = RegisterConsumer.Input(
                number: number,
                name: name,
                phone: phone,
                email: email,
                address: address,
                language: language
            )
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let consumer = try await useCases.registerConsumer(input, by: caller)
                if asJSON { return try Output.json(Entry(consumer)) }
                Terminal.print("Consumer \(consumer.number) is registered at \(office.code).")
            }
        }
    }

    /// `vidyut consumer import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register the consumers of a CSV file: all of them, or none.",
            discussion: "Columns: number,name and, if wished, phone,email,address,language."
        )

        @Argument(help: "CSV file, may be packed by gzip; '-' is the input.")
        var file: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let rows = try importRows(file)
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let count = try await useCases.registerConsumer.importRows(rows, by: caller)
                if asJSON { return try Output.json(["registered": count]) }
                Terminal.print("\(count) consumers are registered at \(office.code).")
            }
        }
    }

    /// `vidyut consumer list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the consumers.")

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let consumers = try await allPages {
                    try await useCases.registerConsumer.list($0, by: caller)
                }
                if asJSON { return try Output.jsonList(consumers.map { Entry($0) }) }
                Output.table(
                    ["Number", "Name", "Phone", "Language", "Address"],
                    consumers.map {
                        [$0.number, $0.name, $0.phone ?? "", $0.language.rawValue, $0.address]
                    },
                    none: "There are no consumers yet."
                )
            }
        }
    }

    /// `vidyut consumer show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a consumer and their services."
        )

        @Argument(help: "Number of the consumer.")
        var number: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, number) = (options.json, number)
            try await options.withOffice { useCases, _, caller in
                let (consumer, services) = try await useCases.registerConsumer.show(
                    number: number,
                    by: caller
                )
                if asJSON { return try Output.json(Entry(consumer, services: services)) }
                Output.pairs([
                    ("Number", consumer.number), ("Name", consumer.name),
                    ("Phone", consumer.phone), ("E-mail", consumer.email),
                    ("Address", consumer.address), ("Language", consumer.language.rawValue),
                ])
                Terminal.print("")
                printServices(services)
            }
        }
    }
}
