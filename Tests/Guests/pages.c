// pages: pointers followed from page to page of mapped memory, many more pages than the TLB has entries, with a refill handler of
// nine instructions that reads a page table as Linux's does, n= times 16384 loads. For ordinary segments.

#include "runtime/machine.h"

enum {
    page = 4096,
    pages = 1024,
    memory_at = 0x00300000,  // physical
    // Virtual, in useg. The table begins at physical 0, since Context wants a multiple of 8 MiB, and is only there from 0x80000 on.
    mapped_at = 0x10000000,
    steps = 16384,
};

/// The vector for a refill: Context points to the two entries of the missing pair.
static const uint32_t refill[] = {
    0x401A2000,  // mfc0 k0, Context
    0x8F5B0000,  // lw   k1, 0(k0)
    0x8F5A0008,  // lw   k0, 8(k0)
    0x409B1000,  // mtc0 k1, EntryLo0
    0x409A1800,  // mtc0 k0, EntryLo1
    0x000000C0,  // ehb
    0x42000006,  // tlbwr
    0x000000C0,  // ehb
    0x42000018,  // eret
};

static void map_pages(void) {
    volatile uint32_t *table = (volatile uint32_t *)ram_base;
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t number = mapped_at / page + i;
        // Cached, dirty, valid, global.
        table[number / 2 * 4 + number % 2 * 2] = (memory_at / page + i) << 6 | 3 << 3 | 7;
    }
    memcpy(vectors, refill, sizeof refill);
    sync_code(vectors, sizeof refill);
    mtc0(CP0_CONTEXT, (uint32_t)ram_base);
    mtc0(CP0_PAGEMASK, 0);
    mtc0(CP0_WIRED, 0);
    mtc0(CP0_ENTRYHI, 0);
}

/// Ties one word of each page to one of the next page, in random order, and answers with the first.
static uint32_t **tie(void) {
    static uint16_t order[pages];
    uint32_t random = 19;
    for (uint32_t i = 0; i < pages; i++) order[i] = (uint16_t)i;
    for (uint32_t i = pages - 1; i > 0; i--) {
        uint32_t j = next_random(&random) % (i + 1);
        uint16_t other = order[i];
        order[i] = order[j], order[j] = other;
    }
    // Not all at the same place in their pages, which a cache would not like.
#define PLACE(i) (order[(i) % pages] * page + order[(i) % pages] * 68 % page / 4 * 4)
    for (uint32_t i = 0; i < pages; i++)
        *(uint32_t *)(ram_base + memory_at + PLACE(i)) = mapped_at + PLACE(i + 1);
    return (uint32_t **)(mapped_at + PLACE(0));
}

int guest_main(void) {
    uint32_t rounds = param("n", 25), start = cycle_count(), checksum = MIX_START;
    if (trap_and_emulate()) {
        put("pages: only for ordinary segments\n");
        return 0;
    }
    uint32_t **at = tie();
    map_pages();
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < steps - 1; i++) at = (uint32_t **)*at;
        checksum = mix(checksum, (uint32_t)at);
    }
    put("pages checksum=%08x\n", checksum);
    put_time("pages", start);
    return 0;
}
