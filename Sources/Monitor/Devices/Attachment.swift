// A virtio device and what it is connected to on the host, put together.
//
// The device is a value of module Devices, the other end an object of HostIO with a thread of its own. An attachment carries
// requests one way and results the other, on the machine's thread, whenever either side has something: after a notification by
// the guest, and after a kick from the worker. It never waits, except in `drain`.

import Devices
import Host
import HostIO
import Machine

/// What a device is.
enum DeviceKind: UInt8 {
    case disk, net, console, entropy

    /// The device's name without its number.
    var stem: StaticString {
        switch self {
        case .disk: "disk"
        case .net: "net"
        case .console: "console"
        case .entropy: "rng"
        }
    }

    /// What the specification calls it.
    var model: StaticString {
        switch self {
        case .disk: "virtio-blk"
        case .net: "virtio-net"
        case .console: "virtio-console"
        case .entropy: "virtio-rng"
        }
    }
}

/// One device of a machine.
protocol Attachment: AnyObject {
    var function: any VirtioFunction { get }
    var kind: DeviceKind { get }
    /// What it is and where it goes, for people: "disk root.img".
    var title: String { get }

    /// Starts the worker.
    /// - Parameter gate: what effects outside of this process wait for; nil for nothing.
    func start(_ memory: MemoryForWorkers, _ gate: Gate?, kick: @escaping @Sendable () -> Void) throws(MonitorError)
    /// Carries over what waits on either side.
    func pump()
    /// Waits for the worker to have done what it was given. What it did is there for the next `pump`.
    func drain()
    /// Ends the worker.
    func stop()
    /// What a snapshot says about it. Nothing is under way.
    func record() throws(MonitorError) -> DeviceRecord
    /// What went wrong on the host since the last call, as one line; nil for nothing.
    func takeComplaint() -> String?
}

extension Attachment {
    /// Those without a worker.
    func start(_ memory: MemoryForWorkers, _ gate: Gate?, kick: @escaping @Sendable () -> Void) throws(MonitorError) {}
    func drain() {}
    func stop() {}
    func takeComplaint() -> String? { nil }
}

/// The guest's memory as workers see it.
///
/// Unsafe code: the address of a range that was checked. The mapping stays where it is as long as this object, which holds its owner.
@safe
final class MemoryForWorkers: DiskMemory, @unchecked Sendable {
    private let memory: GuestMemory

    init(_ memory: GuestMemory) { self.memory = memory }

    @unsafe func withBytes(at address: UInt64, count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        do throws(GuestMemoryError) {
            unsafe try memory.withBytes(at: address, count: count, body)
            return true
        } catch {
            return false
        }
    }

    func wrote(at address: UInt64, count: UInt64) { memory.writes.add(address, count: count) }
}
