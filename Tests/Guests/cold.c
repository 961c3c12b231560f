// cold: functions of random instructions, written at run time to memory that held no code before. Each runs times= times (240)
// and never again, n= lots of 256 functions: what a translator does with code that hardly pays. `cold: I instructions` says how many
// were written.

#include "runtime/machine.h"

enum { functions = 256, code_at = 0x00400000, code_end = 0x01F00000, scratch_words = 256 };

static uint32_t scratch[scratch_words];
static uint32_t *at, random = 23;
static uint32_t (*function[functions])(uint32_t, uint32_t *);

// The registers a function may do what it likes with: v0, v1, a0, a2, a3, t0 to t9. a1 points to memory.
static const uint8_t usable[] = {2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25};

static uint32_t below(uint32_t limit) { return (next_random(&random) >> 8) % limit; }

static uint32_t any(void) { return usable[below(sizeof usable)]; }

/// Register-to-register arithmetic, with an immediate, a shift; a load; a store.
static void write_plain(void) {
    static const uint8_t three[] = {0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B};
    static const uint8_t immediate[] = {9, 10, 11, 12, 13, 14, 15};
    static const uint8_t load[] = {0x23, 0x23, 0x23, 0x20, 0x24, 0x25}, store[] = {0x2B, 0x2B, 0x28, 0x29};
    uint32_t choice = below(100);
    if (choice < 35) {
        *at++ = any() << 21 | any() << 16 | any() << 11 | three[below(8)];
    } else if (choice < 58) {
        *at++ = (uint32_t)immediate[below(7)] << 26 | any() << 21 | any() << 16 | below(0x10000);
    } else if (choice < 68) {
        *at++ = any() << 16 | any() << 11 | below(32) << 6 | below(2) * 2;
    } else if (choice < 90) {
        *at++ = (uint32_t)load[below(6)] << 26 | 5 << 21 | any() << 16 | below(scratch_words) * 4;
    } else {
        *at++ = (uint32_t)store[below(4)] << 26 | 5 << 21 | any() << 16 | below(scratch_words) * 4;
    }
}

/// A function: pieces of straight code with branches forward over the next ones.
static void write_function(void) {
    for (uint32_t piece = 0, pieces = 6 + below(8); piece < pieces; piece++) {
        for (uint32_t count = 1 + below(7); count > 0; count--) write_plain();
        uint32_t *branch = at++;
        write_plain();
        uint32_t skipped = below(6);
        for (uint32_t i = 0; i < skipped; i++) write_plain();
        // BEQ, BNE, BLEZ or BGTZ.
        uint32_t kind = 4 + below(4);
        *branch = kind << 26 | any() << 21 | (kind < 6 ? any() << 16 : 0) | (skipped + 1);
    }
    *at++ = 0x03E00008;                       // jr ra
    *at++ = any() << 21 | 2 << 16 | 2 << 11 | 0x26;  // xor v0, ..., v0
}

/// What its registers held before must not show.
__attribute__((noinline)) static uint32_t call(uint32_t (*code)(uint32_t, uint32_t *), uint32_t value) {
    register uint32_t v0 __asm__("$2") = value, v1 __asm__("$3") = 1, a0 __asm__("$4") = value, a2 __asm__("$6") = 2;
    register uint32_t a3 __asm__("$7") = 3, t0 __asm__("$8") = 4, t1 __asm__("$9") = 5, t2 __asm__("$10") = 6;
    register uint32_t t3 __asm__("$11") = 7, t4 __asm__("$12") = 8, t5 __asm__("$13") = 9, t6 __asm__("$14") = 10;
    register uint32_t t7 __asm__("$15") = 11, t8 __asm__("$24") = 12, t9 __asm__("$25") = 13;
    register uint32_t *a1 __asm__("$5") = scratch;
    __asm__ volatile("jalr %[code]\n\tnop"
                     : "+r"(v0), "+r"(v1), "+r"(a0), "+r"(a2), "+r"(a3), "+r"(t0), "+r"(t1), "+r"(t2), "+r"(t3), "+r"(t4),
                       "+r"(t5), "+r"(t6), "+r"(t7), "+r"(t8), "+r"(t9)
                     : "r"(a1), [code] "r"(code)
                     : "$31", "memory");
    return v0;
}

int guest_main(void) {
    uint32_t rounds = param("n", 8), times = param("times", 240), start = cycle_count(), checksum = MIX_START, written = 0;
    at = (uint32_t *)(ram_base + code_at);
    for (uint32_t round = 0; round < rounds; round++) {
        // Pages that code runs in are not written any more.
        at = (uint32_t *)(((uint32_t)at + 4095) & ~4095u);
        if ((uint32_t)at + (1 << 18) > (uint32_t)ram_base + code_end) {
            put("cold: n=%u is too much\n", rounds);
            return 2;
        }
        uint32_t *first = at;
        for (uint32_t i = 0; i < functions; i++) {
            function[i] = (uint32_t (*)(uint32_t, uint32_t *))at;
            write_function();
        }
        sync_code(first, (uint32_t)((char *)at - (char *)first));
        written += (uint32_t)(at - first);
        for (uint32_t time = 0; time < times; time++)
            for (uint32_t i = 0; i < functions; i++) checksum = mix(checksum, call(function[i], checksum));
    }
    put("cold checksum=%08x\n", checksum);
    put("cold: %u instructions\n", written);
    put_time("cold", start);
    return 0;
}
