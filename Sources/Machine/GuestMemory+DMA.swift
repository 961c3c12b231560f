// Guest RAM as devices see it.

public import Devices
import Host

extension GuestMemory: DMA {
    public func copyOut(_ address: UInt64, _ count: Int) -> [UInt8]? {
        try? read(at: address, count: count)
    }

    public func copyOut(_ address: UInt64, _ count: Int, to bytes: inout [UInt8]) -> Bool {
        (try? read(at: address, count: count, appendingTo: &bytes)) != nil
    }

    public func copyIn(_ bytes: [UInt8], at address: UInt64) -> Bool {
        (try? write(bytes, at: address)) != nil
    }

    public func copyIn(_ bytes: [UInt8], _ range: Range<Int>, at address: UInt64) -> Bool {
        (try? write(bytes, range, at: address)) != nil
    }

    public func barrier() { Atomics.memoryBarrier() }
}
