/// What orders and other programs call what the language calls otherwise.
private let otherWords: [String: String] = [
    "slabs": "blocks", "slab": "blocks", "tiers": "blocks", "steps": "blocks", "type": "kind",
    "name": "label", "description": "note", "value": "rate", "price": "rate", "percent": "rate",
    "on": "of", "base": "of", "lines": "of", "condition": "when", "if": "when", "unit": "per",
    "minimum": "load_minimum", "maximum": "cap", "limit": "cap", "to": "upto", "max": "upto",
    "from": "above", "min": "above", "multiple": "excess_multiple", "over": "excess_over",
    "export": "exported", "import": "imported", "date": "effective", "kw": "load_kw",
]

/// The allowed word that an unknown one most likely stands for: another name for the same, or the
/// nearest spelling.
func likelyWord(for unknown: String, among allowed: [String]) -> String? {
    if let word = otherWords[unknown.lowercased()], allowed.contains(word) { return word }
    let near = allowed.map { (word: $0, distance: distance(unknown, $0)) }
        .filter { $0.distance <= max(1, $0.word.count / 4) }
    return near.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
}

/// How many characters must be put in, left out or changed to make one word of the other.
private func distance(_ left: String, _ right: String) -> Int {
    // Long texts are no misspelling of a key.
    guard left.utf8.count <= 60 else { return .max }
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, byte) in left.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for (place, other) in right.enumerated() {
            let above = row[place + 1]
            row[place + 1] = min(above + 1, row[place] + 1, diagonal + (byte == other ? 0 : 1))
            diagonal = above
        }
    }
    return row[right.count]
}
