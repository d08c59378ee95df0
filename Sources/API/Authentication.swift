import HTTPTypes
import Hummingbird
import Registry
import Units
import UseCases
import Web

/// Recognises the bearer of a session token, and the office an administrator means.
struct Authentication: RouterMiddleware {
    let useCases: UseCaseSet

    func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let token = request.bearerToken else {
            throw NotSignedIn("send a session's token as Authorization: Bearer …")
        }
        guard !token.hasPrefix(Token.meterPrefix) else {
            throw NotAllowed("a meter's token is for POST /v1/readings and the old page's paths")
        }
        var context = context
        var caller = try await useCases.signIn.caller(token: token)
        caller = try await caller.turning(to: request.headers[.vidyutOffice], useCases)
        context.caller = caller
        return try await next(request, context)
    }
}

/// Kinds of tokens, told apart by how they begin.
enum Token {
    static let meterPrefix = "vm_"
}

extension Request {
    /// The token of `Authorization: Bearer …`; nil when there is none.
    var bearerToken: String? {
        guard let value = headers[.authorization] else { return nil }
        let bytes = value.utf8
        let space = UInt8(ascii: " ")
        guard let end = bytes.firstIndex(of: space) else { return nil }
        let scheme = bytes[..<end].lazy.map { $0 | 0x20 }
        guard scheme.elementsEqual("bearer".utf8) else { return nil }
        let token = bytes[end...].drop { $0 == space }
        let rest = token.firstIndex(of: space).map { token[..<$0] } ?? token
        guard !rest.isEmpty, token[rest.endIndex...].allSatisfy({ $0 == space }) else { return nil }
        return String(Substring(rest))
    }
}

extension Caller {
    /// The caller for the office that the header `Vidyut-Office` names; nil names none.
    func turning(to code: String?, _ useCases: UseCaseSet) async throws -> Caller {
        guard let code else { return self }
        return try await choosing(office: code, useCases)
    }

    /// An administrator turns to the office named; for everyone else another office is not there.
    private func choosing(office code: String, _ useCases: UseCaseSet) async throws -> Caller {
        let chosen = try await useCases.findOffices(code: code)
        var caller = self
        if role == .administrator {
            caller.office = chosen.id
        } else if chosen.id != office {
            throw NotFound("office '\(code)'")
        }
        return caller
    }

    /// An administrator who has not said which office they mean.
    var isWithoutOffice: Bool { role == .administrator && office.value == 0 }
}

extension WebContext {
    /// Who asks, with the office whose things are meant.
    ///
    /// - Throws: `InvalidInput` when an administrator has not named one.
    func officeCaller() throws -> Caller {
        let caller = try requireCaller()
        guard !caller.isWithoutOffice else {
            throw InvalidInput(
                "Vidyut-Office",
                "missing",
                "an administrator names the office in the header Vidyut-Office"
            )
        }
        return caller
    }
}
