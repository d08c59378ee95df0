package import Tariffs
package import Units

/// A `.vbill` file: an issued bill with its proof and the tariff documents behind it, so that anyone
/// can compute it again, offline.
package enum BillFile {
    package static let format = "vidyut-bill-2"
    /// Formats that are still verified; 1 had no seal.
    static let knownFormats = [format, "vidyut-bill-1"]
    /// What a bill states besides its proof, in the order of the seal.
    private static let sealed = [
        "office", "number", "issuedAt", "dueOn", "consumerNumber", "consumerName", "serviceNumber",
        "address", "category", "proofSha256",
    ]

    /// The file of a bill.
    ///
    /// `tariffs`: the published documents that priced it, as they were published.
    package static func text(
        _ bill: Bill,
        office: String,
        tariffs: [PublishedTariff]
    ) -> String {
        let content = bill.content
        let head = [
            JSONMember("format", .string(format)),
            JSONMember("office", .string(office)),
            JSONMember("number", .string(bill.number ?? "")),
            JSONMember("issuedAt", .string(bill.issuedAt?.description ?? "")),
            JSONMember("dueOn", .string(bill.dueOn?.description ?? "")),
            JSONMember("consumerNumber", .string(content.consumerNumber)),
            JSONMember("consumerName", .string(content.consumerName)),
            JSONMember("serviceNumber", .string(content.serviceNumber)),
            JSONMember("address", .string(content.address)),
            JSONMember("category", .string(content.category)),
            JSONMember("totalPaise", .integer(content.total.paise)),
            JSONMember("proofSha256", .string(hexadecimal(content.proofDigest))),
        ]
        let value = JSONValue.object(
            head + [
                JSONMember("sealSha256", .string(seal(of: .object(head)))),
                // As text, so that its digest is over the very bytes.
                JSONMember("proof", .string(content.proof)),
                JSONMember(
                    "tariffs",
                    .array(
                        tariffs.map { tariff in
                            .object([
                                JSONMember("id", .string(tariff.id)),
                                JSONMember("sha256", .string(hexadecimal(tariff.digest))),
                                JSONMember("document", .string(tariff.body)),
                            ])
                        }
                    )
                ),
            ]
        )
        return String(decoding: value.bytes(), as: UTF8.self) + "\n"
    }

    /// The first thing that a file says and a new computation does not.
    package struct Difference: Error, Hashable, Sendable, CustomStringConvertible {
        /// Where: `$.proof.lines[0].slabs[2].amountExact`.
        package let path: String
        package let stated: String
        package let computed: String

        package var description: String {
            "\(path): the file says \(stated), the computation gives \(computed)"
        }
    }

    /// What a verified bill is.
    package struct Verified: Hashable, Sendable {
        package let number: String
        package let serviceNumber: String
        package let total: Money
        package let proofDigest: String
        /// Figures that were computed again and agreed.
        package let figures: Int
    }

    /// Computes a bill again from its file alone, or names the first difference.
    package static func verify(_ bytes: [UInt8]) throws -> Verified {
        let file: JSONValue
        do { file = try JSONValue(parsing: bytes) } catch {
            throw Difference(path: "$", stated: "no JSON", computed: error.reason)
        }
        let isKnown = file.text("format").map(knownFormats.contains) ?? false
        guard isKnown else {
            throw Difference(
                path: "$.format",
                stated: file.text("format").map { "\"\($0)\"" } ?? "nothing",
                computed: "\"\(format)\""
            )
        }
        let proofText = file.text("proof") ?? ""
        let digest = hexadecimal(sha256(Array(proofText.utf8)))
        try require("$.proofSha256", file.text("proofSha256"), digest)
        guard let proof = StoredProof(proofText)?.json else {
            throw Difference(path: "$.proof", stated: "no JSON", computed: "a proof")
        }
        guard let stated = proof.text("format"), BillProof.knownFormats.contains(stated) else {
            throw Difference(
                path: "$.proof.format",
                stated: proof.text("format") ?? "nothing",
                computed: BillProof.format
            )
        }
        let tariffs = try documents(file, proof)
        try checkRegisters(proof)
        try checkCurve(proof)
        let rating: Rating
        do {
            let inputs = try RatingInputs(json: (proof.member("inputs") ?? .null).bytes())
            rating = try rate(TariffVersions(tariffs), inputs)
        } catch {
            throw Difference(path: "$.proof.inputs", stated: "a bill", computed: "\(error)")
        }
        let computed = JSONValue.object(
            BillProof.figures(rating, lines: lines(of: rating, stated))
        )
        guard case .object(let members) = computed else { throw Unexpected() }
        var figures = 0
        for member in members {
            try compare(
                "$.proof.\(member.name)",
                proof.member(member.name) ?? .null,
                member.value,
                &figures
            )
        }
        try require("$.totalPaise", file.integer("totalPaise"), rating.total.paise)
        for name in ["serviceNumber", "consumerNumber"] {
            let short = String(name.dropLast("Number".count))
            try require("$.\(name)", file.text(name), proof.text(short) ?? "")
        }
        if stated != "vidyut-proof-2" {
            for name in ["consumerName", "address", "category"] {
                try require("$.\(name)", file.text(name), proof.text(name) ?? "")
            }
        }
        if file.text("format") == format {
            try require("$.sealSha256", file.text("sealSha256"), seal(of: file))
        }
        return Verified(
            number: file.text("number") ?? "",
            serviceNumber: file.text("serviceNumber") ?? "",
            total: rating.total,
            proofDigest: digest,
            figures: figures
        )
    }

    private struct Unexpected: Error {}

    /// The lines as a proof of this format has them.
    private static func lines(of rating: Rating, _ format: String) -> [BillLine] {
        var lines = billLines(rating)
        guard format != BillProof.format else { return lines }
        for index in lines.indices { lines[index].rounding = nil }
        return lines
    }

    /// SHA-256 over what the bill says of number, dates, party and proof, one a line: a changed
    /// number or name does not pass unseen, and the office can be asked for the seal it issued.
    private static func seal(of file: JSONValue) -> String {
        let text = sealed.map { "\($0)=\(file.text($0) ?? "")" }.joined(separator: "\n")
        return hexadecimal(sha256(Array(text.utf8)))
    }

    private static func require<Value: Equatable>(
        _ path: String,
        _ stated: Value?,
        _ computed: Value
    ) throws {
        guard stated != computed else { return }
        throw Difference(
            path: path,
            stated: stated.map { "\"\($0)\"" } ?? "nothing",
            computed: "\"\(computed)\""
        )
    }

    /// The documents of the file, each with the digest that the proof names.
    private static func documents(
        _ file: JSONValue,
        _ proof: JSONValue
    ) throws -> [TariffDocument] {
        let given = file.list("tariffs")
        var documents: [TariffDocument] = []
        for (index, named) in proof.list("tariffs").enumerated() {
            let path = "$.proof.tariffs[\(index)]"
            let id = named.text("id") ?? ""
            guard let tariff = given.first(where: { $0.text("id") == id }),
                let body = tariff.text("document")
            else { throw Difference(path: path, stated: id, computed: "no such document") }
            let digest = hexadecimal(sha256(Array(body.utf8)))
            try require("\(path).sha256", named.text("sha256"), digest)
            do {
                documents.append(try TariffDocument.load(Array(body.utf8)))
            } catch {
                throw Difference(path: path, stated: id, computed: "\(error)")
            }
        }
        return documents
    }

    /// Every register's digest, every segment's energy, and their sum against the units rated.
    private static func checkRegisters(_ proof: JSONValue) throws {
        var sum: Int64 = 0
        for (index, segment) in proof.list("registers").enumerated() {
            let path = "$.proof.registers[\(index)]"
            var registers: [Int64] = []
            for end in ["opening", "closing"] {
                let reading = segment.member(end) ?? .null
                let wattHours = reading.integer("wattHours") ?? 0
                try require(
                    "\(path).\(end).sha256",
                    reading.text("sha256"),
                    BillProof.readingDigest(
                        id: reading.text("id") ?? "",
                        wattHours: wattHours,
                        isEstimated: reading.text("origin") == "estimated"
                    )
                )
                registers.append(wattHours)
            }
            var modulus: Int64 = 1_000
            for _ in 0..<min(12, max(0, segment.integer("digits") ?? 0)) { modulus *= 10 }
            // A register that stands lower has rolled over, once.
            var difference = registers[1] - registers[0]
            if difference < 0 { difference += modulus }
            let (energy, overflow) = difference.multipliedReportingOverflow(
                by: segment.integer("multiplier") ?? 1
            )
            guard !overflow else { throw Unexpected() }
            try require("\(path).energyWattHours", segment.integer("energyWattHours"), energy)
            sum += energy
        }
        if let estimate = proof.member("estimate") { try checkEstimate(estimate, sum: sum) }
        let units = proof.member("inputs")?.text("units")
        try require("$.proof.inputs.units", units, Energy(wattHours: sum).kilowattHoursText)
    }

    private static func checkEstimate(_ estimate: JSONValue, sum: Int64) throws {
        let base = Int128(estimate.integer("energyWattHours") ?? 0)
        let days = Int128(estimate.integer("days") ?? 0)
        let baseDays = max(1, Int128(estimate.integer("energyDays") ?? 1))
        let energy = Int64(clamping: base * days / baseDays / 1_000 * 1_000)
        // A multiplier leaves whole steps of the register.
        guard sum <= energy, energy - sum < 1_000_000 else {
            throw Difference(
                path: "$.proof.estimate",
                stated: "\(sum) Wh",
                computed: "\(energy) Wh"
            )
        }
    }

    /// The slots and the demand that the load curve gave are those that were rated.
    private static func checkCurve(_ proof: JSONValue) throws {
        guard let curve = proof.member("loadCurve").flatMap(BilledCurve.init(json:)) else { return }
        let inputs: RatingInputs
        do { inputs = try RatingInputs(json: (proof.member("inputs") ?? .null).bytes()) } catch {
            throw Difference(path: "$.proof.inputs", stated: "a bill", computed: "\(error)")
        }
        for (name, table) in curve.tables {
            let rated = inputs.parameters[name]
            guard rated != table else { continue }
            throw Difference(
                path: "$.proof.inputs.params.\(name)",
                stated: rated.map { String(decoding: $0.json.bytes(), as: UTF8.self) } ?? "nothing",
                computed: String(decoding: table.json.bytes(), as: UTF8.self)
            )
        }
        if let demand = curve.demand {
            try require("$.proof.inputs.demand", inputs.demandVoltAmperes, demand.watts)
        }
    }

    private static func compare(
        _ path: String,
        _ stated: JSONValue,
        _ computed: JSONValue,
        _ figures: inout Int
    ) throws {
        switch (stated, computed) {
        case (.object, .object(let members)):
            for member in members {
                try compare(
                    "\(path).\(member.name)",
                    stated.member(member.name) ?? .null,
                    member.value,
                    &figures
                )
            }
        case (.array(let left), .array(let right)):
            for (index, pair) in zip(left, right).enumerated() {
                try compare("\(path)[\(index)]", pair.0, pair.1, &figures)
            }
            try require("\(path).count", left.count, right.count)
        default:
            figures += 1
            guard stated != computed else { return }
            throw Difference(
                path: path,
                stated: String(decoding: stated.bytes(), as: UTF8.self),
                computed: String(decoding: computed.bytes(), as: UTF8.self)
            )
        }
    }
}
