// A virtio disk on a file.

import Devices
import Host
import HostIO
import Machine

final class DiskAttachment: Attachment {
    private let block: VirtioBlock
    private let disk: Disk
    /// Bytes at the file's end that nobody has been told of.
    private var tail: UInt64
    /// Of the failures: the error that was told last, and how many there have to be to tell of it again.
    private var toldError: Errno?
    private var nextReport: UInt64 = 1

    init(_ disk: Disk, _ memory: GuestMemory) {
        self.disk = disk
        tail = disk.ignoredTail
        block = VirtioBlock(memory: memory, capacity: disk.size, readOnly: disk.isReadOnly, serial: disk.serial)
    }

    /// Opens the file.
    convenience init(_ configuration: DiskConfiguration, _ memory: GuestMemory) throws(MonitorError) {
        do throws(DiskError) {
            self.init(
                try Disk(
                    path: configuration.path, readOnly: configuration.isReadOnly,
                    serial: Array(configuration.serial.utf8)), memory)
        } catch {
            throw .disk(error)
        }
    }

    /// The same disk as in a snapshot, or another that somebody put in its place: that one only has to be as large.
    convenience init(
        _ saved: DiskIdentity, replacedBy path: String?, _ memory: GuestMemory, file: String
    ) throws(MonitorError) {
        let found: DiskIdentity
        let disk: Disk
        do throws(DiskError) {
            disk = try Disk(path: path ?? saved.path, readOnly: saved.isReadOnly, serial: saved.serial)
            found = try disk.identity()
        } catch {
            throw .disk(error)
        }
        switch found.change(since: saved) {
        case nil: break
        case .contents where path != nil: break
        case let change?: throw .diskChanged(file: file, path: disk.path, change)
        }
        self.init(disk, memory)
    }

    var function: any VirtioFunction { block }
    var kind: DeviceKind { .disk }
    var title: String { "disk " + disk.path }

    func start(_ memory: MemoryForWorkers, _ gate: Gate?, kick: @escaping @Sendable () -> Void) throws(MonitorError) {
        do throws(Errno) {
            try disk.start(memory: memory, gate: gate, kick: kick)
        } catch {
            throw .worker(error)
        }
    }

    func pump() {
        // The driver has reset the device or stopped its queue, and will use the memory of what is still under way for something else.
        if block.staleRequests > 0 {
            disk.drain()
            for completion in disk.takeCompletions() { block.complete(completion) }
        }
        // A completed write may bring the flush that makes it stable, for a guest that writes through.
        repeat {
            if block.hasRequests { disk.submit(block.takeRequests()) }
            guard block.inFlight > 0 else { return }
            for completion in disk.takeCompletions() { block.complete(completion) }
        } while block.hasRequests
    }

    func drain() { disk.drain() }
    func stop() { disk.stop() }

    func record() throws(MonitorError) -> DeviceRecord {
        do throws(DiskError) {
            return .disk(try disk.identity())
        } catch {
            throw .disk(error)
        }
    }

    func takeComplaint() -> String? {
        if tail > 0 {
            defer { tail = 0 }
            return "\(title): its last \(tail) bytes are less than a sector, and the guest does not see them"
        }
        // A guest that tries for ever would fill the user's screen: each error once, then the tenth, the hundredth.
        guard let (first, total) = disk.takeFailure(), total >= nextReport || first.error != toldError else {
            return nil
        }
        while nextReport <= total { nextReport *= 10 }
        toldError = first.error
        return total == 1 ? first.description : "\(first.description); \(total) requests have failed by now"
    }
}
