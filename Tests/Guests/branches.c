// branches: decisions nobody can foresee: binary searches for random keys, Collatz sequences, and a machine of bytes that is
// interpreted through a table of jumps, n= rounds.

#include "runtime/guest.h"

enum { keys = 4096, program_size = 512, steps = 20000 };

static uint32_t sorted[keys];
static uint8_t program[program_size];

static uint32_t search(uint32_t key) {
    uint32_t low = 0, high = keys;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (sorted[middle] == key) return middle;
        if (sorted[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low + keys;
}

static uint32_t collatz(uint32_t number) {
    uint32_t length = 0;
    while (number != 1) {
        if (number & 1)
            number = number * 3 + 1;
        else
            number >>= 1;
        length++;
    }
    return length;
}

/// Each byte is an instruction of a machine with an accumulator and four registers.
static uint32_t interpret(uint32_t seed) {
    uint32_t at = 0, a = seed, r[4] = {1, 2, 3, 4};
    for (uint32_t step = 0; step < steps; step++) {
        uint8_t byte = program[at];
        uint32_t which = byte >> 4 & 3;
        at = (at + 1) % program_size;
        switch (byte & 15) {
        case 0: a += r[which]; break;
        case 1: a -= r[which]; break;
        case 2: a ^= r[which]; break;
        case 3: a *= r[which] | 1; break;
        case 4: r[which] = a; break;
        case 5: r[which] += a; break;
        case 6: a = a << which | a >> (32 - which - 1) >> 1; break;
        case 7: a = ~a; break;
        case 8: if (a & 1) at = (at + byte) % program_size; break;
        case 9: if (a < r[which]) at = (at + (byte >> 6)) % program_size; break;
        case 10: r[which]--; break;
        case 11: a += byte; break;
        case 12: if ((int32_t)a < 0) a = 0 - a; break;
        case 13: a = r[which] > a ? r[which] : a; break;
        case 14: r[which] ^= a >> 7; break;
        case 15: a += at; break;
        }
    }
    return a ^ r[0] ^ r[1] ^ r[2] ^ r[3];
}

int guest_main(void) {
    uint32_t rounds = param("n", 15), start = cycle_count(), random = 11, checksum = MIX_START;
    for (uint32_t i = 0; i < keys; i++) sorted[i] = (i ? sorted[i - 1] : 0) + 1 + next_random(&random) % 1000;
    for (uint32_t i = 0; i < program_size; i++) program[i] = (uint8_t)next_random(&random);
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < 8000; i++) checksum += search(next_random(&random) % sorted[keys - 1]);
        for (uint32_t i = 1; i < 800; i++) checksum = mix(checksum, collatz(i + (checksum & 0xFFF)));
        for (uint32_t i = 0; i < 2; i++) checksum = mix(checksum, interpret(checksum));
    }
    put("branches checksum=%08x\n", checksum);
    put_time("branches", start);
    return 0;
}
