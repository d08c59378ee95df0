import HTTPTypes
import Hummingbird
import Mustache
import NIOCore
import Registry
import Units
import UseCases
import Web

/// A template by name, and the text it is made from.
enum Template: String, CaseIterable, Sendable {
    case layout, signIn, message, home, live, chart, service, bills, bill
    case overview, rejections, rejectionList, pages, consumers, consumer, services, serviceList
    case round, visit, ownReading, comparison, held
    case meters, meter, runs, run, billList, offices
    case exceptions, day, forecast, whatIf, accuracy, feeders

    var text: String {
        switch self {
        case .layout: layoutTemplate
        case .signIn: signInTemplate
        case .message: messageTemplate
        case .home: homeTemplate
        case .live: liveTemplate
        case .chart: chartTemplate
        case .service: serviceTemplate
        case .bills: billsTemplate
        case .bill: billTemplate
        case .overview: overviewTemplate
        case .rejections: rejectionsTemplate
        case .rejectionList: rejectionListTemplate
        case .pages: pagesTemplate
        case .consumers: consumersTemplate
        case .consumer: consumerTemplate
        case .services: servicesTemplate
        case .serviceList: serviceListTemplate
        case .round: roundTemplate
        case .visit: visitTemplate
        case .ownReading: ownReadingTemplate
        case .comparison: comparisonTemplate
        case .held: heldTemplate
        case .meters: metersTemplate
        case .meter: meterTemplate
        case .runs: runsTemplate
        case .run: runTemplate
        case .billList: billListTemplate
        case .offices: officesTemplate
        case .exceptions: exceptionsTemplate
        case .day: dayTemplate
        case .forecast: forecastTemplate
        case .whatIf: whatIfTemplate
        case .accuracy: accuracyTemplate
        case .feeders: feedersTemplate
        }
    }
}

/// What a template sees: the frame and the page.
struct Sheet<Page: Sendable>: Sendable {
    let frame: PageFrame
    let page: Page
}

/// What the live part sees.
struct LiveSheet: Sendable {
    let live: LivePanel
}

/// Prints page values through their templates.
struct Printer: Sendable {
    let assets = Assets()
    private let library: MustacheLibrary

    /// Reads the templates.
    ///
    /// - Throws: the parser's error for a template that is not one.
    init() throws {
        var library = MustacheLibrary()
        for template in Template.allCases {
            try library.register(template.text, named: template.rawValue)
        }
        self.library = library
    }

    /// The text of a page.
    func html(_ template: Template, _ sheet: Sheet<some Sendable>) -> String {
        library.render(sheet, withTemplate: template.rawValue) ?? ""
    }

    /// The text of the live part alone.
    func html(_ live: LivePanel) -> String {
        library.render(LiveSheet(live: live), withTemplate: Template.live.rawValue) ?? ""
    }

    /// A page as an answer: nothing from elsewhere, nothing kept by caches.
    func response(
        _ template: Template,
        _ sheet: Sheet<some Sendable>,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        var fields = headers
        fields[.contentType] = "text/html; charset=utf-8"
        fields[.cacheControl] = "no-store"
        fields[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
            + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        // Forms need to say where they come from; other sites learn nothing.
        fields[.referrerPolicy] = "same-origin"
        return Response(
            status: status,
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(string: html(template, sheet)))
        )
    }
}
