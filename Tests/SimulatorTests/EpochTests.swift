// Epochs are counted in 20 bits: one that comes again is not the one it was.

import Hypervisor
import Testing

@testable import Simulator

@Suite struct EpochTests {
    /// Between two runs memory changes under a block, and so many epochs pass that the number of its last check comes again.
    @Test func aNumberThatComesAgainHasCheckedNothing() throws {
        let p = try SmallProgram([0x2402_0001])  // addiu v0, zero, 1
        try p.run()
        #expect(try p[2] == 1)
        let cpu = p.machine.vcpu.cpu
        let epoch = cpu.epoch
        p.machine.write(SmallProgram.bytes([0x2402_0002]), at: Int(SmallProgram.start & 0x1FFF_FFFF))
        try p.machine.vcpu.setRegister(.status, 0)
        try p.machine.vcpu.setRegister(.pc, UInt64(bitPattern: Int64(Int32(bitPattern: SmallProgram.start))))
        // The run begins one more.
        repeat { cpu.bumpEpoch() } while cpu.epoch != epoch - 1
        try p.run()
        #expect(try p[2] == 2)
    }
}
