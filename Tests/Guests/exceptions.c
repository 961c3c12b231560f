// exceptions: provokes every exception the board can, in and out of delay slots, and checks what the CPU reports.
//
// The probes are in exceptions_probes.S, the memory-management part in exceptions_tlb.c. Checks that a
// trap-and-emulate host cannot survive (design of the host, not of the guest) are left out of that link by
// trap_and_emulate().

#include "exceptions.h"

struct capture capture;
enum resume resume;
static uint32_t checks, failures, quiet;

void check(const char *name, const char *field, uint32_t got, uint32_t want) {
    checks++;
    if (got != want) {
        failures++;
        put("FAIL %s.%s got=%08x want=%08x\n", name, field, got, want);
    } else if (!quiet) {
        put("ok %s.%s\n", name, field);
    }
}

static bool on_interrupt(struct frame *frame) {
    leave_wait(frame);
    capture.interrupts++;
    capture.cause = frame->cause;
    capture.epc = frame->epc;
    capture.status = frame->status;
    capture.vector = frame->vector;
    capture.count = mfc0(CP0_COUNT);
    mtc0(CP0_CAUSE, frame->cause & (CAUSE_IV | CAUSE_DC));
    mtc0(CP0_COMPARE, capture.count - 1);
    if (frame->status & STATUS_UM) {
        frame->status = STATUS_CU0 | STATUS_EXL;
        frame->epc = (uint32_t)user_return;
    }
    return true;
}

static bool on_exception(struct frame *frame) {
    uint32_t code = CAUSE_CODE(frame->cause);
    if (code == EXC_INT) return on_interrupt(frame);
    if (++capture.exceptions > 10000) return false;
    if (resume == resume_refill && (code == EXC_TLBL || code == EXC_TLBS)) return refill(frame);
    if (capture.exceptions == 1) {
        capture.cause = frame->cause;
        capture.epc = frame->epc;
        capture.status = frame->status;
        capture.badvaddr = frame->badvaddr;
        capture.vector = frame->vector;
        capture.entryhi = frame->entryhi;
        capture.context = frame->context;
        capture.ra = frame->r[31];
    }
    if (frame->status & STATUS_UM) {
        frame->status = STATUS_CU0 | STATUS_EXL;
        frame->epc = (uint32_t)user_return;
        return true;
    }
    if (resume == resume_retry && capture.exceptions == 1) frame->r[4] = 0;
    else if (resume == resume_skip) frame->epc += 4;
    else frame->epc = frame->r[24];
    return true;
}

void forget(void) { memset(&capture, 0, sizeof capture); }

uint32_t run(probe_function *probe, uint32_t a0, uint32_t a1) {
    forget();
    return probe(a0, a1);
}

void expect(const char *name, uint32_t code, uint32_t vector, bool slot, const void *epc) {
    check(name, "taken", capture.exceptions, 1);
    check(name, "code", CAUSE_CODE(capture.cause), code);
    check(name, "vector", capture.vector, vector);
    check(name, "bd", capture.cause >> 31, slot);
    check(name, "epc", capture.epc, (uint32_t)epc);
    check(name, "exl", capture.status & STATUS_EXL, STATUS_EXL);
}

/// One row of the table below: a probe, its operands, and what must come of it.
struct row {
    const char *name;
    probe_function *probe;
    const char *at;
    uint32_t a0, a1;
    uint8_t code;      ///< expected ExcCode, `none` for no exception at all
    uint8_t coprocessor;  ///< expected Cause.CE, for EXC_CPU
    bool slot;         ///< expected Cause.BD
    bool hardware;     ///< only with ordinary segments
};

enum { none = 255 };

#define ROW(name, a0, a1, code, ce, slot, hardware) \
    {#name, probe_##name, probe_##name##_at, a0, a1, code, ce, slot, hardware}
#define SLOT(name) ROW(slot_##name, 0, 0, EXC_TR, 0, true, false)
#define ANNUL(name) ROW(slot_annul_##name, 0, 0, none, 0, false, false)

static const struct row rows[] = {
    ROW(syscall, 0, 0, EXC_SYS, 0, false, false),
    ROW(syscall_code, 0, 0, EXC_SYS, 0, false, false),
    ROW(break, 0, 0, EXC_BP, 0, false, false),
    ROW(break_code, 0, 0, EXC_BP, 0, false, false),
    ROW(teq, 5, 5, EXC_TR, 0, false, false),
    ROW(teq, 5, 6, none, 0, false, false),
    ROW(tge, 5, 5, EXC_TR, 0, false, false),
    ROW(tge, 5, -6u, EXC_TR, 0, false, false),
    ROW(tge, -6u, 5, none, 0, false, false),
    ROW(tgeu, -6u, 5, EXC_TR, 0, false, false),
    ROW(tgeu, 5, -6u, none, 0, false, false),
    ROW(tlt, -6u, 5, EXC_TR, 0, false, false),
    ROW(tlt, 5, 5, none, 0, false, false),
    ROW(tltu, 5, -6u, EXC_TR, 0, false, false),
    ROW(tltu, -6u, 5, none, 0, false, false),
    ROW(tne, 5, 6, EXC_TR, 0, false, false),
    ROW(tne, 5, 5, none, 0, false, false),
    ROW(teqi, -5u, 0, EXC_TR, 0, false, false),
    ROW(teqi, 5, 0, none, 0, false, false),
    ROW(tgei, -5u, 0, EXC_TR, 0, false, false),
    ROW(tgei, -6u, 0, none, 0, false, false),
    ROW(tgeiu, -1u, 0, EXC_TR, 0, false, false),
    ROW(tgeiu, 5, 0, none, 0, false, false),
    ROW(tlti, -6u, 0, EXC_TR, 0, false, false),
    ROW(tlti, 5, 0, none, 0, false, false),
    ROW(tltiu, 5, 0, EXC_TR, 0, false, false),
    ROW(tltiu, -1u, 0, none, 0, false, false),
    ROW(tnei, 5, 0, EXC_TR, 0, false, false),
    ROW(tnei, -5u, 0, none, 0, false, false),
    ROW(add, 0x7FFFFFFF, 1, EXC_OV, 0, false, true),
    ROW(add, 0x80000000, -1u, EXC_OV, 0, false, true),
    ROW(add, 0x7FFFFFFF, -1u, none, 0, false, false),
    ROW(sub, 0x80000000, 1, EXC_OV, 0, false, true),
    ROW(sub, 0x7FFFFFFF, -1u, EXC_OV, 0, false, true),
    ROW(sub, 1, 0x7FFFFFFF, none, 0, false, false),
    ROW(addi, 0x7FFFFFFF, 0, EXC_OV, 0, false, true),
    ROW(addi, -1u, 0, none, 0, false, false),
    ROW(addu, 0x7FFFFFFF, 1, none, 0, false, false),
    ROW(reserved, 0, 0, EXC_RI, 0, false, false),
    ROW(rdhwr30, 0, 0, EXC_RI, 0, false, false),
    ROW(mfc1, 0, 0, EXC_CPU, 1, false, false),
    ROW(lwc1, 0, 0, EXC_CPU, 1, false, false),
    ROW(sdc1, 0, 0, EXC_CPU, 1, false, false),
    ROW(adds, 0, 0, EXC_CPU, 1, false, false),
    ROW(maddd, 0, 0, EXC_CPU, 1, false, true),
    ROW(lwc2, 0, 0, EXC_CPU, 2, false, true),
    SLOT(beq), SLOT(bne), SLOT(blez), SLOT(bgtz), SLOT(bltz), SLOT(bgez), SLOT(bltzal), SLOT(bgezal),
    SLOT(beql), SLOT(bnel), SLOT(blezl), SLOT(bgtzl), SLOT(bltzl), SLOT(bgezl), SLOT(bltzall), SLOT(bgezall),
    SLOT(j), SLOT(jal), SLOT(jr), SLOT(jalr), SLOT(beq_not), SLOT(bne_not), SLOT(bgezal_not),
    ANNUL(beql), ANNUL(bnel), ANNUL(blezl), ANNUL(bgtzl), ANNUL(bltzl), ANNUL(bgezl), ANNUL(bltzall), ANNUL(bgezall),
    ROW(slotted_syscall, 0, 0, EXC_SYS, 0, true, false),
    ROW(slotted_break, 0, 0, EXC_BP, 0, true, false),
    ROW(slotted_reserved, 0, 0, EXC_RI, 0, true, false),
    ROW(slotted_mfc1, 0, 0, EXC_CPU, 1, true, false),
    ROW(slotted_add, 0x7FFFFFFF, 1, EXC_OV, 0, true, true),
};

static void table(void) {
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        if (row->hardware && trap_and_emulate()) continue;
        uint32_t result = run(row->probe, row->a0, row->a1);
        if (row->code == none) {
            check(row->name, "not-taken", capture.exceptions, 0);
            continue;
        }
        expect(row->name, row->code, 0x180, row->slot, row->at);
        check(row->name, "result", result, 0x1234);
        if (row->code == EXC_CPU) check(row->name, "ce", CAUSE_CE(capture.cause), row->coprocessor);
    }
    run(probe_slot_jal, 0, 0);
    check("slot_jal", "ra", capture.ra, (uint32_t)probe_slot_jal_at + 8);
    run(probe_slot_jalr, 0, 0);
    check("slot_jalr", "ra", capture.ra, (uint32_t)probe_slot_jalr_at + 8);
    run(probe_slot_bgezal, 0, 0);
    check("slot_bgezal", "ra", capture.ra, (uint32_t)probe_slot_bgezal_at + 8);
    check("add", "sum", run(probe_add, 0x7FFFFFFF, -1u), 0x7FFFFFFE);
    check("addu", "sum", run(probe_addu, 0x7FFFFFFF, 1), 0x80000000);
}

static void retries(void) {
    resume = resume_retry;
    check("retry_bne", "result", run(probe_retry_bne, 1, 0), 0);
    check("retry_bne", "taken", capture.exceptions, 1);
    check("retry_bnel", "result", run(probe_retry_bnel, 1, 0), 0);
    check("retry_bnel", "taken", capture.exceptions, 1);
    check("retry_jal", "result", run(probe_retry_jal, 1, 0), 0);
    check("retry_jal", "taken", capture.exceptions, 1);
    check("retry_jalr", "result", run(probe_retry_jalr, 1, 0), 0);
    check("retry_jalr", "taken", capture.exceptions, 1);
    check("retry_not", "result", run(probe_retry_not, 1, 0), 100);
    check("retry_not", "taken", capture.exceptions, 1);
    resume = resume_home;
}

/// Address errors of kernel mode, which a trap-and-emulate host does not survive.
static void addresses(void) {
    static const struct {
        const char *name;
        probe_function *probe;
        const char *at;
        uint32_t offset;
        bool store, slot;
    } cases[] = {
        {"lw+1", probe_lw, probe_lw_at, 1, false, false},    {"lw+2", probe_lw, probe_lw_at, 2, false, false},
        {"lw+3", probe_lw, probe_lw_at, 3, false, false},    {"lh+1", probe_lh, probe_lh_at, 1, false, false},
        {"lhu+3", probe_lhu, probe_lhu_at, 3, false, false}, {"ll+2", probe_ll, probe_ll_at, 2, false, false},
        {"sw+1", probe_sw, probe_sw_at, 1, true, false},     {"sw+2", probe_sw, probe_sw_at, 2, true, false},
        {"sh+1", probe_sh, probe_sh_at, 1, true, false},
        {"slotted_lw+2", probe_slotted_lw, probe_slotted_lw_at, 2, false, true},
        {"slotted_sw+2", probe_slotted_sw, probe_slotted_sw_at, 2, true, true},
    };
    static uint32_t word = 0x01020304;
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t at = (uint32_t)&word + cases[i].offset;
        uint32_t result = run(cases[i].probe, at, 0x55555555);
        expect(cases[i].name, cases[i].store ? EXC_ADES : EXC_ADEL, 0x180, cases[i].slot, cases[i].at);
        check(cases[i].name, "badvaddr", capture.badvaddr, at);
        check(cases[i].name, "result", result, 0x1234);
    }
    check("address", "word", word, 0x01020304);
    uint32_t target = (uint32_t)probe_syscall + 2;
    run(probe_call, target, 0);
    expect("fetch+2", EXC_ADEL, 0x180, false, (void *)target);
    check("fetch+2", "badvaddr", capture.badvaddr, target);
}

static void returns(void) {
    static volatile uint32_t word;
    uint32_t stored = 0;
    // A host interrupt may break a reservation under virtualization, but not a hundred in a row.
    for (int i = 0; i < 100 && !stored; i++) {
        word = 1;
        stored = run(probe_llsc, (uint32_t)&word, 77);
    }
    check("llsc", "stored", stored, 1);
    check("llsc", "word", word, 77);
    resume = resume_skip;
    check("llsc_eret", "stored", run(probe_llsc_eret, (uint32_t)&word, 99), 0);
    check("llsc_eret", "word", word, 77);
    resume = resume_home;
    check("eret_exl", "status", run(probe_eret_exl, 0, 0) & 7, 0);
    check("eret_erl", "status", run(probe_eret_erl, 0, 0) & 7, 0);
    check("eret", "taken", capture.exceptions, 0);
    word = 0xCAFED00D;
    check("cache", "word", run(probe_cache, (uint32_t)&word, 0), 0xCAFED00D);
    check("cache", "taken", capture.exceptions, 0);
    if (trap_and_emulate()) return;
    check("pgpr", "move", run(probe_pgpr, 0x600DCAFE, 0), 0x600DCAFE);
    run(probe_nested, 0x80123454, 0);
    check("nested", "taken", capture.exceptions, 1);
    check("nested", "code", CAUSE_CODE(capture.cause), EXC_TR);
    check("nested", "vector", capture.vector, 0x180);
    check("nested", "epc", capture.epc, 0x80123454);
    check("nested", "bd", capture.cause >> 31, 0);
}

/// Moves the vectors and back.
static void set_ebase(void *page) {
    uint32_t status = mfc0(CP0_STATUS);
    mtc0(CP0_STATUS, status | STATUS_BEV);
    mtc0(CP0_EBASE, (uint32_t)page);
    mtc0(CP0_STATUS, status & ~STATUS_BEV);
}

static void moved_vectors(void) {
    set_ebase(second_vectors);
    check("ebase", "reads", mfc0(CP0_EBASE) & 0xFFFFF000, (uint32_t)second_vectors);
    run(probe_syscall, 0, 0);
    expect("ebase", EXC_SYS, 0x1180, false, probe_syscall_at);
    set_ebase(vectors);
    run(probe_syscall, 0, 0);
    expect("ebase_back", EXC_SYS, 0x180, false, probe_syscall_at);
}

/// Software interrupts: trap-and-emulate stores their Cause bits but never delivers them.
static void software_interrupts(void) {
    for (uint32_t bit = CAUSE_IP0; bit <= CAUSE_IP1; bit <<= 1) {
        const char *name = bit == CAUSE_IP0 ? "software0" : "software1";
        mtc0(CP0_STATUS, STATUS_CU0 | bit | STATUS_IE);
        run(probe_cause, CAUSE_IV | bit, 0);
        check(name, "taken", capture.interrupts, 1);
        check(name, "vector", capture.vector, 0x200);
        check(name, "ip", capture.cause & (CAUSE_IP0 | CAUSE_IP1), bit);
        check(name, "epc", capture.epc - (uint32_t)probe_cause_at <= 4, 1);
        run(probe_cause, bit, 0);
        check(name, "iv=0", capture.vector, 0x180);
        mtc0(CP0_STATUS, STATUS_CU0 | (bit ^ 0x300) | STATUS_IE);
        run(probe_cause, CAUSE_IV | bit, 0);
        check(name, "masked", capture.interrupts, 0);
        mtc0(CP0_STATUS, STATUS_CU0 | bit);
        run(probe_cause, CAUSE_IV | bit, 0);
        check(name, "ie=0", capture.interrupts, 0);
        mtc0(CP0_STATUS, STATUS_CU0 | bit | STATUS_IE | STATUS_EXL);
        check(name, "exl=1", capture.interrupts, 0);
        mtc0(CP0_STATUS, STATUS_CU0 | bit | STATUS_IE | STATUS_ERL);
        check(name, "erl=1", capture.interrupts, 0);
        mtc0(CP0_STATUS, STATUS_CU0 | bit | STATUS_IE);
        check(name, "at-last", capture.interrupts, 1);
        mtc0(CP0_STATUS, STATUS_CU0);
    }
    mtc0(CP0_CAUSE, CAUSE_IV);
}

/// Waits for an interrupt, not for ever.
static void await(uint32_t counts) {
    uint32_t start = mfc0(CP0_COUNT);
    while (!*(volatile uint32_t *)&capture.interrupts && mfc0(CP0_COUNT) - start < counts) {
    }
}

static void timer(void) {
    enum { soon = 20000, patience = 200000000 };
    uint32_t enabled = STATUS_CU0 | STATUS_IM7 | STATUS_IM0 | STATUS_IE;
    for (int iv = 1; iv >= 0; iv--) {
        const char *name = iv ? "timer_iv" : "timer";
        forget();
        mtc0(CP0_CAUSE, iv ? CAUSE_IV : 0);
        uint32_t compare = arm_timer(soon);
        mtc0(CP0_STATUS, enabled);
        await(patience);
        mtc0(CP0_STATUS, STATUS_CU0);
        check(name, "taken", capture.interrupts, 1);
        check(name, "vector", capture.vector, iv ? 0x200 : 0x180);
        check(name, "ti", capture.cause & (CAUSE_TI | CAUSE_IP7), CAUSE_TI | CAUSE_IP7);
        check(name, "due", (int32_t)(capture.count - compare) >= 0, 1);
        check(name, "acknowledged", mfc0(CP0_CAUSE) & (CAUSE_TI | CAUSE_IP7), 0);
    }
    mtc0(CP0_CAUSE, CAUSE_IV);

    // Masked: TI shows, nothing is taken; then it is.
    forget();
    mtc0(CP0_STATUS, STATUS_CU0);
    uint32_t start = arm_timer(soon);
    mtc0(CP0_STATUS, STATUS_CU0 | STATUS_IE);
    while (!(mfc0(CP0_CAUSE) & CAUSE_TI) && (int32_t)(mfc0(CP0_COUNT) - start) < patience) {
    }
    check("timer_masked", "ti", mfc0(CP0_CAUSE) & CAUSE_TI, CAUSE_TI);
    check("timer_masked", "taken", capture.interrupts, 0);
    mtc0(CP0_STATUS, enabled);
    await(patience);
    mtc0(CP0_STATUS, STATUS_CU0);
    check("timer_unmasked", "taken", capture.interrupts, 1);

    // WAIT sleeps until the timer.
    forget();
    start = arm_timer(1000000);
    mtc0(CP0_STATUS, enabled);
    while (!*(volatile uint32_t *)&capture.interrupts) wait_unless(&capture.interrupts);
    mtc0(CP0_STATUS, STATUS_CU0);
    check("wait", "taken", capture.interrupts, 1);
    check("wait", "due", (int32_t)(capture.count - start) >= 0, 1);

    // Cause.DC stops Count; writing Count sets it.
    mtc0(CP0_CAUSE, CAUSE_IV | CAUSE_DC);
    uint32_t stopped = mfc0(CP0_COUNT);
    for (volatile int i = 0; i < 10000; i++) {
    }
    check("dc", "stands", mfc0(CP0_COUNT), stopped);
    mtc0(CP0_COUNT, 0x12345678);
    check("dc", "write", mfc0(CP0_COUNT), 0x12345678);
    mtc0(CP0_CAUSE, CAUSE_IV);
    start = mfc0(CP0_COUNT);
    check("dc", "continues", start - 0x12345678 < patience, 1);
    mtc0(CP0_COMPARE, start - 1);
    check("eidi", "ie", run(probe_eidi, 0, 0), STATUS_IE);
}

int guest_main(void) {
    quiet = param("quiet", 0);
    exception_hook = on_exception;
    mtc0(CP0_COMPARE, mfc0(CP0_COUNT) - 1);
    table();
    retries();
    if (!trap_and_emulate()) addresses();
    returns();
    moved_vectors();
    if (!trap_and_emulate()) software_interrupts();
    timer();
    mapped_memory();
    user_mode();
    put("exceptions: %u checks, %u failed\n", checks, failures);
    return failures ? 1 : 0;
}
