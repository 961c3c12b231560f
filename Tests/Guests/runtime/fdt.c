// Just enough of the flattened device tree format (Devicetree Specification 0.4, chapter 5) to find the command line
// and the size of memory.

#include "guest.h"
#include "params.h"

enum { magic = 0xD00DFEED, begin_node = 1, end_node = 2, property = 3, no_operation = 4 };

static uint32_t big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool same(const char *a, const char *b) {
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

uint32_t params_from_tree(const void *tree) {
    const uint8_t *base = tree;
    if ((uintptr_t)tree & 3 || big_endian(base) != magic) return 0;
    const uint8_t *at = base + big_endian(base + 8);
    const char *strings = (const char *)base + big_endian(base + 12);
    uint32_t memory = 0, address_cells = 2, size_cells = 1;
    int depth = 0;
    bool in_chosen = false, in_memory = false;
    for (;;) {
        uint32_t token = big_endian(at);
        at += 4;
        if (token == begin_node) {
            const char *name = (const char *)at;
            depth++;
            if (depth == 2) {
                in_chosen = same(name, "chosen");
                in_memory = !memcmp(name, "memory", 6) && (name[6] == 0 || name[6] == '@');
            }
            at += (strlen(name) + 4) & ~3u;
        } else if (token == end_node) {
            if (--depth < 2) in_chosen = in_memory = false;
        } else if (token == property) {
            uint32_t size = big_endian(at);
            const char *name = strings + big_endian(at + 4);
            const uint8_t *value = at + 8;
            if (depth == 1 && same(name, "#address-cells")) address_cells = big_endian(value);
            if (depth == 1 && same(name, "#size-cells")) size_cells = big_endian(value);
            if (depth == 2 && in_chosen && size && same(name, "bootargs")) params_add((const char *)value);
            if (depth == 2 && in_memory && !memory && size >= 4 * (address_cells + size_cells) && same(name, "reg"))
                memory = big_endian(value + 4 * (address_cells + size_cells - 1));
            at += 8 + ((size + 3) & ~3u);
        } else if (token != no_operation) {
            return memory;
        }
    }
}
