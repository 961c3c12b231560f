// What the tests of HostIO share: scratch files, guest memory, and a kick that counts.

import Devices
import Host
import HostIO
import Testing

/// A file name in the temporary directory that nobody else uses.
func temporaryPath(_ name: String) throws -> String {
    let directory = Process.environment("TMPDIR") ?? "/tmp"
    return try Files.temporarySibling(of: directory + "/stasis-hostio-" + name)
}

/// A scratch file that goes away with this object.
final class Scratch {
    let path: String

    init(_ name: String, size: UInt64) throws {
        path = try temporaryPath(name)
        let file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        try file.truncate(to: size)
    }

    deinit { try? Files.unlink(path) }

    func bytes() throws -> [UInt8] { try Files.readWhole(path, limit: 1 << 24) }

    func write(_ bytes: [UInt8], at offset: UInt64) throws {
        try FileDescriptor.open(path: path, [.write]).pwriteAll(bytes, at: offset)
    }
}

/// RAM between two addresses.
@safe
final class TestMemory: DiskMemory, @unchecked Sendable {
    static let base: UInt64 = 0x2000_0000
    private let mapping: Mapping
    let writes = WriteLog()

    func wrote(at address: UInt64, count: UInt64) { writes.add(address, count: count) }

    init(size: Int = 1 << 20) throws { mapping = try Mapping.anonymous(size: size) }

    @unsafe func withBytes(at address: UInt64, count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        guard address >= Self.base, address - Self.base <= UInt64(mapping.size),
            count <= mapping.size - Int(address - Self.base)
        else { return false }
        // Inside the mapping, which lives as long as this object.
        unsafe body(UnsafeMutableRawBufferPointer(start: mapping.base + Int(address - Self.base), count: count))
        return true
    }

    subscript(_ range: Range<Int>) -> [UInt8] {
        // The array checks the range.
        get { unsafe [UInt8](mapping.bytes[range]) }
        set {
            precondition(newValue.count == range.count)
            for (index, byte) in zip(range, newValue) { unsafe mapping.bytes[index] = byte }
        }
    }
}

/// A kick that counts, and can be waited for.
final class Kicks: @unchecked Sendable {
    private let condition = Condition()
    private var kicks = 0

    var count: Int { condition.withLock { kicks } }

    var closure: @Sendable () -> Void {
        { [self] in
            condition.withLock {
                kicks += 1
                condition.broadcast()
            }
        }
    }

    /// Waits until there have been more than so many. What never comes is a failure, not a test that hangs.
    func wait(beyond number: Int) -> Bool {
        let limit = Clock.monotonic() + 60_000_000_000
        return condition.withLock {
            while kicks <= number {
                if !condition.wait(until: limit) { return kicks > number }
            }
            return true
        }
    }
}

/// Waits until something that another thread brings about is so.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let limit = Clock.monotonic() + 60_000_000_000
    while try !condition() {
        if Clock.monotonic() > limit { return false }
        Clock.sleep(until: Clock.monotonic() + 1_000_000)
    }
    return true
}

func segment(_ start: Int, _ count: Int) -> DMASegment {
    DMASegment(address: TestMemory.base + UInt64(start), count: UInt32(count))
}

func request(
    _ token: UInt32, _ kind: BlockRequest.Kind, _ offset: UInt64 = 0, _ count: UInt64 = 0, _ segments: DMASegment...
) -> BlockRequest {
    BlockRequest(token: token, kind: kind, offset: offset, count: count, segments: segments)
}

func pattern(_ count: Int, seed: UInt8 = 1) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) ^ seed }
}
