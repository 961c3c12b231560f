// Host: the operating system, and the only module that talks to it.
//
// Purpose. The rest of Stasis sees descriptors, mappings, clocks, threads, signals and processes as Swift types that
// mean the same in ordinary and in Embedded Swift, on x86-64 and on MIPS. There is one path to the kernel for all of
// them: Swift types here, thin C functions in CHost below.
//
// Glossary.
//   Errno           why a call failed, by name; numbers differ between architectures and never leave this module
//   FileDescriptor  owner of an open descriptor, closed when it goes out of scope
//   Mapping         owner of a range of memory from mmap, unmapped when it goes out of scope
//   monotonic       nanoseconds of CLOCK_MONOTONIC, the clock by which KVM/MIPS computes the guest's Count
//   realtime        nanoseconds since 1970 UTC
//   mask            a set of signals as 64 bits, signal n at bit n - 1
//   driver          in debug builds, a function asked before each system call of a thread: it records, fails or
//                   shortens the call, which is how the paths nobody sees in daily life are tested
//
// Life cycle. Nothing has to be set up. A program that prints to pipes ignores SIGPIPE first (`Signals.install`), so
// that a closed pipe is an error of `Output` and not the end of the process.
//
// Conventions. Functions that can fail throw `Errno`, typed. Reads, writes and the like try again after EINTR; `ioctl`,
// `poll` and the interruptible sleep do not, because their callers wait for signals. Sizes of memory are `Int`, offsets
// in files are `UInt64`. Nothing here traps on what a user, a file or a guest can cause.

import CHost

/// Turns what a CHost function answers into a value or an error.
@inline(__always)
func value(_ answer: Int64) throws(Errno) -> Int64 {
    if answer < 0 { throw Errno(hostNumber: Int32(truncatingIfNeeded: -answer)) }
    return answer
}

/// The same, making the call again for as long as a signal interrupts it.
@inline(__always)
func retrying(_ call: () -> Int64) throws(Errno) -> Int64 {
    while true {
        let answer = call()
        if answer >= 0 { return answer }
        let error = Errno(hostNumber: Int32(truncatingIfNeeded: -answer))
        if error != .intr { throw error }
    }
}

/// Hands `path` to C. A path with a zero byte inside would mean another file there than here.
@safe
func withPath(_ path: String, _ body: (UnsafePointer<CChar>) -> Int64) throws(Errno) -> Int64 {
    if path.utf8.contains(0) { throw .inval }
    // The pointer is used during the call only, and it ends in a zero byte.
    return try value(unsafe path.withCString { pointer in unsafe body(pointer) })
}
