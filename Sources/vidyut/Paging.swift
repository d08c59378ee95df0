import UseCases

/// Every item of a list, page after page, or the first so many.
func allPages<Item>(
    atMost limit: Int? = nil,
    _ page: (PageRequest) async throws -> Page<Item>
) async throws -> [Item] {
    var items: [Item] = []
    var after: String?
    repeat {
        let next = try await page(
            try PageRequest(
                after: after,
                limit: min(UseCases.Limits.pageMaximum, (limit ?? .max) - items.count)
            )
        )
        items += next.items
        after = next.next
    } while after != nil && items.count < limit ?? .max
    return items
}
