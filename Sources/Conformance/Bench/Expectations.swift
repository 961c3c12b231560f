// Comparing what came with what was expected, in one wording.

import Host
import Hypervisor

@inline(never)
func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
@inline(never)
func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }

extension Verdict {
    @inline(never)
    static func expected(_ what: String, _ want: String, _ got: String) -> Verdict {
        .failed("expected \(what) \(want), got \(got)")
    }

    /// A call failed that should not have.
    @inline(never)
    static func unexpected(_ what: String, _ error: HypervisorError) -> Verdict {
        .failed("expected \(what) to succeed, got \(error.errno)")
    }

    /// The host, not the system under test, let the check down.
    @inline(never)
    static func host(_ what: String, _ error: Errno) -> Verdict { .skipped("host: \(what): \(error)") }
}

@inline(never)
func check(_ what: String, _ got: UInt64, _ want: UInt64) throws(Verdict) {
    if got != want { throw .expected(what, hex(want), hex(got)) }
}

@inline(never)
func check(_ what: String, _ got: UInt32, _ want: UInt32) throws(Verdict) {
    if got != want { throw .expected(what, hex(want), hex(got)) }
}

@inline(never)
func check(_ what: String, _ got: Int, _ want: Int) throws(Verdict) {
    if got != want { throw .expected(what, String(want), String(got)) }
}

@inline(never)
func check(_ what: String, _ holds: Bool, _ got: @autoclosure () -> String) throws(Verdict) {
    if !holds { throw .failed("expected \(what), got \(got())") }
}

/// The value lies in a range, both ends included.
@inline(never)
func check(_ what: String, _ got: UInt64, in range: ClosedRange<UInt64>) throws(Verdict) {
    if !range.contains(got) {
        throw .expected(what, "in \(hex(range.lowerBound))...\(hex(range.upperBound))", hex(got))
    }
}

/// The call succeeds.
@discardableResult
@inline(never)
func checkOK<R>(_ what: String, _ call: () throws(HypervisorError) -> R) throws(Verdict) -> R {
    do throws(HypervisorError) {
        return try call()
    } catch {
        throw .unexpected(what, error)
    }
}

/// The call fails with this error.
@inline(never)
func checkError<R>(_ what: String, _ want: Errno, _ call: () throws(HypervisorError) -> R) throws(Verdict) {
    do throws(HypervisorError) {
        _ = try call()
    } catch {
        if error.errno == want { return }
        throw .expected(what, "\(want)", "\(error.errno)")
    }
    throw .expected(what, "\(want)", "success")
}
