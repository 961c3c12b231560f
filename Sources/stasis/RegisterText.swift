// Registers in the words of the manual: conventional names of general registers, flags of Status and Cause.

import Hypervisor
import MIPS
import Monitor
import Timekeeping

extension RegisterID {
    /// The register's name, with the assembler's beside the number of a general register: `R29 (sp)`.
    var manualName: String {
        for number in 1..<32 where self == RegisterID.gpr(number) {
            guard let register = GPR(rawValue: UInt8(number)) else { break }
            return description + " (\(register.name))"
        }
        return description
    }
}

extension SavedRegister {
    /// One of the FPU's 32 registers, and as zero as it was, or as Linux leaves one that a program has not used.
    var isUntouchedFloatingPoint: Bool {
        (value == 0 || signExtended(value) == .max) && id.rawValue >> 16 & 0xFFFF == RegisterID.Set.fpu.rawValue
            && id.number < 32
    }

    /// The fields of a register that has some worth telling.
    var fields: String {
        let word = UInt32(truncatingIfNeeded: value)
        switch id {
        case .status: return statusText(word)
        case .cause: return causeText(word)
        default: return ""
        }
    }
}

private func flags(_ word: UInt32, _ names: [(UInt32, String)]) -> String {
    var text = ""
    for (mask, name) in names where word & mask != 0 { text += (text.utf8.isEmpty ? "" : " ") + name }
    return text
}

private func statusText(_ word: UInt32) -> String {
    let left = flags(
        word,
        [
            (Status.cu1, "CU1"), (Status.cu0, "CU0"), (Status.fr, "FR"), (Status.bev, "BEV"), (Status.um, "UM"),
            (Status.erl, "ERL"), (Status.exl, "EXL"), (Status.ie, "IE"),
        ])
    return left + " IM=0x" + String(Status.im.get(word), radix: 16)
}

private func causeText(_ word: UInt32) -> String {
    let left = flags(word, [(Cause.bd, "BD"), (Cause.ti, "TI"), (Cause.dc, "DC"), (Cause.iv, "IV")])
    let code = Cause.excCode.get(word)
    let name = ExceptionCode(rawValue: UInt8(truncatingIfNeeded: code)).map { "\($0.name)" } ?? "\(code)"
    return left + (left.utf8.isEmpty ? "" : " ") + "IP=0x" + String(Cause.ip.get(word), radix: 16) + " ExcCode=" + name
}

extension TimerState {
    /// Its fields as names and values.
    var lines: [(String, String)] {
        var lines = [
            ("Count", "\(count)"), ("Compare", "\(compare)"),
            ("next interrupt", guestDisabled ? "none: Cause.DC is set" : interruptPending ? "pending" : due),
            ("COUNT_HZ", "\(hz)"), ("COUNT_RESUME", "\(resume)"),
        ]
        if masterDisabled { lines.append(("master disable", "was set before the freeze")) }
        if carry != 0 { lines.append(("carry", "\(carry) of 1000000000 of a tick")) }
        return lines
    }

    private var due: String {
        let grid = TickGrid(hz: hz)
        return "in " + spanText(Int64(grid.delay(from: count, to: compare))) + " of guest time"
    }
}
