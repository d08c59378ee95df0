import UseCases

/// Every item of a list, page after page.
func allPages<Item>(
    _ page: (PageRequest) async throws -> Page<Item>
) async throws -> [Item] {
    var items: [Item] = []
    var after: String?
    repeat {
        let next = try await page(
            try PageRequest(after: after, limit: UseCases.Limits.pageMaximum)
        )
        items += next.items
        after = next.next
    } while after != nil
    return items
}
