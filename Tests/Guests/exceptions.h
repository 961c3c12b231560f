// Shared by the parts of the exception torture.

#ifndef EXCEPTIONS_H
#define EXCEPTIONS_H

#include "runtime/machine.h"

typedef uint32_t probe_function(uint32_t a0, uint32_t a1);

/// What the first exception since `forget` reported, and how many there were.
struct capture {
    uint32_t exceptions, interrupts;
    uint32_t cause, epc, status, badvaddr, vector, entryhi, context, ra, count;
};
extern struct capture capture;

/// Where the handler goes after an exception.
enum resume {
    resume_home,    ///< back to the probe's caller
    resume_skip,    ///< behind the instruction
    resume_retry,   ///< the same again, with a0 cleared
    resume_refill,  ///< the same again, after `refill` mapped the address
};
extern enum resume resume;

/// One check: prints `ok NAME.FIELD` or `FAIL NAME.FIELD got=… want=…`.
void check(const char *name, const char *field, uint32_t got, uint32_t want);

/// Clears `capture`.
void forget(void);

/// `forget`, then the probe.
uint32_t run(probe_function *probe, uint32_t a0, uint32_t a1);

/// Checks that exactly one exception was taken, and what it reported.
void expect(const char *name, uint32_t code, uint32_t vector, bool slot, const void *epc);

// exceptions_tlb.c
bool refill(struct frame *frame);
void mapped_memory(void);
void user_mode(void);

// exceptions_probes.S
#define PROBE(name) \
    probe_function probe_##name; \
    extern const char probe_##name##_at[];
PROBE(syscall) PROBE(syscall_code) PROBE(break) PROBE(break_code)
PROBE(teq) PROBE(tge) PROBE(tgeu) PROBE(tlt) PROBE(tltu) PROBE(tne)
PROBE(teqi) PROBE(tgei) PROBE(tgeiu) PROBE(tlti) PROBE(tltiu) PROBE(tnei)
PROBE(add) PROBE(sub) PROBE(addi) PROBE(addu) PROBE(reserved) PROBE(rdhwr30)
PROBE(mfc1) PROBE(lwc1) PROBE(sdc1) PROBE(adds) PROBE(maddd) PROBE(lwc2)
PROBE(lw) PROBE(lh) PROBE(lhu) PROBE(lbu) PROBE(ll) PROBE(sw) PROBE(sh) PROBE(sb) PROBE(lwl) PROBE(swr)
PROBE(call)
PROBE(slot_beq) PROBE(slot_bne) PROBE(slot_blez) PROBE(slot_bgtz) PROBE(slot_bltz) PROBE(slot_bgez)
PROBE(slot_bltzal) PROBE(slot_bgezal) PROBE(slot_beql) PROBE(slot_bnel) PROBE(slot_blezl) PROBE(slot_bgtzl)
PROBE(slot_bltzl) PROBE(slot_bgezl) PROBE(slot_bltzall) PROBE(slot_bgezall) PROBE(slot_j) PROBE(slot_jal)
PROBE(slot_jr) PROBE(slot_jalr) PROBE(slot_beq_not) PROBE(slot_bne_not) PROBE(slot_bgezal_not)
PROBE(slot_annul_beql) PROBE(slot_annul_bnel) PROBE(slot_annul_blezl) PROBE(slot_annul_bgtzl)
PROBE(slot_annul_bltzl) PROBE(slot_annul_bgezl) PROBE(slot_annul_bltzall) PROBE(slot_annul_bgezall)
PROBE(slotted_syscall) PROBE(slotted_break) PROBE(slotted_reserved) PROBE(slotted_mfc1) PROBE(slotted_add)
PROBE(slotted_lw) PROBE(slotted_sw)
PROBE(retry_bne) PROBE(retry_bnel) PROBE(retry_jal) PROBE(retry_jalr) PROBE(retry_not)
PROBE(llsc) PROBE(llsc_eret) PROBE(eret_exl) PROBE(eret_erl) PROBE(nested) PROBE(cause) PROBE(eidi) PROBE(pgpr)
PROBE(cache)
#undef PROBE

uint32_t enter_user(uint32_t pc, uint32_t a0, uint32_t a1);
extern char user_return[];

#define USER(name) extern const char user_##name[], user_##name##_end[];
USER(syscall) USER(mfc0) USER(mtc0) USER(eret) USER(tlbr) USER(wait) USER(di) USER(cache) USER(lw) USER(sw)
USER(jump) USER(rdhwr) USER(rdhwr29) USER(mfc1) USER(slot) USER(loop)
#undef USER

#endif
