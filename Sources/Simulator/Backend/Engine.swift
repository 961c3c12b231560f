// What executes a guest's instructions.

public import Host

/// Two engines that do the same at the same instants of a virtual clock, one faster than the other.
public struct Engine: Equatable, Sendable {
    /// Runs of a block before it is translated; 0 for never.
    let warmth: UInt32

    /// Every instruction by its handler: what there is on every host, and the measure of the other.
    public static let interpreted = Engine(warmth: 0)
    /// Machine code for what runs often; for x86-64. Code of an instruction costs as much as some dozen runs of it by its handler save, and
    /// a guest that has just booted or been restored runs much a few times only.
    public static let translated = translated(after: 60)
    /// Machine code for everything that runs twice: for tests.
    public static let eager = translated(after: 2)

    /// Machine code for what runs that often, at least twice: for tests, whose programs are short.
    public static func translated(after runs: UInt32) -> Engine { Engine(warmth: max(2, runs)) }

    /// Is there code for this processor at all? Where there is not, nobody expects it.
    public static var isForThisProcessor: Bool {
        #if arch(x86_64)
            true
        #else
            false
        #endif
    }

    /// The faster one that works here.
    public static let standard: Engine = obstacle == nil ? .translated : .interpreted

    /// Why nothing can be translated here; nil if it can. A processor other than x86-64, or a system that lets no program run code it made
    /// itself.
    public static let obstacle: Errno? = {
        guard isForThisProcessor else { return .nosys }
        do throws(Errno) {
            // What a translator needs and may not get, but smaller: a restored guest waits for this.
            _ = try CodeMemory(size: Mapping.pageSize)
            return nil
        } catch {
            return error
        }
    }()

    /// What a vCPU of this engine translates with, if it does. Throws what `obstacle` says, or that there is no memory.
    func translator() throws(Errno) -> Translator? { warmth == 0 ? nil : try Translator() }
}
