import FoundationEssentials

/// The checkout that these tests hold to the rules.
struct Repository: Sendable {
    let root: String
    /// Swift, C and Arduino sources under Sources, Tests, Firmware and the manifest.
    let sources: [SourceFile]
    /// Every file people write, as text, by path.
    let texts: [String: String]

    static let shared = Repository(root: locateRoot())

    /// The folder above Tests; `VIDYUT_SOURCE_ROOT` names another one.
    private static func locateRoot() -> String {
        if let named = ProcessInfo.processInfo.environment["VIDYUT_SOURCE_ROOT"] { return named }
        return #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
    }

    private static let folders = [
        "Sources", "Tests", "Migrations", "Firmware", "deploy", ".ci",
    ]
    private static let sourceEndings = ["swift", "c", "h", "cpp", "ino"]
    private static let textEndings =
        sourceEndings + ["sql", "md", "yaml", "json", "mustache", "css", "js", "service", "conf"]

    init(root: String) {
        self.root = root
        var texts: [String: String] = [:]
        for path in Repository.paths(under: root) {
            guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else {
                continue
            }
            texts[path] = String(decoding: data, as: UTF8.self)
        }
        self.texts = texts
        sources = texts.sorted { $0.key < $1.key }.compactMap { path, text in
            guard Repository.sourceEndings.contains(Repository.ending(path)) else { return nil }
            return SourceFile(path: path, text: text)
        }
    }

    private static func paths(under root: String) -> [String] {
        let files = FileManager.default
        let top = (try? files.contentsOfDirectory(atPath: root)) ?? []
        var paths = top.filter { $0 == "dev" || ["md", "swift"].contains(ending($0)) }
        for folder in folders {
            let inside = (try? files.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
            paths += inside.map { "\(folder)/\($0)" }.filter { path in
                textEndings.contains(ending(path)) && !path.contains("/.")
            }
        }
        return paths
    }

    private static func ending(_ path: String) -> String {
        path.split(separator: "/").last?.split(separator: ".").last.map(String.init) ?? ""
    }

    /// The names at the top, without what git does not keep.
    var topLevel: Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return Set(names.filter { !$0.hasPrefix(".") && $0 != "Package.resolved" })
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(root)/\(path)")
    }

    func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "\(root)/\(path)")
    }
}
