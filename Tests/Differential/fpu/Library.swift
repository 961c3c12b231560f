// The FPU as a C library for the differential run: makes operands, and judges another implementation's answers.
//
// Compiled together with Sources/Simulator/FPU and the tests' FPUOperandGenerator into one shared library that
// `differential.py` loads. Records and answers are laid out as in oracle.py.

/// What the guest loop wrote.
struct Answer {
    var bits: UInt64
    var fcsr: UInt32
    var pad: UInt32
}

/// A named operation: its source operands' kind, its result's kind, how many operands it has.
struct Operation {
    var name: String
    var source: FPUOperandKind
    var target: FPUOperandKind
    var compute: (FPUOperands, FloatingMode) -> FloatingResult64
    /// The condition bit, for comparisons.
    var isComparison = false
}

func wide(_ result: FloatingResult32) -> FloatingResult64 {
    FloatingResult64(bits: UInt64(result.bits), flags: result.flags)
}

func low(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value) }

func comparison(_ outcome: (result: Bool, flags: UInt32)) -> FloatingResult64 {
    FloatingResult64(bits: outcome.result ? 1 : 0, flags: outcome.flags)
}

/// The operation of that name in the manual (`add.s`, `cvt.w.d`, `c.12.s`), or nil.
func operation(named name: String) -> Operation? {
    let parts = name.split(separator: ".").map(String.init)
    let isSingle = parts.last == "s"
    let source: FPUOperandKind = isSingle ? .single : .double
    func same(
        _ s: @escaping (FPUOperands, FloatingMode) -> FloatingResult32,
        _ d: @escaping (FPUOperands, FloatingMode) -> FloatingResult64
    ) -> Operation {
        Operation(name: name, source: source, target: source, compute: isSingle ? { wide(s($0, $1)) } : d)
    }
    switch parts[0] {
    case "add": return same({ FPU.add32(low($0.a), low($0.b), $1) }, { FPU.add64($0.a, $0.b, $1) })
    case "sub": return same({ FPU.sub32(low($0.a), low($0.b), $1) }, { FPU.sub64($0.a, $0.b, $1) })
    case "mul": return same({ FPU.mul32(low($0.a), low($0.b), $1) }, { FPU.mul64($0.a, $0.b, $1) })
    case "div": return same({ FPU.div32(low($0.a), low($0.b), $1) }, { FPU.div64($0.a, $0.b, $1) })
    case "sqrt": return same({ FPU.sqrt32(low($0.a), $1) }, { FPU.sqrt64($0.a, $1) })
    case "recip": return same({ FPU.recip32(low($0.a), $1) }, { FPU.recip64($0.a, $1) })
    case "rsqrt": return same({ FPU.rsqrt32(low($0.a), $1) }, { FPU.rsqrt64($0.a, $1) })
    case "abs": return same({ r, _ in FPU.abs32(low(r.a)) }, { r, _ in FPU.abs64(r.a) })
    case "neg": return same({ r, _ in FPU.neg32(low(r.a)) }, { r, _ in FPU.neg64(r.a) })
    case "madd":
        return same({ FPU.madd32(low($0.a), low($0.b), low($0.c), $1) }, { FPU.madd64($0.a, $0.b, $0.c, $1) })
    case "msub":
        return same({ FPU.msub32(low($0.a), low($0.b), low($0.c), $1) }, { FPU.msub64($0.a, $0.b, $0.c, $1) })
    case "nmadd":
        return same({ FPU.nmadd32(low($0.a), low($0.b), low($0.c), $1) }, { FPU.nmadd64($0.a, $0.b, $0.c, $1) })
    case "nmsub":
        return same({ FPU.nmsub32(low($0.a), low($0.b), low($0.c), $1) }, { FPU.nmsub64($0.a, $0.b, $0.c, $1) })
    case "c":
        let condition = UInt32(parts[1])!
        var result = same(
            { _, _ in FloatingResult32(bits: 0, flags: 0) },
            { r, _ in comparison(FPU.compare64(r.a, r.b, condition: condition)) })
        if isSingle {
            result.compute = { r, _ in comparison(FPU.compare32(low(r.a), low(r.b), condition: condition)) }
        }
        result.isComparison = true
        return result
    case "round": return toInteger(name, parts[1], isSingle, fixed: FloatingRounding.nearest)
    case "trunc": return toInteger(name, parts[1], isSingle, fixed: FloatingRounding.towardZero)
    case "ceil": return toInteger(name, parts[1], isSingle, fixed: FloatingRounding.up)
    case "floor": return toInteger(name, parts[1], isSingle, fixed: FloatingRounding.down)
    case "cvt" where parts[1] == "w" || parts[1] == "l": return toInteger(name, parts[1], isSingle, fixed: nil)
    default: break
    }
    switch name {
    case "cvt.s.d":
        return Operation(name: name, source: .double, target: .single) { wide(FPU.cvt_s_d($0.a, $1)) }
    case "cvt.s.w":
        return Operation(name: name, source: .word, target: .single) { wide(FPU.cvt_s_w(low($0.a), $1)) }
    case "cvt.s.l":
        return Operation(name: name, source: .long, target: .single) { wide(FPU.cvt_s_l($0.a, $1)) }
    case "cvt.d.s":
        return Operation(name: name, source: .single, target: .double) { FPU.cvt_d_s(low($0.a), $1) }
    case "cvt.d.w":
        return Operation(name: name, source: .word, target: .double) { r, _ in FPU.cvt_d_w(low(r.a)) }
    case "cvt.d.l":
        return Operation(name: name, source: .long, target: .double) { FPU.cvt_d_l($0.a, $1) }
    default: return nil
    }
}

func toInteger(_ name: String, _ width: String, _ isSingle: Bool, fixed: UInt32?) -> Operation {
    let source: FPUOperandKind = isSingle ? .single : .double
    switch (width, isSingle) {
    case ("w", true):
        return Operation(name: name, source: source, target: .word) {
            wide(FPU.toInt32_s(low($0.a), rounding: fixed ?? $1.rm))
        }
    case ("w", false):
        return Operation(name: name, source: source, target: .word) {
            wide(FPU.toInt32_d($0.a, rounding: fixed ?? $1.rm))
        }
    case (_, true):
        return Operation(name: name, source: source, target: .long) {
            FPU.toInt64_s(low($0.a), rounding: fixed ?? $1.rm)
        }
    default:
        return Operation(name: name, source: source, target: .long) {
            FPU.toInt64_d($0.a, rounding: fixed ?? $1.rm)
        }
    }
}

/// Fills `count` records with operands for the operation `name`, the same for the same seed. Returns false for a name
/// that does not exist.
@c(stasis_fpu_generate)
public func generate(_ name: UnsafePointer<CChar>, _ seed: UInt64, _ buffer: UnsafeMutableRawPointer, _ count: Int)
    -> Bool
{
    guard let operation = operation(named: unsafe String(cString: name)) else { return false }
    var operands = FPUOperandGenerator(seed: seed)
    let records = unsafe buffer.assumingMemoryBound(to: FPUOperands.self)
    for index in 0..<count {
        unsafe records[index] = operands.record(operation.source)
    }
    return true
}

/// Compares answers with ours. Returns the number of disagreements and stores the first one's index and our own answer.
///
/// With `skipQuietNaNs`, operands that are quiet NaNs count for flags only: old QEMU let some of their bits through.
@c(stasis_fpu_check)
public func check(
    _ name: UnsafePointer<CChar>, _ records: UnsafeRawPointer, _ answers: UnsafeRawPointer, _ count: Int,
    _ skipQuietNaNs: Bool, _ first: UnsafeMutablePointer<Int>, _ ours: UnsafeMutablePointer<UInt64>
) -> Int {
    guard let operation = operation(named: unsafe String(cString: name)) else { return count }
    let records = unsafe records.assumingMemoryBound(to: FPUOperands.self)
    let answers = unsafe answers.assumingMemoryBound(to: Answer.self)
    var wrong = 0
    for index in 0..<count {
        let record = unsafe records[index]
        let answer = unsafe answers[index]
        let result = operation.compute(record, FloatingMode(fcsr: record.fcsr))
        // The condition bit (23) lies between FS and the Cause field.
        var bits = operation.isComparison ? UInt64(answer.fcsr >> 23 & 1) : answer.bits
        if operation.target == .single || operation.target == .word { bits &= 0xFFFF_FFFF }
        let cause = answer.fcsr >> 12 & 0x3F
        let skipBits =
            skipQuietNaNs && !operation.isComparison && (operation.target == .single || operation.target == .double)
            && operation.source != .word && operation.source != .long
            && [record.a, record.b, record.c].contains { value in
                operation.source == .single
                    ? FloatingFormat.single.isNaN(value & 0xFFFF_FFFF) : FloatingFormat.double.isNaN(value)
            }
        if cause != result.flags || (bits != result.bits && !skipBits) {
            if wrong == 0 {
                unsafe first.pointee = index
                unsafe ours[0] = result.bits
                unsafe ours[1] = UInt64(result.flags)
            }
            wrong += 1
        }
    }
    return wrong
}
