// The half of the FPU torture whose answers the host's FPU knows: results and flags of arithmetic and conversions in
// all rounding modes, over special values, their neighbours, and random patterns.
//
// Guest and host compile the same C. NaN operands are left out and NaN results count as one value, since MIPS's older
// NaN encoding is the other way round.

#include "fpu_torture.h"

#ifdef HOST_TWIN
#include <fenv.h>
#include <math.h>

static void set_rounding(int mode) {
    static const int modes[4] = {FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD};
    fesetround(modes[mode]);
    feclearexcept(FE_ALL_EXCEPT);
}

static uint32_t take_flags(void) {
    int raised = fetestexcept(FE_ALL_EXCEPT);
    feclearexcept(FE_ALL_EXCEPT);
    return (raised & FE_INEXACT ? inexact : 0) | (raised & FE_UNDERFLOW ? underflow : 0) |
           (raised & FE_OVERFLOW ? overflow : 0) | (raised & FE_DIVBYZERO ? division : 0) |
           (raised & FE_INVALID ? invalid : 0);
}

static int32_t integer_of_double(double x) { return (int32_t)lrint(x); }
static int32_t integer_of_single(float x) { return (int32_t)lrintf(x); }
static int32_t floor_of(double x) { return (int32_t)floor(x); }
static int32_t ceil_of(double x) { return (int32_t)ceil(x); }
static int32_t nearest_of(double x) {
    int mode = fegetround();
    fesetround(FE_TONEAREST);
    int32_t result = (int32_t)lrint(x);
    fesetround(mode);
    return result;
}
#else
static void set_rounding(int mode) { __asm__ volatile("ctc1 %0, $31" : : "r"(mode) : "memory"); }

static uint32_t take_flags(void) {
    uint32_t fcsr;
    __asm__ volatile("cfc1 %0, $31" : "=r"(fcsr) : : "memory");
    __asm__ volatile("ctc1 %0, $31" : : "r"(fcsr & 3) : "memory");
    return fcsr >> 2 & 31;
}

#define TO_INTEGER(name, type, instruction)                                                        \
    static int32_t name(type x) {                                                                  \
        float bits;                                                                                \
        int32_t result;                                                                            \
        __asm__ volatile(instruction " %1, %2\n\tmfc1 %0, %1" : "=r"(result), "=&f"(bits) : "f"(x)); \
        return result;                                                                             \
    }
TO_INTEGER(integer_of_double, double, "cvt.w.d")
TO_INTEGER(integer_of_single, float, "cvt.w.s")
TO_INTEGER(floor_of, double, "floor.w.d")
TO_INTEGER(ceil_of, double, "ceil.w.d")
TO_INTEGER(nearest_of, double, "round.w.d")
#endif

static const uint64_t doubles[] = {
    0x0000000000000000, 0x8000000000000000, 0x3FF0000000000000, 0xBFF0000000000000, 0x0000000000000001,
    0x8000000000000001, 0x000FFFFFFFFFFFFF, 0x800FFFFFFFFFFFFF, 0x0010000000000000, 0x8010000000000000,
    0x0010000000000001, 0x7FEFFFFFFFFFFFFF, 0xFFEFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000,
    0x3FF8000000000000, 0x3FF0000000000001, 0x3FEFFFFFFFFFFFFF, 0x3FE0000000000000, 0xC004000000000000,
    0x4008000000000000, 0x3FD5555555555555, 0x400921FB54442D18, 0x3FB999999999999A, 0x41DFFFFFFFC00000,
    0xC1E0000000000000, 0x41DFFFFFFFE00000, 0x4340000000000000, 0x433FFFFFFFFFFFFF, 0x3690000000000000,
    0x36A0000000000000, 0x3810000000000000, 0x380FFFFFF0000000, 0x47EFFFFFF0000000, 0x47EFFFFFE0000000,
    0x4024000000000000,
};

static const uint32_t singles[] = {
    0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00800000,
    0x80800000, 0x00800001, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x3FC00000, 0x3F800001, 0x3F7FFFFF,
    0x3F000000, 0xC0200000, 0x40400000, 0x3EAAAAAB, 0x40490FDB, 0x3DCCCCCD, 0x4EFFFFFF, 0xCF000000, 0x4B800000,
    0x4B7FFFFF, 0x3A83126F, 0x41200000,
};

enum { double_count = sizeof doubles / sizeof doubles[0], single_count = sizeof singles / sizeof singles[0] };

/// Operands: the special values and then as many random ones, most of them with exponents near 1 so that they meet.
enum { random_count = 24 };
static double d_values[double_count + random_count];
static float s_values[single_count + random_count];

static void make_operands(void) {
    uint32_t random = 7;
    memcpy(d_values, doubles, sizeof doubles);
    memcpy(s_values, singles, sizeof singles);
    for (uint32_t i = 0; i < random_count; i++) {
        uint32_t high = next_random(&random), low = next_random(&random), single = next_random(&random);
        if (i & 3) {
            high = (high & 0x800FFFFF) | (1023 - 8 + (high >> 20 & 15)) << 20;
            single = (single & 0x807FFFFF) | (127 - 8 + (single >> 23 & 15)) << 23;
        }
        if ((high >> 20 & 0x7FF) == 0x7FF) high ^= 0x00100000;
        if ((single >> 23 & 0xFF) == 0xFF) single ^= 0x00800000;
        uint64_t bits = (uint64_t)high << 32 | low;
        memcpy(&d_values[double_count + i], &bits, 8);
        memcpy(&s_values[single_count + i], &single, 4);
    }
}

static uint32_t sum, flag_sum;

static void add_flags(void) { flag_sum = mix(flag_sum, take_flags()); }

static void add_double(volatile double *result) {
    uint64_t bits;
    double value = *result;
    memcpy(&bits, &value, 8);
    if ((bits & 0x7FFFFFFFFFFFFFFF) > 0x7FF0000000000000) bits = 0x7FF8000000000000;
    sum = mix(mix(sum, (uint32_t)bits), (uint32_t)(bits >> 32));
}

static void add_single(volatile float *result) {
    uint32_t bits;
    float value = *result;
    memcpy(&bits, &value, 4);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) bits = 0x7FC00000;
    sum = mix(sum, bits);
}

static void begin(int mode) {
    sum = flag_sum = MIX_START;
    set_rounding(mode);
}

static void end(const char *name, int mode) {
    set_rounding(0);
    static const char *const modes[4] = {"RN", "RZ", "RP", "RM"};
    put("fpu values %s %s checksum=%08x flags=%08x\n", name, modes[mode], sum, flag_sum);
}

// Operands and results pass through volatile objects: a rounding mode is no business of the optimizer's, and the
// operation cannot leave the place between its volatile neighbours.
#define BINARY(name, type, text, values_array, count, expression)        \
    static void name(int mode) {                                          \
        begin(mode);                                                      \
        for (uint32_t i = 0; i < count; i++) {                            \
            for (uint32_t j = 0; j < count; j++) {                        \
                volatile type va = values_array[i], vb = values_array[j]; \
                type a = va, b = vb;                                      \
                volatile type result = expression;                        \
                add_flags();                                              \
                add_##type(&result);                                      \
            }                                                             \
        }                                                                 \
        end(text, mode);                                                  \
    }

#define add_float add_single
enum { d_count = double_count + random_count, s_count = single_count + random_count };
BINARY(add_d, double, "add.d", d_values, d_count, a + b)
BINARY(sub_d, double, "sub.d", d_values, d_count, a - b)
BINARY(mul_d, double, "mul.d", d_values, d_count, a *b)
BINARY(div_d, double, "div.d", d_values, d_count, a / b)
BINARY(add_s, float, "add.s", s_values, s_count, a + b)
BINARY(sub_s, float, "sub.s", s_values, s_count, a - b)
BINARY(mul_s, float, "mul.s", s_values, s_count, a *b)
BINARY(div_s, float, "div.s", s_values, s_count, a / b)

#define UNARY(name, from, to, text, values_array, count, condition, expression, add) \
    static void name(int mode) {                                                      \
        begin(mode);                                                                  \
        for (uint32_t i = 0; i < count; i++) {                                        \
            volatile from va = values_array[i];                                       \
            from a = va;                                                              \
            if (!(condition)) continue;                                               \
            take_flags();                                                             \
            volatile to result = expression;                                          \
            add_flags();                                                              \
            add;                                                                      \
        }                                                                             \
        end(text, mode);                                                              \
    }

#define FITS (a > -2147483648.0 && a < 2147483647.0)
UNARY(sqrt_d, double, double, "sqrt.d", d_values, d_count, true, __builtin_sqrt(a), add_double(&result))
UNARY(sqrt_s, float, float, "sqrt.s", s_values, s_count, true, __builtin_sqrtf(a), add_single(&result))
UNARY(neg_d, double, double, "neg.d", d_values, d_count, true, -a, add_double(&result))
UNARY(abs_d, double, double, "abs.d", d_values, d_count, true, __builtin_fabs(a), add_double(&result))
UNARY(cvt_s_d, double, float, "cvt.s.d", d_values, d_count, true, (float)a, add_single(&result))
UNARY(cvt_d_s, float, double, "cvt.d.s", s_values, s_count, true, (double)a, add_double(&result))
UNARY(trunc_w_d, double, int32_t, "trunc.w.d", d_values, d_count, FITS, (int32_t)a, sum = mix(sum, (uint32_t)result))
UNARY(trunc_w_s, float, int32_t, "trunc.w.s", s_values, s_count, FITS, (int32_t)a, sum = mix(sum, (uint32_t)result))
UNARY(cvt_w_d, double, int32_t, "cvt.w.d", d_values, d_count, FITS, integer_of_double(a),
      sum = mix(sum, (uint32_t)result))
UNARY(cvt_w_s, float, int32_t, "cvt.w.s", s_values, s_count, FITS, integer_of_single(a),
      sum = mix(sum, (uint32_t)result))
UNARY(cvt_s_w, double, float, "cvt.s.w", d_values, d_count, FITS, (float)(int32_t)a, add_single(&result))
UNARY(cvt_d_w, double, double, "cvt.d.w", d_values, d_count, FITS, (double)(int32_t)a, add_double(&result))

/// Directed conversions: values only, since hosts differ in what floor() and its kind do to the flags.
static void directed(int mode) {
    begin(mode);
    for (uint32_t i = 0; i < d_count; i++) {
        double a = d_values[i];
        if (!(a > -2147483648.0 && a < 2147483646.0)) continue;
        sum = mix(mix(mix(sum, (uint32_t)floor_of(a)), (uint32_t)ceil_of(a)), (uint32_t)nearest_of(a));
    }
    flag_sum = 0;
    end("floor/ceil/round.w.d", mode);
}

void values(void) {
    static void (*const operations[])(int) = {
        add_d, sub_d, mul_d, div_d, add_s, sub_s, mul_s, div_s, sqrt_d, sqrt_s, neg_d, abs_d, cvt_s_d, cvt_d_s,
        trunc_w_d, trunc_w_s, cvt_w_d, cvt_w_s, cvt_s_w, cvt_d_w, directed,
    };
    make_operands();
    for (uint32_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        for (int mode = 0; mode < 4; mode++) operations[i](mode);
}
