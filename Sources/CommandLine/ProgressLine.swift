// Progress on a terminal: one line that is written over and over, and gone at the end.

/// A line of progress. This part gives texts to be written and writes nothing itself, so it can be tested without a
/// terminal; ProgressLine+Terminal.swift puts them on standard error, so that results stay clean.
///
/// ```
/// var progress = ProgressLine(quiet: options.quiet)
/// while … { progress.show("row 12 of 146") }
/// progress.hide()
/// ```
public struct ProgressLine: Sendable {
    private let isShown: Bool
    private let columns: Int
    private let interval: UInt64
    private var isDirty = false
    private var last: UInt64?

    /// - Parameters:
    ///   - isShown: whether a person is looking: a terminal, and no `--quiet`. Otherwise every text is empty.
    ///   - columns: the terminal's width; longer texts are cut, because a line that wraps cannot be written over.
    ///   - interval: the least time between two updates, in nanoseconds.
    public init(isShown: Bool, columns: Int = 80, interval: UInt64 = 100_000_000) {
        self.isShown = isShown
        self.columns = max(columns, 2)
        self.interval = interval
    }

    /// What to write to show a text, empty if the last one is too recent.
    ///
    /// - Parameter now: monotonic nanoseconds.
    public mutating func update(_ text: String, at now: UInt64) -> String {
        guard isShown else { return "" }
        if let last, now >= last, now - last < interval { return "" }
        last = now
        isDirty = true
        // Carriage return, text, erase to the end of the line (ECMA-48 EL).
        return "\r" + cut(text) + "\u{1B}[K"
    }

    /// What to write to make the line vanish, before anything else is printed.
    public mutating func finish() -> String {
        guard isDirty else { return "" }
        isDirty = false
        last = nil
        return "\r\u{1B}[K"
    }

    /// The text in less than the terminal's width; the last column stays empty, since many terminals wrap there.
    private func cut(_ text: String) -> String {
        var result = ""
        var used = 0
        for scalar in text.unicodeScalars where used < columns - 1 {
            result.unicodeScalars.append(scalar)
            used += 1
        }
        return result
    }
}
