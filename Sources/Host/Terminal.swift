// The user's terminal, and pseudo-terminals.

import CHost

public enum Terminal {
    public static func isTerminal(_ descriptor: Int32) -> Bool { chost_isatty(descriptor) }

    /// Columns, `nil` when the descriptor is no terminal or does not know.
    public static func width(_ descriptor: Int32) -> Int? {
        let answer = chost_terminal_width(descriptor)
        return answer > 0 ? Int(answer) : nil
    }

    /// A terminal's settings, to be given back.
    public struct Mode: Sendable {
        fileprivate var bytes: [UInt8]
    }

    /// Passes every key on at once and unchanged, Control-C included: for the console of a guest. Answers the settings
    /// before, for `restore`.
    public static func makeRaw(_ descriptor: Int32) throws(Errno) -> Mode {
        var mode = Mode(bytes: [UInt8](repeating: 0, count: 128))
        // 128 bytes, as chost_terminal_raw wants them.
        let answer = unsafe mode.bytes.withUnsafeMutableBytes { buffer in
            unsafe chost_terminal_raw(descriptor, buffer.baseAddress!)
        }
        _ = try value(answer)
        return mode
    }

    public static func restore(_ descriptor: Int32, _ mode: Mode) throws(Errno) {
        let answer = unsafe mode.bytes.withUnsafeBytes { buffer in
            unsafe chost_terminal_restore(descriptor, buffer.baseAddress!)
        }
        _ = try value(answer)
    }

    /// A new pseudo-terminal that changes no byte, and the path of its other end.
    public static func openPseudo() throws(Errno) -> PseudoTerminal {
        var path = [UInt8](repeating: 0, count: 128)
        // As many bytes as it says, ours during the call.
        let answer = unsafe path.withUnsafeMutableBytes { bytes in
            unsafe chost_pty_open(bytes.baseAddress!.assumingMemoryBound(to: CChar.self), 128)
        }
        let master = FileDescriptor(raw: Int32(truncatingIfNeeded: try value(answer)))
        return PseudoTerminal(master: master, path: String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
    }
}

/// Our end of a pseudo-terminal. Frozen, so that its parts can be taken apart.
@frozen
public struct PseudoTerminal: ~Copyable, Sendable {
    /// Hung up for as long as nobody has the other end open.
    public var master: FileDescriptor
    /// The other end, for a terminal program.
    public var path: String
}
