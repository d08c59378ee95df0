import Registry
import Units
import UseCases

/// The entries of the page header for a visitor.
///
/// A consumer has one page from which all others are reached, so theirs is empty. The entry that
/// the path belongs to is marked.
func navigation(for visitor: Visitor, path: String) -> [NavigationItem] {
    let role = visitor.caller.role
    var items: [NavigationItem] = []
    if role != .consumer, visitor.office != nil {
        items = [
            NavigationItem(label: "Overview", address: "/office"),
            NavigationItem(label: "Consumers", address: "/office/consumers"),
            NavigationItem(label: "Services", address: "/office/services"),
            NavigationItem(label: "Meters", address: "/office/meters"),
            NavigationItem(label: "Round", address: "/office/round"),
            NavigationItem(label: "Held", address: "/office/readings"),
            NavigationItem(label: "Bills", address: "/office/bills"),
            NavigationItem(label: "Runs", address: "/office/runs"),
            NavigationItem(label: "Exceptions", address: "/office/exceptions"),
            NavigationItem(label: "Forecasts", address: "/office/accuracy"),
            NavigationItem(label: "Refused", address: "/office/rejections"),
        ]
    }
    if role == .administrator {
        items.append(NavigationItem(label: "Offices", address: "/admin/offices"))
    }
    let current = section(of: path)
    return items.map { item in
        var item = item
        item.isCurrent = item.address == current
        return item
    }
}

private func section(of path: String) -> String {
    let parts = path.split(separator: "/").prefix(2).map(String.init)
    if parts == ["office", "round-sheet"] { return "/office/round" }
    if parts == ["office", "feeders"] { return "/office/accuracy" }
    switch parts.first {
    case "services": return "/office/services"
    case "bills": return "/office/bills"
    default: return "/" + parts.joined(separator: "/")
    }
}

/// Where someone of this role begins.
func startAddress(for role: Role) -> String {
    switch role {
    case .consumer: "/home"
    case .administrator: "/admin/offices"
    case .manager, .clerk, .engineer, .meter, .gateway: "/office"
    }
}

/// An address of this site to go to after signing in; anything else leads to the start.
func safeNext(_ text: String) -> String {
    let isOwn = text.hasPrefix("/") && !text.hasPrefix("//") && !text.contains("\\")
    let isClean = text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    return isOwn && isClean && text.utf8.count <= 500 ? text : "/"
}
