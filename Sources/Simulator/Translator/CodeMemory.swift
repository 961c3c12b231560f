// Memory that holds machine code.
//
// Purpose. Code is written into an anonymous file and runs from a mapping of it that nobody can write to: no page is ever writable and
// executable, and there is no address at which a stray store could change code.
//
// Life cycle. Filled from the start; emptied as a whole by setting `top` back.

import Host

/// Code from the start of a mapping to `top`.
final class CodeMemory {
    private let file: FileDescriptor
    private let mapping: Mapping
    /// Address of the first byte.
    let base: UInt
    /// Bytes in use.
    private(set) var top = 0

    /// - Throws: what the system has against it: an old kernel, no memory, or a policy against code that was not in a file.
    init(size: Int) throws(Errno) {
        file = try FileDescriptor.memory(name: "stasis-code", size: UInt64(size))
        mapping = try Mapping.code(file, size: size)
        base = unsafe UInt(bitPattern: mapping.base)
    }

    /// Bytes that are left.
    var room: Int { mapping.size - top }

    /// Adds code; false when there is no room, or it could not be written.
    func append(_ code: UnsafeRawBufferPointer) -> Bool {
        guard code.count <= room else { return false }
        do throws(Errno) {
            unsafe try file.pwriteAll(code, at: UInt64(top))
        } catch {
            // The system's memory is full, say: the guest goes on without this code.
            return false
        }
        // Blocks begin at lines of the instruction cache.
        top = min(mapping.size, (top + code.count + 15) & ~15)
        return true
    }

    /// Gives memory back that holds no code. If the system does not take it, nothing changes.
    func release() {
        let start = (top + Mapping.pageSize - 1) & ~(Mapping.pageSize - 1)
        guard start < mapping.size else { return }
        try? file.clear(.hole, at: UInt64(start), count: UInt64(mapping.size - start))
    }

    /// Forgets everything behind the first `kept` bytes.
    func removeAll(but kept: Int) { top = kept }
}
