// Registers, fields, exceptions and segments: the numbers of the manual, and that they fit together.

import MIPS
import Testing

struct RegisterTests {
    @Test func numbersAndNames() throws {
        #expect(CP0Register.count.index == 0x48 && CP0Register.compare.index == 0x58)
        #expect(CP0Register.cause == CP0Register(13, 0) && CP0Register.config7.index == 0x87)
        #expect(CP0Register.kScratch6.index == 0xFF && CP0Register.ebase.rd == 15 && CP0Register.ebase.sel == 1)
        // Every name is given once.
        var names: Set<String> = []
        for index in UInt8.min...UInt8.max {
            guard let name = CP0Register(index: index).name else { continue }
            #expect(names.insert(name.string).inserted, "\(name)")
        }
        // The registers a kernel gives user space an id for, by rd * 8 + sel.
        let exported: [UInt8] = [
            0x00, 0x10, 0x18, 0x20, 0x21, 0x22, 0x23, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x36, 0x38,
            0x40, 0x41, 0x42, 0x48, 0x50, 0x58, 0x60, 0x61, 0x68, 0x70, 0x78, 0x79, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85,
            0x86, 0x87, 0x8A, 0xA0, 0xB0, 0xF0, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF,
        ]
        for index in exported { #expect(CP0Register(index: index).name != nil, "\(index)") }
        #expect(InstructionWord(0x4088_8001).cp0Register == .config1)
    }

    @Test func fields() {
        #expect(Status.im.mask == 0xFF00 && Status.ksu.mask == 0x18 && Status.cu1 == 0x2000_0000)
        #expect(Cause.excCode.mask == 0x7C && Cause.ti == 0x4000_0000 && Cause.dc == 0x0800_0000)
        #expect(Cause.ce.of(1) == 0x1000_0000 && Cause.bd == 0x8000_0000)
        #expect(IntCtl.ipti.get(0xFC00_0000) == 7 && IntCtl.ippci.get(0xFC00_0000) == 7)
        #expect(EBase.exceptionBase.mask | EBase.cpuNum.mask == 0x3FFF_F3FF)
        #expect(EntryHi.vpn2.mask == 0xFFFF_E000 && PageMask.mask.mask == 0x1FFF_E000)
        #expect(Config1.mmuSize.set(0, to: 63) == 0x7E00_0000)
        #expect(BitField(0, 32).mask == .max && BitField(31, 1).set(0xFFFF_FFFF, to: 0) == 0x7FFF_FFFF)
        #expect(BitField(4, 4).set(0, to: 0x123) == 0x30)
    }

    @Test func floatingPointControl() {
        #expect((0..<8).map(FCSR.condition).reduce(0, |) == FCSR.fcc0 | FCSR.upperFCC.mask)
        #expect(FCSR.condition(0) == 0x0080_0000 && FCSR.condition(1) == 0x0200_0000)
        #expect(FCSR.cause.mask | FCSR.flags.mask == FCSR.writableByFEXR)
        #expect(FCSR.enables.mask | FCSR.rm.mask == FENR.sameAsFCSR)
    }

    @Test func exceptions() {
        #expect(ExceptionCode.int.rawValue == 0 && ExceptionCode.cpU.rawValue == 11 && ExceptionCode.fpe.rawValue == 15)
        #expect(ExceptionVector.vectored(7, spacing: 1) == 0x200 + 7 * 0x20)
        #expect(ExceptionVector.vectored(63, spacing: 0) == ExceptionVector.interrupt)
    }

    @Test func segmentsCoverTheAddressSpace() {
        var next: UInt32 = 0
        for segment in Segment.allCases {
            #expect(segment.first == next)
            #expect(Segment(of: segment.first) == segment && Segment(of: segment.last) == segment)
            next = segment.last &+ 1
        }
        #expect(next == 0)
        #expect(Segment.kseg1.first == 0xA000_0000 && !Segment.kseg1.isMapped && Segment.ksseg.isMapped)
    }

    @Test func wordFields() {
        let branch = InstructionWord(0x1000_8000)
        #expect(branch.signedImmediate == -32768 && branch.unsignedImmediate == 0x8000)
        #expect(branch.branchTarget(at: 0) == 0xFFFE_0004)
        // A jump in the last word of a region leaves it: the delay slot's region counts.
        #expect(InstructionWord(0x0800_0001).jumpTarget(at: 0x8FFF_FFFC) == 0x9000_0004)
        #expect(InstructionWord(0x7C88_3904).insSize == 4 && InstructionWord(0x7C88_1900).extSize == 4)
    }
}
