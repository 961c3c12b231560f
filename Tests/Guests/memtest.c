// memtest: writes and reads back all of RAM behind the image, by word, halfword, byte and unaligned pair.

#include "runtime/machine.h"

static uint32_t failures;

static void fail(const char *what, const void *at, uint32_t got, uint32_t want) {
    if (++failures <= 20) put("FAIL %s at %08x got=%08x want=%08x\n", what, physical(at), got, want);
}

static volatile uint32_t faults;

/// A bus error or address error while probing: nothing there. Steps over the access.
static bool on_exception(struct frame *frame) {
    uint32_t code = CAUSE_CODE(frame->cause);
    if (code != EXC_DBE && code != EXC_ADEL && code != EXC_ADES) return false;
    faults++;
    frame->epc += 4;
    return true;
}

/// One load or store the hook may step over (never in a delay slot).
static uint32_t guarded_load(volatile uint32_t *at) {
    uint32_t value = 0;
    __asm__ volatile(".set push\n.set noreorder\nlw %0, 0(%1)\nnop\n.set pop" : "+&r"(value) : "r"(at) : "memory");
    return value;
}

static void guarded_store(volatile uint32_t *at, uint32_t value) {
    __asm__ volatile(".set push\n.set noreorder\nsw %0, 0(%1)\nnop\n.set pop" : : "r"(value), "r"(at) : "memory");
}

/// True when `at` holds what is stored in it and is not another name for `other`.
static bool is_memory(volatile uint32_t *at, volatile uint32_t *other) {
    uint32_t old = guarded_load(at), old_other = *other, before = faults;
    *other = 0x600DF00D;
    bool good = true;
    for (uint32_t pattern = 0x5AA5C33C; good && pattern; pattern = pattern == 0x5AA5C33C ? ~pattern : 0) {
        guarded_store(at, pattern);
        good = guarded_load(at) == pattern && *other == 0x600DF00D && faults == before;
    }
    if (faults == before) guarded_store(at, old);
    *other = old_other;
    return good;
}

/// Megabytes of RAM, found by looking at the last word of each, from the image upwards.
static uint32_t probe(void) {
    volatile uint32_t *lowest = (volatile uint32_t *)(ram_base + 0x1000);
    uint32_t size = (physical(image_end) >> 20) + 1;
    while (size < 256 && is_memory((volatile uint32_t *)(ram_base + (size << 20) + 0xFF000), lowest)) size++;
    return size;
}

static void words(uint32_t *from, uint32_t *to, uint32_t seed) {
    uint32_t random = seed;
    for (uint32_t *at = from; at < to; at++) *at = next_random(&random) ^ (uint32_t)at;
    random = seed;
    for (uint32_t *at = from; at < to; at++) {
        uint32_t want = next_random(&random) ^ (uint32_t)at;
        if (*at != want) fail("word", at, *at, want);
        *at = ~want;
    }
    random = seed;
    for (uint32_t *at = from; at < to; at++) {
        uint32_t want = ~(next_random(&random) ^ (uint32_t)at);
        if (*at != want) fail("inverted", at, *at, want);
    }
}

/// Halfwords and bytes, signed and unsigned, on the first words of each page.
static void narrow(uint32_t *from, uint32_t *to) {
    for (uint32_t *page = from; page < to; page += 1024) {
        for (uint32_t i = 0; i < 16; i++) {
            uint32_t base = (uint32_t)page * 2654435761u + i * 0x01234567u;
            uint32_t word = 0;
            for (uint32_t b = 0; b < 4; b++) {
                uint8_t byte = (uint8_t)(base >> (b * 7));
                ((volatile uint8_t *)(page + i))[b] = byte;
                word |= (uint32_t)byte << (8 * b);
            }
            if (page[i] != word) fail("byte", page + i, page[i], word);
            for (uint32_t b = 0; b < 4; b++) {
                int32_t got = ((volatile int8_t *)(page + i))[b];
                if (got != (int8_t)(word >> (8 * b))) fail("signed-byte", page + i, (uint32_t)got, word);
            }
            for (uint32_t h = 0; h < 2; h++) {
                int32_t got = ((volatile int16_t *)(page + i))[h];
                if (got != (int16_t)(word >> (16 * h))) fail("signed-half", page + i, (uint32_t)got, word);
                ((volatile uint16_t *)(page + i))[h] = (uint16_t)(~word >> (16 * h));
                if (((volatile uint16_t *)(page + i))[h] != (uint16_t)(~word >> (16 * h)))
                    fail("half", page + i, page[i], ~word);
            }
            if (page[i] != ~word) fail("halves", page + i, page[i], ~word);
        }
    }
}

/// LWL/LWR and SWL/SWR at all four offsets, whole and alone, on the first words of each page.
static void unaligned(uint32_t *from, uint32_t *to) {
    for (uint32_t *page = from; page < to; page += 1024) {
        uint8_t *bytes = (uint8_t *)page;
        for (uint32_t i = 0; i < 16; i++) bytes[i] = (uint8_t)(0x80 + i);
        for (uint32_t offset = 0; offset < 8; offset++) {
            uint32_t want = 0x83828180u + offset * 0x01010101u, got;
            __asm__ volatile("lwr %0, 0(%1)\n\tlwl %0, 3(%1)" : "=&r"(got) : "r"(bytes + offset) : "memory");
            if (got != want) fail("lwl/lwr", bytes + offset, got, want);
            uint32_t left = 0xAABBCCDD, right = 0xAABBCCDD, shift = offset & 3;
            uint32_t word = page[offset >> 2];
            __asm__ volatile("lwl %0, 0(%1)" : "+r"(left) : "r"(bytes + offset) : "memory");
            __asm__ volatile("lwr %0, 0(%1)" : "+r"(right) : "r"(bytes + offset) : "memory");
            uint32_t kept_left = shift == 3 ? 0 : 0xAABBCCDDu & (0x00FFFFFFu >> (8 * shift));
            uint32_t want_left = word << (8 * (3 - shift)) | kept_left;
            uint32_t want_right = word >> (8 * shift) | (shift ? 0xAABBCCDDu & ~(0xFFFFFFFFu >> (8 * shift)) : 0);
            if (left != want_left) fail("lwl", bytes + offset, left, want_left);
            if (right != want_right) fail("lwr", bytes + offset, right, want_right);
        }
        for (uint32_t offset = 0; offset < 8; offset++) {
            uint32_t value = 0x11223344u * (offset + 1);
            for (uint32_t i = 0; i < 16; i++) bytes[i] = 0x55;
            __asm__ volatile("swr %0, 0(%1)\n\tswl %0, 3(%1)" : : "r"(value), "r"(bytes + offset) : "memory");
            for (uint32_t i = 0; i < 16; i++) {
                uint32_t want = i >= offset && i < offset + 4 ? value >> (8 * (i - offset)) & 0xFF : 0x55;
                if (((volatile uint8_t *)bytes)[i] != want) fail("swl/swr", bytes + i, bytes[i], want);
            }
            page[0] = page[1] = 0x55555555;
            __asm__ volatile("swl %0, 0(%1)" : : "r"(value), "r"(bytes + offset) : "memory");
            uint32_t shift = offset & 3, stored = page[offset >> 2];
            uint32_t kept = shift == 3 ? 0 : 0x55555555u << (8 * (shift + 1));
            uint32_t want = value >> (8 * (3 - shift)) | kept;
            if (stored != want) fail("swl", bytes + offset, stored, want);
            page[0] = page[1] = 0x55555555;
            __asm__ volatile("swr %0, 0(%1)" : : "r"(value), "r"(bytes + offset) : "memory");
            stored = page[offset >> 2];
            kept = shift ? 0x55555555u >> (8 * (4 - shift)) : 0;
            want = value << (8 * shift) | kept;
            if (stored != want) fail("swr", bytes + offset, stored, want);
        }
    }
}

int guest_main(void) {
    exception_hook = on_exception;
    uint32_t size = param("mem", boot_memory >> 20);
    bool probed = !size;
    if (probed) size = probe();
    if (size > 256) size = 256;
    uint32_t *from = (uint32_t *)(((uint32_t)image_end + 4095) & ~4095u);
    uint32_t *to = (uint32_t *)(ram_base + (size << 20));
    put("memtest: %u MiB %s, testing %08x to %08x\n", size, probed ? "probed" : "given", physical(from),
        physical(to - 1) + 4);
    if (from >= to) {
        put("memtest: nothing to test behind the image\n");
        return 2;
    }
    uint32_t passes = param("passes", 1), start = cycle_count();
    for (uint32_t pass = 0; pass < passes; pass++) {
        words(from, to, 0x9E3779B9u + pass);
        narrow(from, to);
        unaligned(from, to);
    }
    if (faults && !probed) {
        put("memtest: %u bus errors\n", faults);
        failures += faults;
    }
    put("memtest: %u passes, %u failures\n", passes, failures);
    put_time("memtest", start);
    return failures ? 1 : 0;
}
