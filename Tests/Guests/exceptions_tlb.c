// The memory-management half of the exception torture: TLB entries, refills, page sizes, user mode.
//
// Hardware knows pages of 4 KiB to 16 MiB; under trap-and-emulate the guest's pages must be the host's, 16 KiB here,
// and its mapped kernel segment lies at 0x60000000.

#include "exceptions.h"

enum { index_missing = 0x80000000u, cached = 3 << 3, dirty = 4, valid = 2, global = 1 };

/// Two pages of every size up to 16 KiB, for all mappings.
static uint8_t area[32768] __attribute__((aligned(32768)));

/// Status of user code: user mode, no coprocessor; enter_user adds EXL by what is stored here.
uint32_t user_status;

static uint32_t tlb_size;

static uint32_t page_size(uint32_t mask) { return (mask >> 1) + 0x1000; }

static uint32_t entry_lo(uint32_t pa, uint32_t flags) { return pa >> 12 << 6 | cached | flags; }

static void tlb_write(uint32_t index, uint32_t hi, uint32_t mask, uint32_t lo0, uint32_t lo1) {
    uint32_t old = mfc0(CP0_ENTRYHI);
    mtc0(CP0_ENTRYHI, hi);
    mtc0(CP0_PAGEMASK, mask);
    mtc0(CP0_ENTRYLO0, lo0);
    mtc0(CP0_ENTRYLO1, lo1);
    mtc0(CP0_INDEX, index);
    __asm__ volatile("tlbwi\n\tehb" : : : "memory");
    mtc0(CP0_ENTRYHI, old);
}

static uint32_t tlb_probe(uint32_t hi) {
    uint32_t old = mfc0(CP0_ENTRYHI);
    mtc0(CP0_ENTRYHI, hi);
    __asm__ volatile("tlbp\n\tehb" : : : "memory");
    mtc0(CP0_ENTRYHI, old);
    return mfc0(CP0_INDEX);
}

static uint32_t small_mask(void) { return trap_and_emulate() ? 0x6000 : 0; }

/// A VPN no access ever looks up: the unmapped window.
static uint32_t unused_hi(uint32_t n) { return (uint32_t)ram_base + n * 2 * page_size(small_mask()); }

static void tlb_clear(void) {
    for (uint32_t i = 0; i < tlb_size; i++) tlb_write(i, unused_hi(i), small_mask(), 0, 0);
}

/// Maps both pages of the pair at `va` to where `area` is, through entry `index`. Returns the address of `area` in the
/// even page; in the odd page it is one page size further.
static uint32_t map(uint32_t index, uint32_t va, uint32_t mask, uint32_t asid, uint32_t flags0, uint32_t flags1) {
    uint32_t size = page_size(mask), pa = physical(area), base = pa & ~(size - 1);
    tlb_write(index, va | asid, mask, entry_lo(base, flags0), entry_lo(base, flags1));
    return va + (pa - base);
}

/// The handler of resume_refill: maps the faulting pair over both pages of `area`, through a random entry.
bool refill(struct frame *frame) {
    uint32_t mask = small_mask(), size = page_size(mask);
    mtc0(CP0_ENTRYHI, frame->entryhi & ~(2 * size - 0x100));
    mtc0(CP0_PAGEMASK, mask);
    mtc0(CP0_ENTRYLO0, entry_lo(physical(area), dirty | valid));
    mtc0(CP0_ENTRYLO1, entry_lo(physical(area) + size, dirty | valid));
    __asm__ volatile("tlbwr\n\tehb" : : : "memory");
    return true;
}

static void expect_tlb(const char *name, uint32_t code, uint32_t vector, bool slot, const void *epc, uint32_t va) {
    expect(name, code, vector, slot, epc);
    check(name, "badvaddr", capture.badvaddr, va);
    check(name, "vpn2", capture.entryhi & 0xFFFFE000, va & 0xFFFFE000);
    if (!trap_and_emulate()) check(name, "badvpn2", capture.context & 0x007FFFF0, va >> 9 & 0x007FFFF0);
}

/// One page size in one segment: hits, misses, invalid and read-only pages, in and out of delay slots.
static void one_size(uint32_t mask, uint32_t segment) {
    uint32_t size = page_size(mask);
    volatile uint32_t *words = (volatile uint32_t *)area;
    put("pages of %u KiB at %08x\n", size >> 10, segment);
    words[0] = 0x11112222;
    uint32_t va = map(1, segment, mask, 0, dirty | valid, dirty | valid);
    check("even", "load", run(probe_lw, va, 0), 0x11112222);
    check("odd", "load", run(probe_lw, va + size, 0), 0x11112222);
    run(probe_sw, va + size + 4, 0x33334444);
    check("odd", "store", words[1], 0x33334444);
    run(probe_sb, va + 5, 0x55);
    check("even", "store", words[1], 0x33335544);
    check("hits", "taken", capture.exceptions, 0);

    // TLBP and TLBR give back what was written.
    check("tlbp", "index", tlb_probe(segment), 1);
    mtc0(CP0_INDEX, 1);
    __asm__ volatile("tlbr\n\tehb" : : : "memory");
    uint32_t base = physical(area) & ~(size - 1);
    check("tlbr", "hi", mfc0(CP0_ENTRYHI), segment);
    check("tlbr", "lo0", mfc0(CP0_ENTRYLO0), entry_lo(base, dirty | valid));
    check("tlbr", "lo1", mfc0(CP0_ENTRYLO1), entry_lo(base, dirty | valid));
    check("tlbr", "mask", mfc0(CP0_PAGEMASK), mask);
    mtc0(CP0_ENTRYHI, 0);

    // Just outside the pair: refill.
    uint32_t outside = segment + 2 * size;
    uint32_t result = run(probe_lw, outside, 0);
    expect_tlb("refill_load", EXC_TLBL, 0x000, false, probe_lw_at, outside);
    check("refill_load", "result", result, 0x1234);
    run(probe_sw, outside + 8, 0);
    expect_tlb("refill_store", EXC_TLBS, 0x000, false, probe_sw_at, outside + 8);
    run(probe_slotted_lw, outside + 12, 0);
    expect_tlb("refill_slot", EXC_TLBL, 0x000, true, probe_slotted_lw_at, outside + 12);
    run(probe_call, outside + 16, 0);
    expect_tlb("refill_fetch", EXC_TLBL, 0x000, false, (void *)(outside + 16), outside + 16);
    run(probe_nested, (uint32_t)probe_syscall, outside + 20);
    check("refill_exl", "taken", capture.exceptions, 1);
    check("refill_exl", "vector", capture.vector, 0x180);
    check("refill_exl", "epc", capture.epc, (uint32_t)probe_syscall);
    check("refill_exl", "badvaddr", capture.badvaddr, outside + 20);
    check("refill", "tlbp", tlb_probe(outside) >> 31, 1);

    // Odd page invalid, even page read-only.
    map(1, segment, mask, 0, valid, dirty);
    run(probe_lbu, va + size + 3, 0);
    expect_tlb("invalid_load", EXC_TLBL, 0x180, false, probe_lbu_at, va + size + 3);
    run(probe_swr, va + size + 2, 0);
    expect_tlb("invalid_store", EXC_TLBS, 0x180, false, probe_swr_at, va + size + 2);
    check("read_only", "load", run(probe_lw, va, 0), 0x11112222);
    run(probe_sw, va, 0);
    expect_tlb("modified", EXC_MOD, 0x180, false, probe_sw_at, va);
    run(probe_slotted_sw, va, 0);
    expect_tlb("modified_slot", EXC_MOD, 0x180, true, probe_slotted_sw_at, va);
    check("modified", "word", words[0], 0x11112222);
    tlb_clear();
}

static void address_spaces(void) {
    enum { segment = 0x10000000 };
    volatile uint32_t *words = (volatile uint32_t *)area;
    words[0] = 0xA51D0000;
    uint32_t va = map(2, segment, small_mask(), 5, dirty | valid, dirty | valid);
    mtc0(CP0_ENTRYHI, 5);
    check("asid", "same", run(probe_lw, va, 0), 0xA51D0000);
    mtc0(CP0_ENTRYHI, 6);
    run(probe_lw, va, 0);
    check("asid", "other", CAUSE_CODE(capture.cause) | capture.vector << 8, EXC_TLBL);
    check("asid", "kept", mfc0(CP0_ENTRYHI) & 0xFF, 6);
    map(2, segment, small_mask(), 5, dirty | valid | global, dirty | valid);
    run(probe_lw, va, 0);
    check("half_global", "misses", capture.exceptions, 1);
    map(2, segment, small_mask(), 5, dirty | valid | global, dirty | valid | global);
    check("global", "load", run(probe_lw, va, 0), 0xA51D0000);
    check("global", "taken", capture.exceptions, 0);
    mtc0(CP0_ENTRYHI, 0);
    tlb_clear();
}

/// Random and Wired. Trap-and-emulate ignores Wired and has no Random.
static void random_replacement(void) {
    enum { wired = 3 };
    if (trap_and_emulate()) return;
    mtc0(CP0_WIRED, wired);
    check("random", "starts", mfc0(CP0_RANDOM) >= wired && mfc0(CP0_RANDOM) < tlb_size, 1);
    uint32_t outside = 0;
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t random = mfc0(CP0_RANDOM);
        outside += random < wired || random >= tlb_size;
        mtc0(CP0_ENTRYHI, unused_hi(tlb_size + i));
        mtc0(CP0_PAGEMASK, 0);
        mtc0(CP0_ENTRYLO0, 0);
        mtc0(CP0_ENTRYLO1, 0);
        __asm__ volatile("tlbwr\n\tehb" : : : "memory");
    }
    check("random", "range", outside, 0);
    for (uint32_t i = 0; i < wired; i++) {
        mtc0(CP0_INDEX, i);
        __asm__ volatile("tlbr\n\tehb" : : : "memory");
        check("wired", "kept", mfc0(CP0_ENTRYHI), unused_hi(i));
    }
    mtc0(CP0_WIRED, 0);
    mtc0(CP0_ENTRYHI, 0);
    tlb_clear();
}

/// A working refill handler: more pages than entries, data, code, and a delay slot on the next page.
static void demand(void) {
    enum { pairs = 128, from = 0x20000000 };
    uint32_t size = page_size(small_mask());
    volatile uint32_t *words = (volatile uint32_t *)area;
    words[0] = 40;
    words[size / 4] = 2;
    resume = resume_refill;
    forget();
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 2 * pairs; i++) sum += *(volatile uint32_t *)(from + i * size);
    check("demand", "sum", sum, 42 * pairs);
    check("demand", "refills", capture.exceptions >= pairs && capture.exceptions <= 2 * pairs, 1);

    // jr ra as the last word of the even page, its slot (li v0, 42) first in the odd page.
    words[size / 4 - 1] = 0x03E00008;
    words[size / 4] = 0x2402002A;
    sync_code(area + size - 16, 32);
    tlb_clear();
    check("demand", "code", run(probe_call, from + size - 4, 0), 42);
    check("demand", "code-refills", capture.exceptions, 1);
    tlb_clear();
    check("demand", "slot", run(probe_slotted_lw, from + size, 0), 0x2402002A);
    check("demand", "slot-refills", capture.exceptions, 1);
    resume = resume_home;

    tlb_clear();
    map(0, from, small_mask(), 0, dirty | valid, 0);
    uint32_t even = entry_lo(physical(area), dirty | valid);
    tlb_write(0, from, small_mask(), even, entry_lo(physical(area) + size, dirty));
    run(probe_call, from + size - 4, 0);
    expect_tlb("slot_fetch", EXC_TLBL, 0x180, true, (void *)(from + size - 4), from + size);
    tlb_clear();
}

void mapped_memory(void) {
    tlb_size = trap_and_emulate() ? 64 : (mfc0(CP0_CONFIG1) >> 25 & 63) + 1;
    mtc0(CP0_WIRED, 0);
    mtc0(CP0_ENTRYHI, 0);
    tlb_clear();
    if (trap_and_emulate()) {
        one_size(0x6000, 0x10000000);
        one_size(0x6000, 0x68000000);
    } else {
        for (uint32_t mask = 0; mask <= 0x1FFE000; mask = mask << 2 | 0x6000) {
            one_size(mask, 0x10000000);
            one_size(mask, 0xC8000000);
        }
    }
    address_spaces();
    random_replacement();
    demand();
}

enum { user_base = 0x00400000 };

/// Copies user code from `from` to `end` to its page and runs it.
static uint32_t user(const char *from, const char *end, uint32_t a0, uint32_t a1) {
    forget();
    // Word by word: the page is code afterwards.
    for (uint32_t i = 0; i < (uint32_t)(end - from) / 4; i++)
        ((volatile uint32_t *)area)[i] = ((const volatile uint32_t *)from)[i];
    sync_code(area, 64);
    uint32_t result = enter_user(user_base, a0, a1);
    mtc0(CP0_STATUS, STATUS_CU0);
    return result;
}

#define USER(name, a0, a1) user(user_##name, user_##name##_end, a0, a1)

static void expect_user(const char *name, uint32_t code, uint32_t vector, bool slot, uint32_t epc) {
    expect(name, code, vector, slot, (void *)epc);
    check(name, "um", capture.status & STATUS_UM, STATUS_UM);
}

void user_mode(void) {
    enum { other = user_base + 0x100000 };
    uint32_t size = page_size(small_mask());
    user_status = STATUS_UM | STATUS_EXL;
    mtc0(CP0_ENTRYHI, 7);
    mtc0(CP0_HWRENA, 0);
    // Code page writable, the page behind it read-only.
    tlb_write(3, user_base | 7, small_mask(), entry_lo(physical(area), dirty | valid),
        entry_lo(physical(area) + size, valid));
    ((volatile uint32_t *)(area + size))[0] = 0x05E20005;

    check("user_syscall", "result", USER(syscall, 0, 0), 0x55);
    expect_user("user_syscall", EXC_SYS, 0x180, false, user_base + 4);
    check("user_load", "result", USER(lw, user_base + size, 0), 0x05E20005);
    expect_user("user_load", EXC_SYS, 0x180, false, user_base + 4);
    USER(sw, user_base + size, 0);
    expect_user("user_modified", EXC_MOD, 0x180, false, user_base);
    USER(lw, other, 0);
    expect_user("user_refill", EXC_TLBL, 0x000, false, user_base);
    check("user_refill", "badvaddr", capture.badvaddr, other);
    USER(jump, other, 0);
    expect_user("user_fetch", EXC_TLBL, 0x000, false, other);
    USER(slot, 0, 0);
    expect_user("user_slot", EXC_BP, 0x180, true, user_base);

#define PRIVILEGED(name)                                                  \
    USER(name, user_base, 0);                                             \
    expect_user("user_" #name, EXC_CPU, 0x180, false, user_base);          \
    /* KVM writes CE for coprocessor 1 only. */                           \
    if (!trap_and_emulate()) check("user_" #name, "ce", CAUSE_CE(capture.cause), 0);
    PRIVILEGED(mfc0)
    PRIVILEGED(mtc0)
    PRIVILEGED(eret)
    PRIVILEGED(tlbr)
    PRIVILEGED(wait)
    PRIVILEGED(di)
    PRIVILEGED(cache)
    USER(mfc1, 0, 0);
    expect_user("user_mfc1", EXC_CPU, 0x180, false, user_base);
    check("user_mfc1", "ce", CAUSE_CE(capture.cause), 1);

    // The kernel's addresses.
    USER(lw, (uint32_t)area, 0);
    expect_user("user_kseg_load", EXC_ADEL, 0x180, false, user_base);
    check("user_kseg_load", "badvaddr", capture.badvaddr, (uint32_t)area);
    USER(sw, (uint32_t)area, 0);
    expect_user("user_kseg_store", EXC_ADES, 0x180, false, user_base);
    USER(lw, 0xB0000000, 0);
    expect_user("user_device", EXC_ADEL, 0x180, false, user_base);
    check("user_device", "badvaddr", capture.badvaddr, 0xB0000000);
    if (!trap_and_emulate()) {
        USER(lw, 0xC0000000, 0);
        expect_user("user_kseg2", EXC_ADEL, 0x180, false, user_base);
        USER(jump, (uint32_t)probe_syscall, 0);
        expect_user("user_kseg_fetch", EXC_ADEL, 0x180, false, (uint32_t)probe_syscall);
        USER(lw, user_base + 2, 0);
        expect_user("user_unaligned", EXC_ADEL, 0x180, false, user_base);
    }

    // RDHWR by leave of HWREna.
    USER(rdhwr, 0, 0);
    expect_user("user_rdhwr", EXC_RI, 0x180, false, user_base);
    mtc0(CP0_HWRENA, 4);
    uint32_t before = mfc0(CP0_COUNT), count = USER(rdhwr, 0, 0), after = mfc0(CP0_COUNT);
    expect_user("user_rdhwr_enabled", EXC_SYS, 0x180, false, user_base + 4);
    check("user_rdhwr_enabled", "count", count - before <= after - before, 1);
    mtc0(CP0_HWRENA, 0);
    USER(rdhwr29, 0, 0);
    expect_user("user_rdhwr29", EXC_RI, 0x180, false, user_base);

    // The timer ends a user loop.
    user_status = STATUS_UM | STATUS_EXL | STATUS_IM7 | STATUS_IM0 | STATUS_IE;
    arm_timer(100000);
    USER(loop, 0, 0);
    check("user_timer", "taken", capture.interrupts, 1);
    check("user_timer", "um", capture.status & STATUS_UM, STATUS_UM);
    check("user_timer", "epc", capture.epc, user_base);
    mtc0(CP0_ENTRYHI, 0);
    tlb_clear();
}
