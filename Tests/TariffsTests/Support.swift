import Foundation
import Units

@testable import Tariffs

/// Where the tests find files: the shipped documents, and the shared cases where they are at hand.
enum Files {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let documents = root.appending(path: "Sources/Tariffs/Documents")

    static let schema = root.appending(path: "Sources/Tariffs/tariff.schema.json")

    static let shared: URL = {
        if let path = ProcessInfo.processInfo.environment["VIDYUT_SHARED"] {
            return URL(fileURLWithPath: path)
        }
        return root.deletingLastPathComponent().appending(path: "shared")
    }()

    static let hasShared = FileManager.default.fileExists(
        atPath: shared.appending(path: "tariffs/cases.json").path
    )

    static func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

    static func shippedDocuments() throws -> [TariffDocument] {
        let names = try FileManager.default.contentsOfDirectory(atPath: documents.path).sorted()
        return try names.map { try TariffDocument.load(bytes(documents.appending(path: $0))) }
    }

    static func shipped(_ id: String) throws -> TariffDocument {
        try TariffDocument.load(bytes(documents.appending(path: "\(id).json")))
    }
}

/// A document from the JSON of its lines; `extra` are further members such as `"base_months": 2,`.
func document(_ lines: String, _ extra: String = "", id: String = "test-2026-01") throws
    -> TariffDocument
{
    let json = """
        {"id": "\(id)", "utility": "Test", "category": "Test", \(extra) "lines": [\(lines)]}
        """
    return try TariffDocument.load(Array(json.utf8))
}

/// The error that a document's text gives.
func decodingError(_ json: String) -> TariffDocumentError? {
    do {
        _ = try TariffDocument.decodeAll(Array(json.utf8))
        return nil
    } catch { return error }
}

/// Inputs as a case writes them.
func inputs(_ json: String) throws -> RatingInputs { try RatingInputs(json: Array(json.utf8)) }

func units(_ value: Int64) -> Energy { Energy(wattHours: value * 1_000) }

func date(_ text: String) throws -> CivilDate {
    guard let date = CivilDate(text) else { throw JSONFault(line: 0, column: 0, reason: text) }
    return date
}

func period(_ first: String, _ last: String) throws -> BillingPeriod {
    guard let period = BillingPeriod(first: try date(first), last: try date(last)) else {
        throw JSONFault(line: 0, column: 0, reason: "\(first) \(last)")
    }
    return period
}

/// A small seeded generator (SplitMix64), so that a failing property can be repeated.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// One plain slab line at one rate.
let flatLine = """
    {"id": "energy", "kind": "blocks", "blocks": [[null, "5.00"]]}
    """
