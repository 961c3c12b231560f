// A virtio network card on a TAP interface.

import Devices
import Host
import HostIO
import Machine

final class NetAttachment: Attachment {
    private let card: VirtioNet
    private let tap: Tap
    private let mac: [UInt8]
    /// What the TAP was last told.
    private var negotiated: VirtioNetOffloads = []
    /// A frame from the TAP that the guest had no buffer for.
    private var waiting: [UInt8]?

    /// Frames carried in one pump each way; more have their turn after the guest's.
    private static let portion = 64

    init(_ configuration: NetConfiguration, _ memory: GuestMemory) throws(MonitorError) {
        do throws(TapError) {
            tap = try Tap(name: configuration.tap)
        } catch {
            throw .tap(error)
        }
        // The same each time a machine is started on this interface, so that a guest's leases and rules stay valid.
        mac = configuration.mac ?? MACAddress(local: configuration.tap, number: 0).bytes
        card = VirtioNet(memory: memory, mac: mac, offloads: Self.offloads(of: tap))
    }

    private static func offloads(of tap: Tap) -> VirtioNetOffloads {
        // What the guest leaves for later the kernel always finishes; what it takes as it comes the kernel has to know how to leave.
        var offloads: VirtioNetOffloads = [.mergedBuffers, .checksum, .hostTSO4, .hostTSO6]
        if tap.offloads.contains(.checksum) { offloads.insert(.guestChecksum) }
        if tap.offloads.contains(.tso4) { offloads.insert(.guestTSO4) }
        if tap.offloads.contains(.tso6) { offloads.insert(.guestTSO6) }
        return offloads
    }

    var function: any VirtioFunction { card }
    var kind: DeviceKind { .net }
    var title: String { "network card on " + tap.name }

    func start(_ memory: MemoryForWorkers, _ gate: Gate?, kick: @escaping @Sendable () -> Void) throws(MonitorError) {
        do throws(Errno) {
            try tap.start(gate: gate, kick: kick)
        } catch {
            throw .worker(error)
        }
    }

    func pump() {
        if card.negotiated != negotiated { agree() }
        while card.hasTransmitted {
            let frames = card.takeTransmitted()
            if !frames.isEmpty { tap.send(frames) }
        }
        for _ in 0..<Self.portion {
            guard let frame = waiting ?? tap.takeFrames(1).first else { return }
            // With no driver there is nobody to wait for.
            let isTaken = card.receive(frame) || !card.core.isActive
            waiting = isTaken ? nil : frame
            if !isTaken { return }
        }
    }

    /// Tells the TAP what the driver takes.
    private func agree() {
        negotiated = card.negotiated
        var offloads: TAPOffloads = []
        if negotiated.contains(.guestChecksum) { offloads.insert(.checksum) }
        if negotiated.contains(.guestTSO4) { offloads.insert(.tso4) }
        if negotiated.contains(.guestTSO6) { offloads.insert(.tso6) }
        waiting = nil
        do throws(Errno) {
            try tap.setOffloads(offloads)
        } catch {
            // The interface has gone: the cable is out.
            card.setLink(false)
        }
    }

    func drain() { tap.drain() }
    func stop() { tap.stop() }

    func record() throws(MonitorError) -> DeviceRecord { .net(NetConfiguration(tap: tap.name, mac: mac)) }

    func takeComplaint() -> String? {
        guard tap.statistics.isGone, card.isLinkUp else { return nil }
        card.setLink(false)
        return title + ": the interface has gone; its cable is out for the guest"
    }
}
