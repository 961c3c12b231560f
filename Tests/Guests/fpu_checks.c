// The half of the FPU torture that only MIPS knows the answers to: flags and causes in FCSR, traps, the older NaN
// encoding, conditions, conditional moves, both register files.

#include "fpu_torture.h"

/// What a probe reads and leaves. fpu_probes.S knows the offsets.
struct io {
    uint64_t a, b, c, result;
    uint32_t fcsr_in, fcsr_out, gpr, spare;
};

typedef void probe_function(struct io *io);

static struct io io;
static uint32_t count, failures;

/// The first exception since `run`.
static struct {
    uint32_t taken, code, epc, slot, fcsr;
} trap;

static void check(const char *name, const char *field, uint32_t got, uint32_t want) {
    count++;
    if (got == want) return;
    failures++;
    put("FAIL %s.%s got=%08x want=%08x\n", name, field, got, want);
}

static void check_wide(const char *name, const char *field, uint64_t got, uint64_t want) {
    count++;
    if (got == want) return;
    failures++;
    put("FAIL %s.%s got=%016llx want=%016llx\n", name, field, (unsigned long long)got, (unsigned long long)want);
}

/// Steps over the instruction (and the branch before it), with the causes cleared so that FCSR can be written back.
static bool on_exception(struct frame *frame) {
    uint32_t code = CAUSE_CODE(frame->cause);
    if (code == EXC_INT) return false;
    if (!trap.taken++) {
        trap.code = code;
        trap.epc = frame->epc;
        trap.slot = frame->cause >> 31;
        trap.fcsr = read_fcsr();
    }
    write_fcsr(read_fcsr() & ~CAUSES(63));
    frame->epc += frame->cause & CAUSE_BD ? 8 : 4;
    return trap.taken < 4;
}

static const uint64_t untouched = 0x0123456789ABCDEF;

static void run(probe_function *probe, uint64_t a, uint64_t b, uint32_t fcsr) {
    trap.taken = trap.code = trap.epc = trap.slot = trap.fcsr = 0;
    io.a = a;
    io.b = b;
    io.result = untouched;
    io.fcsr_in = fcsr;
    probe(&io);
}

#define PROBE(name) probe_function fprobe_##name; extern const char fprobe_##name##_at[];
#define WIDE(name) probe_function fwide_##name; extern const char fwide_##name##_at[];

// ---- special results and traps

#define ONE 0x3FF0000000000000u
#define TWO 0x4000000000000000u
#define THREE 0x4008000000000000u
#define LARGEST 0x7FEFFFFFFFFFFFFFu
#define SMALLEST 0x0010000000000000u
#define INFINITY_D 0x7FF0000000000000u
#define QUIET 0x7FF7123456789ABCu      // older encoding: top fraction bit clear is quiet
#define SIGNALLING 0x7FF8123456789ABCu
#define DEFAULT_NAN 0x7FF7FFFFFFFFFFFFu
#define MINUS 0x8000000000000000u

#define ONE_S 0x3F800000u
#define LARGEST_S 0x7F7FFFFFu
#define SMALLEST_S 0x00800000u
#define INFINITY_S 0x7F800000u
#define QUIET_S 0x7FB12345u
#define SIGNALLING_S 0x7FC12345u
#define DEFAULT_NAN_S 0x7FBFFFFFu

PROBE(add_d) PROBE(sub_d) PROBE(mul_d) PROBE(div_d) PROBE(sqrt_d) PROBE(recip_d) PROBE(rsqrt_d)
PROBE(mov_d) PROBE(neg_d) PROBE(abs_d)
PROBE(add_s) PROBE(sub_s) PROBE(mul_s) PROBE(div_s) PROBE(sqrt_s)
PROBE(cvt_s_d) PROBE(cvt_d_s) PROBE(cvt_w_d) PROBE(cvt_w_s) PROBE(cvt_d_w) PROBE(cvt_s_w)

/// A row is run with traps off (result, flags and causes), and, when it raises anything, once more per flag with only
/// that one enabled (trap, causes, nothing else touched).
struct row {
    const char *name;
    probe_function *probe;
    const char *at;
    uint64_t a, b, result;
    uint8_t raised;
    uint8_t width;  ///< bits of the result that count
};
#define ROW(name, a, b, result, raised, width) {#name, fprobe_##name, fprobe_##name##_at, a, b, result, raised, width}

static const struct row rows[] = {
    ROW(add_d, ONE, TWO, THREE, 0, 64),
    ROW(add_d, INFINITY_D, INFINITY_D | MINUS, DEFAULT_NAN, invalid, 64),
    ROW(add_d, LARGEST, LARGEST, INFINITY_D, overflow | inexact, 64),
    ROW(add_d, ONE, 1, ONE, inexact, 64),
    ROW(add_d, QUIET, ONE, QUIET, 0, 64),
    ROW(add_d, ONE, QUIET, QUIET, 0, 64),
    ROW(add_d, SIGNALLING, ONE, DEFAULT_NAN, invalid, 64),
    ROW(sub_d, INFINITY_D, INFINITY_D, DEFAULT_NAN, invalid, 64),
    ROW(sub_d, ONE, ONE, 0, 0, 64),
    ROW(mul_d, 0, INFINITY_D, DEFAULT_NAN, invalid, 64),
    ROW(mul_d, SMALLEST, 0x3FD5555555555555, 0x0005555555555555, underflow | inexact, 64),
    ROW(mul_d, SMALLEST, SMALLEST, 0, underflow | inexact, 64),
    ROW(mul_d, ONE | MINUS, 0, MINUS, 0, 64),
    ROW(div_d, 0, 0, DEFAULT_NAN, invalid, 64),
    ROW(div_d, INFINITY_D, INFINITY_D, DEFAULT_NAN, invalid, 64),
    ROW(div_d, ONE, 0, INFINITY_D, division, 64),
    ROW(div_d, ONE | MINUS, 0, INFINITY_D | MINUS, division, 64),
    ROW(div_d, ONE, THREE, 0x3FD5555555555555, inexact, 64),
    ROW(div_d, INFINITY_D, 0, INFINITY_D, 0, 64),
    ROW(div_d, SMALLEST, THREE, 0x0005555555555555, underflow | inexact, 64),
    ROW(sqrt_d, ONE | MINUS, 0, DEFAULT_NAN, invalid, 64),
    ROW(sqrt_d, MINUS, 0, MINUS, 0, 64),
    ROW(sqrt_d, TWO, 0, 0x3FF6A09E667F3BCD, inexact, 64),
    ROW(recip_d, TWO, 0, 0x3FE0000000000000, 0, 64),
    ROW(recip_d, 0, 0, INFINITY_D, division, 64),
    ROW(rsqrt_d, 0x4010000000000000, 0, 0x3FE0000000000000, 0, 64),
    ROW(mov_d, SIGNALLING, 0, SIGNALLING, 0, 64),
    ROW(neg_d, ONE, 0, ONE | MINUS, 0, 64),
    ROW(abs_d, ONE | MINUS, 0, ONE, 0, 64),
    ROW(add_s, ONE_S, ONE_S, 0x40000000, 0, 32),
    ROW(add_s, LARGEST_S, LARGEST_S, INFINITY_S, overflow | inexact, 32),
    ROW(add_s, SIGNALLING_S, ONE_S, DEFAULT_NAN_S, invalid, 32),
    ROW(add_s, QUIET_S, ONE_S, QUIET_S, 0, 32),
    ROW(sub_s, INFINITY_S, INFINITY_S, DEFAULT_NAN_S, invalid, 32),
    ROW(mul_s, SMALLEST_S, SMALLEST_S, 0, underflow | inexact, 32),
    ROW(div_s, ONE_S, 0, INFINITY_S, division, 32),
    ROW(div_s, ONE_S, 0x40400000, 0x3EAAAAAB, inexact, 32),
    ROW(sqrt_s, 0xBF800000, 0, DEFAULT_NAN_S, invalid, 32),
    ROW(cvt_s_d, LARGEST, 0, INFINITY_S, overflow | inexact, 32),
    ROW(cvt_s_d, SMALLEST, 0, 0, underflow | inexact, 32),
    ROW(cvt_s_d, 0x3FD5555555555555, 0, 0x3EAAAAAB, inexact, 32),
    ROW(cvt_s_d, SIGNALLING, 0, DEFAULT_NAN_S, invalid, 32),
    ROW(cvt_d_s, 0x3EAAAAAB, 0, 0x3FD5555560000000, 0, 64),
    ROW(cvt_d_s, SIGNALLING_S, 0, DEFAULT_NAN, invalid, 64),
    ROW(cvt_w_d, 0x41E0000000000000, 0, 0x7FFFFFFF, invalid, 32),
    ROW(cvt_w_d, 0xC1E0000000100000, 0, 0x80000000, inexact, 32),
    ROW(cvt_w_d, 0xC1F0000000000000, 0, 0x7FFFFFFF, invalid, 32),
    ROW(cvt_w_d, INFINITY_D, 0, 0x7FFFFFFF, invalid, 32),
    ROW(cvt_w_d, QUIET, 0, 0x7FFFFFFF, invalid, 32),
    ROW(cvt_w_d, 0x3FE0000000000000, 0, 0, inexact, 32),
    ROW(cvt_w_d, 0x3FF8000000000000, 0, 2, inexact, 32),
    ROW(cvt_w_s, 0x4F000000, 0, 0x7FFFFFFF, invalid, 32),
    ROW(cvt_w_s, 0xC0200000, 0, -2u, inexact, 32),
    ROW(cvt_d_w, 0x80000000, 0, 0xC1E0000000000000, 0, 64),
    ROW(cvt_s_w, 0x7FFFFFFF, 0, 0x4F000000, inexact, 32),
};

static void table(void) {
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        uint64_t mask = row->width == 64 ? ~0ull : 0xFFFFFFFFull;
        run(row->probe, row->a, row->b, 0);
        check(row->name, "trap", trap.taken, 0);
        uint64_t result = io.result & mask;
        // The manual passes a quiet operand on; implementations may give the default NaN instead.
        if (row->result == QUIET && result == DEFAULT_NAN) result = QUIET;
        if (row->result == QUIET_S && result == DEFAULT_NAN_S) result = QUIET_S;
        check_wide(row->name, "result", result, row->result);
        check(row->name, "fcsr", io.fcsr_out, FLAGS(row->raised) | CAUSES(row->raised));
        for (uint32_t bit = 1; bit < 32; bit <<= 1) {
            // Flags of an earlier operation stay; those of this one are not set when it traps.
            run(row->probe, row->a, row->b, ENABLES(bit) | FLAGS(inexact));
            if (!(row->raised & bit)) {
                check(row->name, "enabled-only", trap.taken, 0);
                continue;
            }
            check(row->name, "trap", trap.taken, 1);
            check(row->name, "code", trap.code, EXC_FPE);
            check(row->name, "epc", trap.epc, (uint32_t)row->at);
            check(row->name, "trap-fcsr", trap.fcsr, ENABLES(bit) | FLAGS(inexact) | CAUSES(row->raised));
            check_wide(row->name, "untouched", io.result, untouched);
        }
    }
}

// ---- directed rounding

PROBE(round_w_d) PROBE(trunc_w_d) PROBE(ceil_w_d) PROBE(floor_w_d)
PROBE(round_w_s) PROBE(trunc_w_s) PROBE(ceil_w_s) PROBE(floor_w_s)

static const struct {
    uint64_t d;
    uint32_t s;
    int32_t round, trunc, ceil, floor;
} directions[] = {
    {0x3FE0000000000000, 0x3F000000, 0, 0, 1, 0},     {0xBFE0000000000000, 0xBF000000, 0, 0, 0, -1},
    {0x3FF8000000000000, 0x3FC00000, 2, 1, 2, 1},     {0xBFF8000000000000, 0xBFC00000, -2, -1, -1, -2},
    {0x4004000000000000, 0x40200000, 2, 2, 3, 2},     {0xC004000000000000, 0xC0200000, -2, -2, -2, -3},
    {0x3FECCCCCCCCCCCCD, 0x3F666666, 1, 0, 1, 0},     {0xBFECCCCCCCCCCCCD, 0xBF666666, -1, 0, 0, -1},
    {0x4010000000000000, 0x40800000, 4, 4, 4, 4},     {0x8000000000000000, 0x80000000, 0, 0, 0, 0},
    {0x0000000000000001, 0x00000001, 0, 0, 1, 0},     {0x8000000000000001, 0x80000001, 0, 0, 0, -1},
};

static void directed(void) {
    for (uint32_t i = 0; i < sizeof directions / sizeof directions[0]; i++) {
        const struct { const char *name; probe_function *d, *s; int32_t want; } cases[] = {
            {"round.w", fprobe_round_w_d, fprobe_round_w_s, directions[i].round},
            {"trunc.w", fprobe_trunc_w_d, fprobe_trunc_w_s, directions[i].trunc},
            {"ceil.w", fprobe_ceil_w_d, fprobe_ceil_w_s, directions[i].ceil},
            {"floor.w", fprobe_floor_w_d, fprobe_floor_w_s, directions[i].floor},
        };
        for (uint32_t mode = 0; mode < 4; mode++) {
            for (uint32_t j = 0; j < 4; j++) {
                run(cases[j].d, directions[i].d, 0, mode);
                check(cases[j].name, "d", (uint32_t)io.result, (uint32_t)cases[j].want);
                run(cases[j].s, directions[i].s, 0, mode);
                check(cases[j].name, "s", (uint32_t)io.result, (uint32_t)cases[j].want);
            }
        }
    }
}

// ---- conditions

#define CONDITIONS(do) \
    do(f) do(un) do(eq) do(ueq) do(olt) do(ult) do(ole) do(ule) do(sf) do(ngle) do(seq) do(ngl) do(lt) do(nge) do(le) \
    do(ngt)
#define DECLARE(name) PROBE(c_##name##_s) PROBE(c_##name##_d)
CONDITIONS(DECLARE)
PROBE(c5_eq_d)

static void conditions(void) {
#define LIST(name) {"c." #name, fprobe_c_##name##_s, fprobe_c_##name##_d},
    static const struct { const char *name; probe_function *s, *d; } all[16] = {CONDITIONS(LIST)};
    // Relation bits as in the condition's number: 1 unordered, 2 equal, 4 less.
    static const struct { uint32_t s_a, s_b; uint64_t d_a, d_b; uint32_t relation; bool signalling; } pairs[] = {
        {ONE_S, 0x40000000, ONE, TWO, 4, false},
        {0x40000000, ONE_S, TWO, ONE, 0, false},
        {ONE_S, ONE_S, ONE, ONE, 2, false},
        {0, 0x80000000, 0, MINUS, 2, false},
        {0xFF800000, 0x80000001, INFINITY_D | MINUS, MINUS | 1, 4, false},
        {0x80000002, 0x80000001, MINUS | 2, MINUS | 1, 4, false},
        {QUIET_S, ONE_S, QUIET, ONE, 1, false},
        {ONE_S, QUIET_S, ONE, QUIET, 1, false},
        {QUIET_S, QUIET_S, QUIET, QUIET, 1, false},
        {SIGNALLING_S, ONE_S, SIGNALLING, ONE, 1, true},
        {ONE_S, SIGNALLING_S, ONE, SIGNALLING, 1, true},
    };
    for (uint32_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        for (uint32_t number = 0; number < 16; number++) {
            bool raises = pairs[i].signalling || (pairs[i].relation == 1 && number & 8);
            uint32_t want = number & pairs[i].relation ? FCSR_FCC0 : 0;
            if (raises) want |= FLAGS(invalid) | CAUSES(invalid);
            run(all[number].s, pairs[i].s_a, pairs[i].s_b, 0);
            check(all[number].name, "s", io.fcsr_out, want);
            run(all[number].d, pairs[i].d_a, pairs[i].d_b, 0);
            check(all[number].name, "d", io.fcsr_out, want);
            run(all[number].d, pairs[i].d_a, pairs[i].d_b, ENABLES(invalid));
            check(all[number].name, "trap", trap.taken, raises);
        }
    }
    run(fprobe_c5_eq_d, ONE, ONE, 0);
    check("c5.eq", "set", io.fcsr_out, 0x20000000);
    run(fprobe_c5_eq_d, ONE, TWO, 0xFE800000);
    check("c5.eq", "cleared", io.fcsr_out, 0xDE800000);
}

// ---- branches and moves

PROBE(bc1t) PROBE(bc1f) PROBE(bc1tl) PROBE(bc1fl) PROBE(bc1t5) PROBE(bc1f5)
PROBE(movt) PROBE(movf) PROBE(movt_d) PROBE(movf_d) PROBE(movt_s) PROBE(movf_s)
PROBE(movz_d) PROBE(movn_d) PROBE(movz_s) PROBE(movn_s)

static void moves(void) {
    // Bit 0: went there; bit 1: the delay slot ran (not when a likely branch is not taken).
    static const struct { const char *name; probe_function *probe; uint32_t fcsr, want; } branches[] = {
        {"bc1t", fprobe_bc1t, FCSR_FCC0, 3},  {"bc1t", fprobe_bc1t, 0, 2},
        {"bc1f", fprobe_bc1f, FCSR_FCC0, 2},  {"bc1f", fprobe_bc1f, 0, 3},
        {"bc1tl", fprobe_bc1tl, FCSR_FCC0, 3}, {"bc1tl", fprobe_bc1tl, 0, 0},
        {"bc1fl", fprobe_bc1fl, FCSR_FCC0, 0}, {"bc1fl", fprobe_bc1fl, 0, 3},
        {"bc1t5", fprobe_bc1t5, 0x20000000, 3}, {"bc1t5", fprobe_bc1t5, 0xDE800000, 2},
        {"bc1f5", fprobe_bc1f5, 0x20000000, 2}, {"bc1f5", fprobe_bc1f5, 0xDE800000, 3},
    };
    for (uint32_t i = 0; i < sizeof branches / sizeof branches[0]; i++) {
        run(branches[i].probe, 0, 0, branches[i].fcsr);
        check(branches[i].name, "path", io.gpr, branches[i].want);
    }
    uint32_t moved = (uint32_t)&io;
    static const struct { const char *name; probe_function *probe; uint32_t fcsr, gpr; bool moves, single; } cases[] = {
        {"movt.d", fprobe_movt_d, FCSR_FCC0, 0, true, false}, {"movt.d", fprobe_movt_d, 0, 0, false, false},
        {"movf.d", fprobe_movf_d, FCSR_FCC0, 0, false, false}, {"movf.d", fprobe_movf_d, 0, 0, true, false},
        {"movt.s", fprobe_movt_s, FCSR_FCC0, 0, true, true}, {"movt.s", fprobe_movt_s, 0, 0, false, true},
        {"movf.s", fprobe_movf_s, 0x20000000, 0, false, true}, {"movf.s", fprobe_movf_s, FCSR_FCC0, 0, true, true},
        {"movz.d", fprobe_movz_d, 0, 0, true, false}, {"movz.d", fprobe_movz_d, 0, 1, false, false},
        {"movn.d", fprobe_movn_d, 0, 0, false, false}, {"movn.d", fprobe_movn_d, 0, 1, true, false},
        {"movz.s", fprobe_movz_s, 0, 0, true, true}, {"movz.s", fprobe_movz_s, 0, 1, false, true},
        {"movn.s", fprobe_movn_s, 0, 0, false, true}, {"movn.s", fprobe_movn_s, 0, 1, true, true},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        io.gpr = cases[i].gpr;
        run(cases[i].probe, 0xFEDCBA9876543210, 0, cases[i].fcsr);
        uint64_t mask = cases[i].single ? 0xFFFFFFFFull : ~0ull;
        check_wide(cases[i].name, "result", io.result & mask, (cases[i].moves ? 0xFEDCBA9876543210 : untouched) & mask);
    }
    for (int set = 0; set < 2; set++) {
        io.gpr = 5;
        run(fprobe_movt, 0, 0, set ? FCSR_FCC0 : 0);
        check("movt", "result", io.gpr, set ? moved : 5);
        io.gpr = 5;
        run(fprobe_movf, 0, 0, set ? FCSR_FCC0 : 0);
        check("movf", "result", io.gpr, set ? 5 : moved);
    }
}

// ---- multiply-add, which rounds twice

PROBE(madd_d) PROBE(msub_d) PROBE(nmadd_d) PROBE(nmsub_d) PROBE(madd_s) PROBE(msub_s) PROBE(nmadd_s) PROBE(nmsub_s)

static void multiply_add(void) {
    // (1 + ulp)^2 - 1: 2 ulp after the product's rounding, a little more if it were fused.
    uint64_t a = 0x3FF0000000000001;
    io.c = ONE | MINUS;
    run(fprobe_madd_d, a, a, 0);
    check_wide("madd.d", "result", io.result, 0x3CC0000000000000);
    check("madd.d", "flags", io.fcsr_out & FLAGS(31), FLAGS(inexact));
    run(fprobe_nmadd_d, a, a, 0);
    check_wide("nmadd.d", "result", io.result, 0xBCC0000000000000);
    io.c = ONE;
    run(fprobe_msub_d, a, a, 0);
    check_wide("msub.d", "result", io.result, 0x3CC0000000000000);
    run(fprobe_nmsub_d, a, a, 0);
    check_wide("nmsub.d", "result", io.result, 0xBCC0000000000000);
    io.c = 0xBF800000;
    run(fprobe_madd_s, 0x3F800001, 0x3F800001, 0);
    check("madd.s", "result", (uint32_t)io.result, 0x34800000);
    run(fprobe_nmadd_s, 0x3F800001, 0x3F800001, 0);
    check("nmadd.s", "result", (uint32_t)io.result, 0xB4800000);
    io.c = 0x3F800000;
    run(fprobe_msub_s, 0x3F800001, 0x3F800001, 0);
    check("msub.s", "result", (uint32_t)io.result, 0x34800000);
    run(fprobe_nmsub_s, 0x3F800001, 0x3F800001, 0);
    check("nmsub.s", "result", (uint32_t)io.result, 0xB4800000);
    io.c = INFINITY_D | MINUS;
    run(fprobe_madd_d, INFINITY_D, ONE, ENABLES(invalid));
    check("madd.d", "trap", trap.taken, 1);
    check_wide("madd.d", "untouched", io.result, untouched);
    io.c = 0;
}

// ---- registers, memory, control registers

PROBE(mfc1_low) PROBE(mfc1_odd) PROBE(mfhc1) PROBE(mtc1_odd) PROBE(mthc1) PROBE(mtc1_low)
PROBE(lwxc1) PROBE(ldxc1) PROBE(lwc1_odd) PROBE(swxc1) PROBE(sdxc1)
PROBE(ctc1) PROBE(cfc1_fccr) PROBE(cfc1_fexr) PROBE(cfc1_fenr) PROBE(ctc1_fccr) PROBE(ctc1_fexr) PROBE(ctc1_fenr)
PROBE(slot)

static uint32_t run_gpr(probe_function *probe, uint64_t a, uint32_t gpr, uint32_t fcsr) {
    io.gpr = gpr;
    run(probe, a, 0, fcsr);
    return io.gpr;
}

static void registers(void) {
    const uint64_t a = 0xFEDCBA9876543210;
    check("mfc1", "low", run_gpr(fprobe_mfc1_low, a, 0, 0), 0x76543210);
    check("mfc1", "odd", run_gpr(fprobe_mfc1_odd, a, 0, 0), 0xFEDCBA98);
    check("mfhc1", "high", run_gpr(fprobe_mfhc1, a, 0, 0), 0xFEDCBA98);
    run_gpr(fprobe_mtc1_odd, a, 0x11111111, 0);
    check_wide("mtc1", "odd", io.result, 0x1111111189ABCDEF);
    run_gpr(fprobe_mthc1, a, 0x22222222, 0);
    check_wide("mthc1", "high", io.result, 0x2222222289ABCDEF);
    run_gpr(fprobe_mtc1_low, a, 0x33333333, 0);
    check("mtc1", "low", (uint32_t)io.result, 0x33333333);
    run_gpr(fprobe_lwc1_odd, a, 0, 0);
    check_wide("lwc1", "odd", io.result, 0x7654321089ABCDEF);
    run_gpr(fprobe_lwxc1, a, 4, 0);
    check("lwxc1", "word", (uint32_t)io.result, 0xFEDCBA98);
    run_gpr(fprobe_ldxc1, a, 0, 0);
    check_wide("ldxc1", "double", io.result, a);
    io.c = 0;
    run_gpr(fprobe_swxc1, a, 20, 0);
    check_wide("swxc1", "word", io.c, 0x7654321000000000);
    run_gpr(fprobe_sdxc1, a, 16, 0);
    check_wide("sdxc1", "double", io.c, a);
    io.c = 0;

    // FCCR gathers the condition bits, FEXR causes and flags, FENR enables, FS and rounding mode.
    uint32_t fcsr = 0xAA800000 | FLAGS(21) | CAUSES(0) | ENABLES(10) | 2;
    check("fccr", "read", run_gpr(fprobe_cfc1_fccr, a, 0, fcsr), 0xAB);
    check("fexr", "read", run_gpr(fprobe_cfc1_fexr, a, 0, fcsr), FLAGS(21));
    check("fenr", "read", run_gpr(fprobe_cfc1_fenr, a, 0, fcsr), ENABLES(10) | 2);
    run_gpr(fprobe_ctc1_fccr, a, 0x54, fcsr);
    check("fccr", "write", io.fcsr_out, (fcsr & 0x017FFFFF) | 0x54000000);
    run_gpr(fprobe_ctc1_fexr, a, CAUSES(21) | FLAGS(10), fcsr);
    check("fexr", "write", io.fcsr_out, (fcsr & ~(CAUSES(63) | FLAGS(31))) | CAUSES(21) | FLAGS(10));
    run_gpr(fprobe_ctc1_fenr, a, ENABLES(5) | 1, fcsr);
    check("fenr", "write", io.fcsr_out, (fcsr & ~(ENABLES(31) | 3)) | ENABLES(5) | 1);

    // CTC1 traps at once when it sets a cause together with its enable; "unimplemented" needs none.
    for (uint32_t bit = 1; bit <= unimplemented; bit <<= 1) {
        uint32_t value = CAUSES(bit) | ENABLES(bit & 31);
        run_gpr(fprobe_ctc1, a, value, 0);
        check("ctc1", "trap", trap.taken, 1);
        check("ctc1", "code", trap.code, EXC_FPE);
        check("ctc1", "epc", trap.epc, (uint32_t)fprobe_ctc1_at);
        check("ctc1", "fcsr", trap.fcsr, value);
        run_gpr(fprobe_ctc1, a, CAUSES(bit & 31) | ENABLES(31 & ~bit), 0);
        check("ctc1", "no-trap", trap.taken, 0);
    }
    run(fprobe_slot, ONE, 0, ENABLES(division));
    check("slot", "trap", trap.taken, 1);
    check("slot", "bd", trap.slot, 1);
    check("slot", "epc", trap.epc, (uint32_t)fprobe_slot_at);
    check_wide("slot", "untouched", io.result, untouched);
    run(fprobe_slot, ONE, TWO, ENABLES(division));
    check_wide("slot", "result", io.result, 0x3FE0000000000000);
}

// ---- the 64-bit register file

WIDE(add_d) WIDE(mfc1) WIDE(mfhc1) WIDE(mthc1) WIDE(cvt_l_d) WIDE(cvt_l_s) WIDE(cvt_d_l) WIDE(cvt_s_l)
WIDE(round_l_d) WIDE(trunc_l_d) WIDE(ceil_l_d) WIDE(floor_l_d)
WIDE(round_l_s) WIDE(trunc_l_s) WIDE(ceil_l_s) WIDE(floor_l_s) WIDE(all)

static void check_run(const char *name, probe_function *probe, uint64_t a, uint64_t want, uint32_t raised) {
    run(probe, a, 0, 0);
    check_wide(name, "result", io.result, want);
    check(name, "fcsr", io.fcsr_out, FLAGS(raised) | CAUSES(raised));
}

static void wide(void) {
    const uint64_t a = 0xFEDCBA9876543210;
    run(fwide_all, 0, 0, 0);
    check("fr1", "registers", io.gpr, 0);
    run(fwide_add_d, ONE, TWO, 0);
    check_wide("fr1", "odd", io.result, THREE);
    check("fr1", "mfc1", run_gpr(fwide_mfc1, a, 0, 0), 0x76543210);
    check("fr1", "mfhc1", run_gpr(fwide_mfhc1, a, 0, 0), 0xFEDCBA98);
    run_gpr(fwide_mthc1, a, 0x22222222, 0);
    check_wide("fr1", "mthc1", io.result, 0x2222222289ABCDEF);

    const uint64_t most = 0x7FFFFFFFFFFFFFFF;
    check_run("cvt.l.d", fwide_cvt_l_d, 0x4330000000000001, 0x0010000000000001, 0);
    check_run("cvt.l.d", fwide_cvt_l_d, 0x3FF8000000000000, 2, inexact);
    check_run("cvt.l.d", fwide_cvt_l_d, 0xC3E0000000000000, MINUS, 0);
    check_run("cvt.l.d", fwide_cvt_l_d, 0x43E0000000000000, most, invalid);
    check_run("cvt.l.d", fwide_cvt_l_d, QUIET, most, invalid);
    check_run("cvt.l.s", fwide_cvt_l_s, 0x5F000000, most, invalid);
    check_run("cvt.l.s", fwide_cvt_l_s, 0xDF000000, MINUS, 0);
    check_run("cvt.l.s", fwide_cvt_l_s, 0xC0200000, -2ull, inexact);
    check_run("cvt.d.l", fwide_cvt_d_l, most, 0x43E0000000000000, inexact);
    check_run("cvt.d.l", fwide_cvt_d_l, -1ull, ONE | MINUS, 0);
    run(fwide_cvt_s_l, most, 0, 1);
    check("cvt.s.l", "toward-zero", (uint32_t)io.result, 0x5EFFFFFF);
    for (uint32_t i = 0; i < sizeof directions / sizeof directions[0]; i++) {
        const struct { const char *name; probe_function *d, *s; int32_t want; } cases[] = {
            {"round.l", fwide_round_l_d, fwide_round_l_s, directions[i].round},
            {"trunc.l", fwide_trunc_l_d, fwide_trunc_l_s, directions[i].trunc},
            {"ceil.l", fwide_ceil_l_d, fwide_ceil_l_s, directions[i].ceil},
            {"floor.l", fwide_floor_l_d, fwide_floor_l_s, directions[i].floor},
        };
        for (uint32_t j = 0; j < 4; j++) {
            run(cases[j].d, directions[i].d, 0, 1);
            check_wide(cases[j].name, "d", io.result, (uint64_t)(int64_t)cases[j].want);
            run(cases[j].s, directions[i].s, 0, 1);
            check_wide(cases[j].name, "s", io.result, (uint64_t)(int64_t)cases[j].want);
        }
    }
    run(fwide_cvt_l_d, QUIET, 0, ENABLES(invalid));
    check("cvt.l.d", "trap", trap.taken, 1);
    check("cvt.l.d", "epc", trap.epc, (uint32_t)fwide_cvt_l_d_at);
    check_wide("cvt.l.d", "untouched", io.result, untouched);
}

uint32_t checks(void) {
    exception_hook = on_exception;
    table();
    directed();
    conditions();
    moves();
    multiply_add();
    registers();
    if (read_fir() & 1 << 22) {
        // All FPU code between the two writes is in fpu_probes.S.
        uint32_t status = mfc0(CP0_STATUS);
        mtc0(CP0_STATUS, status | STATUS_FR);
        if (mfc0(CP0_STATUS) & STATUS_FR) wide();
        else put("FR=1 not available\n");
        mtc0(CP0_STATUS, status);
    }
    put("fpu: %u checks, %u failed\n", count, failures);
    return failures;
}
