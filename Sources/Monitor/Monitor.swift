// Monitor: the life of one virtual machine.
//
// Purpose. Puts a backend, a board, a console and the keeping of time together into a machine that a user can start, stop, save
// and go on with. It is generic over the contract: the same code drives the real /dev/kvm and the simulator.
//
// Glossary.
//   run loop     enter the guest, serve its exit, again; on the thread that called `run`
//   stop         why the run loop came back: power off, deadline, signal, request, failure (`Stop`)
//   pause        the guest's time is frozen: Count and TI stand still and COUNT_RESUME tells since when
//   kick         getting a vCPU out of the guest from another thread: a flag, `immediate_exit`, and a signal
//   contents     what a snapshot of a machine holds, decoded and checked (`SnapshotContents`)
//
// Life cycle of a machine: created → running ⇄ paused → ended (`LifeCycle`). `run` returning does not stop the guest's clock, only
// `pause` does; so a machine that is stopped, looked at and run again without a pause has missed that time like any busy
// computer. A save pauses, writes the file and leaves the machine paused. Restoring makes a new machine, paused; its time goes on
// with `resume`. Nothing of a machine whose restore failed is left.
//
// Files. VirtualMachine (what it owns), +Boot (images, reset), +Run (the loop), +Signals, +Pause, +Save, +Restore; Console with
// its thread; SnapshotContents, SnapshotComparison and SavedRegisters for files; Crossing, which judges
// what another backend can take over; MonitorError.
//
// Threads. A machine belongs to one thread at a time. `requestStop` and the console's thread may come from others; they only set
// flags and kick. Lock order: the console's lock is a leaf.
