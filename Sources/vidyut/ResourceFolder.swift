import Foundation

/// Files that the program reads and that are not in its executable: found in the checkout it was
/// built from, or where a package installs them.
enum Resource: String, Sendable {
    case migrations = "Migrations"
    case tariffs = "Sources/Tariffs/Documents"
    case openAPI = "Sources/API/openapi.yaml"

    /// Under `/usr/share/vidyut`.
    private var installedName: String {
        switch self {
        case .migrations: "migrations"
        case .tariffs: "tariffs"
        case .openAPI: "openapi.yaml"
        }
    }

    private static let installedFolder = "/usr/share/vidyut"

    /// The path: the one given, else above the executable, else above the current directory, else
    /// where a package installs it.
    ///
    /// The error says where was looked.
    func path(given: String? = nil) throws(ConfigurationError) -> String {
        if let given {
            guard FileManager.default.fileExists(atPath: given) else {
                throw ConfigurationError("\(given) does not exist")
            }
            return given
        }
        let installed = "\(Self.installedFolder)/\(installedName)"
        var candidates = [Self.executableFolder, FileManager.default.currentDirectoryPath]
            .compactMap(Checkout.containing).map { "\($0)/\(rawValue)" }
        candidates.append(installed)
        if let path = candidates.first(where: FileManager.default.fileExists(atPath:)) {
            return path
        }
        throw ConfigurationError(
            "\(rawValue) is not found: neither in a checkout around the program or the current "
                + "directory, nor as \(installed)"
        )
    }

    fileprivate static var executableFolder: String {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: path ?? "/").deletingLastPathComponent().path
    }
}

/// The folder of this program's sources.
enum Checkout {
    /// The nearest folder from here upwards that holds the sources.
    static func containing(_ folder: String) -> String? {
        var url = URL(fileURLWithPath: folder).standardizedFileURL
        while true {
            let isCheckout = ["Package.swift", "Migrations", "Sources/vidyut"].allSatisfy {
                FileManager.default.fileExists(atPath: url.appendingPathComponent($0).path)
            }
            if isCheckout { return url.path }
            guard url.path != "/" else { return nil }
            url.deleteLastPathComponent()
        }
    }

    /// Where private services live unless set: in the checkout of the program, else in the current
    /// directory.
    static var defaultStateDirectory: String {
        let folder =
            containing(Resource.executableFolder) ?? FileManager.default.currentDirectoryPath
        return "\(folder)/.vidyut"
    }
}
