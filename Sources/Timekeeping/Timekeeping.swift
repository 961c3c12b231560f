// Timekeeping: stopping a guest's time and letting it go on.
//
// Purpose. KVM/MIPS has a master disable of the guest timer: COUNT_CTL.DC stops Count and TI at one instant and
// COUNT_RESUME says which. This module turns these two registers into what a user wants: freeze, save, restore, thaw,
// and a say in how much of the gap the guest sees. It is written once, against the contract, and knows no backend.
//
// Glossary. R            COUNT_RESUME: the instant of the freeze, in nanoseconds of the source's monotonic clock R'
// what COUNT_RESUME becomes before a thaw: the instant at which the guest's time line goes on gap          how long the
// clock went on between R and the thaw visible      the part of the gap the guest is to see pass at once; the rest is
// hidden tick grid    a tick of Count begins wherever the monotonic clock, counted in ticks, is whole (`TickGrid`)
// phase        how much of a tick had run at an instant, in units: 10^-9 ticks carry        how far a guest is ahead of
// where exact arithmetic would have it, in units; always below one tick re-arm       toggling the master disable far
// from Compare, so that the kernel forgets an old expiry (defect Q1) pulse        toggling it just behind Compare, so
// that the kernel queues an interrupt that was saved (defect Q2)
//
// Why the phase matters. Writing Count tells the kernel a whole number. The part of a tick that had already run is not
// in it; where the next tick begins follows from the clock's grid alone. A restore at a random instant therefore moves
// the guest by up to one tick, and ten thousand restores move it by up to ten thousand. So R' is chosen where the grid
// stands as it stood at R, and what nanoseconds cannot express is carried to the next time.
//
// Life cycle. `freeze` → (`thaw`) or → save the `Frozen` value → new vCPUs, `beginRestore` → the caller's registers →
// `finishRestore` → `release`. A `Timekeeper` holds the carry and the ledger between two freezes.
//
// Files. TickGrid and ResumePlan are the arithmetic, pure values. Timekeeper and its extensions talk to vCPUs.
// TimerState, Frozen, TimeLedger and ByteLayout are what goes into a file. docs/timekeeping.md explains it all.
//
// Threads. Nothing here starts one. The vCPUs must be out of KVM_RUN: their calls would wait for it.
