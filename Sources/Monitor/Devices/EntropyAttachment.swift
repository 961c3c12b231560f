// A virtio source of entropy.

import Devices
import Host
import HostIO
import Machine

final class EntropyAttachment: Attachment {
    private let device: VirtioEntropy
    private var source: Entropy

    /// Where the repeatable sequence of a machine on a virtual clock begins.
    private static let seed: UInt64 = 0x5374_6173_6973

    private init(_ source: Entropy, _ memory: GuestMemory) {
        self.source = source
        device = VirtioEntropy(memory: memory)
    }

    /// - Parameters:
    ///   - isRepeatable: whether the machine's runs are to be the same to the bit.
    ///   - seed: where a saved sequence stood.
    convenience init(isRepeatable: Bool, seed: UInt64? = nil, _ memory: GuestMemory) throws(MonitorError) {
        if isRepeatable {
            self.init(Entropy(seed: seed ?? Self.seed), memory)
            return
        }
        do throws(Errno) {
            self.init(try Entropy.host(), memory)
        } catch {
            throw .entropy(error)
        }
    }

    var function: any VirtioFunction { device }
    var kind: DeviceKind { .entropy }
    var title: String { "entropy" }

    /// The kernel answers without waiting, so this needs no worker. A guest that asks in a loop gets so many answers a notification:
    /// its vCPU has to go on.
    func pump() {
        for _ in 0..<8 {
            let count = device.wantedBytes
            guard count > 0 else { return }
            let bytes = source.bytes(count)
            if bytes.isEmpty { return }
            device.supply(bytes)
        }
    }

    func record() throws(MonitorError) -> DeviceRecord { .entropy(seed: source.seed) }
}
