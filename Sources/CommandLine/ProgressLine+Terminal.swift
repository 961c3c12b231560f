// The progress line on the terminal at standard error.

import Host

extension ProgressLine {
    /// A line on standard error, if that is a terminal that understands escape sequences, and nobody asked for quiet.
    public init(quiet: Bool) {
        let isDumb = Process.environment("TERM").map { $0.same(as: "dumb") } ?? true
        self.init(
            isShown: !quiet && !isDumb && Terminal.isTerminal(2), columns: Terminal.width(2) ?? 80)
    }

    /// Shows a text, unless the last one is too recent.
    public mutating func show(_ text: String) {
        Self.write(update(text, at: Clock.monotonic()))
    }

    /// Makes the line vanish, before anything else is printed.
    public mutating func hide() {
        Self.write(finish())
    }

    /// Progress that cannot be shown is not worth an error.
    private static func write(_ text: String) {
        guard !text.utf8.isEmpty else { return }
        var output = Output.standardError
        output.write(text)
        output.flush()
    }
}
