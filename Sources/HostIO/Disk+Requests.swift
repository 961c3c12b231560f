// What a disk does for one request.

import Devices
import Host

extension Disk {
    /// Does what a request asks. On the worker's thread.
    func perform(_ request: BlockRequest, _ memory: any DiskMemory) -> BlockCompletion {
        var written: UInt32 = 0
        let fine =
            switch request.kind {
            case .read: read(request, memory, &written)
            case .write: write(request, memory)
            case .flush: flush()
            case .discard: discard(request)
            case .writeZeroes(let unmap): writeZeroes(request, unmap)
            }
        return BlockCompletion(token: request.token, status: fine ? .ok : .ioError, written: written)
    }

    private func read(_ request: BlockRequest, _ memory: any DiskMemory, _ written: inout UInt32) -> Bool {
        guard let places = places(request, memory), let count = UInt32(exactly: request.count) else { return false }
        // Some of it may have come when the rest fails.
        defer { for segment in request.segments { memory.wrote(at: segment.address, count: UInt64(segment.count)) } }
        do throws(Errno) {
            guard try file.preadAll(places, at: request.offset) == request.count else {
                return fail(.read, request, nil)
            }
            written = count
            return true
        } catch {
            return fail(.read, request, error)
        }
    }

    private func write(_ request: BlockRequest, _ memory: any DiskMemory) -> Bool {
        guard !isReadOnly, let places = places(request, memory) else { return false }
        do throws(Errno) {
            try file.pwriteAll(places, at: request.offset)
            return true
        } catch {
            return fail(.write, request, error)
        }
    }

    private func flush() -> Bool {
        // What was never written is where it was.
        if isReadOnly { return true }
        do throws(Errno) {
            try file.fdatasync()
            return true
        } catch {
            return fail(.flush, BlockRequest(token: 0, kind: .flush, offset: 0, count: 0, segments: []), error)
        }
    }

    /// A hole where the file system has holes. Where it has none, nothing: the guest asked for no more than that.
    private func discard(_ request: BlockRequest) -> Bool {
        guard !isReadOnly, contains(request) else { return false }
        if request.count == 0 { return true }
        do throws(Errno) {
            try file.clear(.hole, at: request.offset, count: request.count)
            return true
        } catch {
            return Disk.isInability(error) || fail(.discard, request, error)
        }
    }

    /// A hole or cleared blocks where the file system has them, zeros written otherwise.
    private func writeZeroes(_ request: BlockRequest, _ unmap: Bool) -> Bool {
        guard !isReadOnly, contains(request) else { return false }
        if request.count == 0 { return true }
        do throws(Errno) {
            for how in unmap ? [FileDescriptor.Cleared.hole, .zeros] : [.zeros] {
                do throws(Errno) {
                    try file.clear(how, at: request.offset, count: request.count)
                    return true
                } catch {
                    guard Disk.isInability(error) else { throw error }
                }
            }
            let zeros = [UInt8](repeating: 0, count: Int(min(request.count, 65536)))
            var done: UInt64 = 0
            while done < request.count {
                let left = request.count - done
                let piece = left < UInt64(zeros.count) ? [UInt8](zeros[..<Int(left)]) : zeros
                try file.pwriteAll(piece, at: request.offset + done)
                done += UInt64(piece.count)
            }
            return true
        } catch {
            return fail(.writeZeroes, request, error)
        }
    }

    /// Whether an error says that this file system cannot clear this range, not that something went wrong. EINVAL comes
    /// from block devices whose sectors are longer than the guest's.
    private static func isInability(_ error: Errno) -> Bool {
        error == .opnotsupp || error == .nosys || error == .inval || error == .nodev
    }

    /// Whether the range lies on the disk.
    private func contains(_ request: BlockRequest) -> Bool {
        request.offset <= size && request.count <= size - request.offset
    }

    /// The request's memory, nil when it is not all RAM or not as long as the range on the disk, or that is not on the
    /// disk: mistakes of the guest's, for which there is nothing to report.
    private func places(_ request: BlockRequest, _ memory: any DiskMemory) -> Vectors? {
        guard contains(request) else { return nil }
        var places = Vectors(capacity: request.segments.count)
        for segment in request.segments where segment.count > 0 {
            guard let count = Int(exactly: segment.count) else { return nil }
            // The address outlives the closure by the promise of DiskMemory, and `memory` the list's use.
            let isRAM = unsafe memory.withBytes(at: segment.address, count: count) { unsafe places.append($0) }
            guard isRAM else { return nil }
        }
        return places.count == request.count ? places : nil
    }

    /// Notes a failure of the host's. Answers false.
    private func fail(_ action: DiskFailure.Action, _ request: BlockRequest, _ error: Errno?) -> Bool {
        let failed = DiskFailure(
            path: path, action: action, offset: request.offset, count: request.count, error: error)
        condition.withLock {
            if failure == nil { failure = failed }
            failures += 1
        }
        return false
    }
}
