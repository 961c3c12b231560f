// HostIO: what virtual devices are connected to on the host.
//
// Purpose. A device of module Devices is a value without files or threads. Here is the other end of its cable: a file
// for a disk, a TAP interface for a network card, a pseudo-terminal or a socket for a console, the kernel's random
// numbers. What can wait (a disk that spins up, a terminal nobody reads) waits in a thread of this module, never in the
// thread that runs the vCPU: that one leaves work in a queue, takes results from a queue, and is told by a kick that
// there is something to take.
//
// Glossary.
//   worker   the thread of one disk, TAP or line. It alone makes the system calls that can wait. All signals are
//            blocked in it.
//   kick     a closure the owner gives, called from the worker when a queue that was empty is not any more. The worker
//            holds no lock meanwhile. It may be called once too often, and must not wait: it sets a flag and wakes the
//            vCPU.
//   bell     an eventfd by which the owner wakes a worker out of poll(2)
//   gate     what a worker waits for before its first effect outside the process. A restored guest runs before all of
//            its memory has been verified; should that fail, the world must not have seen anything it did.
//   drain    waiting until everything that was handed over has been done: before a machine is saved
//
// Life cycle. Making one opens and checks: whatever the user got wrong is an error here, with a line that says what to
// do. `start` starts the worker, `stop` ends it after what is under way and keeps both queues, so a later `start` goes
// on where it was. The file is closed, and with it its lock given back, when the object goes.
//
// Locks. Each object has one, and each is a leaf: while one is held no other is taken, no system call that can wait is
// made and no closure is called. That goes for the gate's as well, which tells workers of its verdict after giving its
// lock back; a worker notes it under its own.
//
// Guests are hostile here too: requests are checked again against the disk's size and the guest's memory, queues have
// bounds, and what is beyond them is dropped and counted or answered with an error.

import Host

/// Wakes a worker that waits in poll(2).
@safe
final class Bell: @unchecked Sendable {
    private let event: FileDescriptor

    init() throws(Errno) { event = try FileDescriptor.eventfd() }

    var descriptor: Int32 { event.raw }
    /// A full counter would be readable all the same.
    func ring() { try? event.signalEvent() }
    /// Nothing to drain is not an error.
    func reset() { _ = try? event.drainEvent() }
}
