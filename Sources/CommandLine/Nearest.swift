// "Did you mean": the word of a list that is nearest to a mistyped one.

/// The nearest of `words` if it is near enough to be what was meant: at most two edits, fewer than half of what was typed.
/// A word that what was typed begins counts as one edit away.
func nearest(to typed: String, among words: [String]) -> String? {
    let length = typed.utf8.count
    var best: String?
    var bestDistance = min(2, (length - 1) / 2) + 1
    for word in words {
        let beginning = length >= 2 && word.begins(with: typed)
        let distance = beginning ? 1 : editDistance(Array(typed.utf8), Array(word.utf8))
        if distance < bestDistance {
            best = word
            bestDistance = distance
        }
    }
    return best
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other
/// (optimal string alignment).
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    // A word of the table has a few letters; whatever is much longer is not a slip of the finger.
    if a.count > b.count + 8 { return a.count }
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1]
        for j in b.indices {
            var distance = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                distance = min(distance, before[j - 1] + 1)
            }
            current.append(distance)
        }
        before = previous
        previous = current
    }
    return previous[b.count]
}
