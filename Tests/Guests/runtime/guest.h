// What every guest program may use, on bare metal and as a host twin.
//
// A guest is one `guest_main`. Everything it prints goes through `put`, everything it is told comes through `param`,
// so the same C file compiles for MIPS (crt0.S, uart.c and friends) and for the host (host.c).

#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The program. Returns 0 for success; the value becomes the power-off code (or the host twin's exit status).
int guest_main(void);

/// Prints `format` with %s %c %d %u %x %%, a width (`%8u`), zero fill (`%08x`) and `ll` for 64-bit %x.
void put(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// One character to the console: the UART on bare metal, descriptor 1 on the host.
void put_char(char c);

/// The number given as `name=value` (decimal, or hexadecimal after 0x), or `fallback` when it was not given.
uint32_t param(const char *name, uint32_t fallback);

/// The word given as `name=value`, up to the next blank; NULL when it was not given. Not NUL-terminated: compare
/// with `word_is`.
const char *param_word(const char *name);

/// True when `word` (from param_word) reads exactly `text`.
bool word_is(const char *word, const char *text);

/// Decimal or 0x-hexadecimal number at `text`; stops at the first character that does not belong.
uint32_t parse_number(const char *text);

/// CP0 Count on bare metal; a running number of no meaning on the host.
uint32_t cycle_count(void);

/// Prints the line `time NAME start=… end=… count=…`, which comparisons with the host twin leave out.
void put_time(const char *name, uint32_t start);

/// Mixes `word` into a running 32-bit FNV-1a style checksum.
static inline uint32_t mix(uint32_t checksum, uint32_t word) {
    for (int i = 0; i < 4; i++) {
        checksum = (checksum ^ (word & 0xFF)) * 16777619u;
        word >>= 8;
    }
    return checksum;
}

/// The value `mix` starts from.
#define MIX_START 2166136261u

/// A small generator (xorshift32), the same everywhere. `*state` must not be 0.
static inline uint32_t next_random(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return x;
}

// What C code may call without saying so; on the host the C library's.
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);

#endif
