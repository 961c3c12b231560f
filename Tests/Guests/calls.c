// calls: recursion, calls through tables of functions, and deep chains of small functions, n= rounds.

#include "runtime/guest.h"

enum { nodes = 511 };

/// A node of an expression tree: what it computes is decided by a call through a pointer.
struct node {
    uint32_t (*value)(const struct node *node, uint32_t x);
    const struct node *left, *right;
    uint32_t constant;
};

static struct node tree[nodes];

static uint32_t value_of(const struct node *node, uint32_t x) { return node->value(node, x); }

static uint32_t sum(const struct node *n, uint32_t x) { return value_of(n->left, x) + value_of(n->right, x); }
static uint32_t difference(const struct node *n, uint32_t x) { return value_of(n->left, x) - value_of(n->right, x + 1); }
static uint32_t product(const struct node *n, uint32_t x) { return value_of(n->left, x) * (value_of(n->right, x) | 1); }
static uint32_t either(const struct node *n, uint32_t x) { return value_of(n->left, x) ^ value_of(n->right, x); }
static uint32_t constant(const struct node *n, uint32_t x) { return (void)x, n->constant; }
static uint32_t variable(const struct node *n, uint32_t x) { return x + n->constant; }

/// Lays out a complete tree: the children of node i are 2i + 1 and 2i + 2.
static void plant(uint32_t *random) {
    static uint32_t (*const inner[])(const struct node *, uint32_t) = {sum, difference, product, either};
    static uint32_t (*const leaf[])(const struct node *, uint32_t) = {constant, variable};
    for (uint32_t i = 0; i < nodes; i++) {
        bool is_leaf = 2 * i + 2 >= nodes;
        tree[i].value = is_leaf ? leaf[next_random(random) & 1] : inner[next_random(random) & 3];
        tree[i].left = is_leaf ? NULL : &tree[2 * i + 1];
        tree[i].right = is_leaf ? NULL : &tree[2 * i + 2];
        tree[i].constant = next_random(random);
    }
}

__attribute__((noinline)) static uint32_t fibonacci(uint32_t n) {
    if (n < 2) return n;
    // The compiler may not make a loop of the second call.
    uint32_t one = fibonacci(n - 1), other = fibonacci(n - 2);
    __asm__ volatile("" : "+r"(other));
    return one + other;
}

__attribute__((noinline)) static int takeuchi(int x, int y, int z) {
    if (y >= x) return z;
    return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

#define LINK(name, next)                                                          \
    __attribute__((noinline)) static uint32_t name(uint32_t x) {                   \
        uint32_t y = next(x + 1);                                                  \
        __asm__ volatile("" : "+r"(y));                                            \
        return y ^ x;                                                              \
    }

__attribute__((noinline)) static uint32_t chain_end(uint32_t x) {
    __asm__ volatile("" : "+r"(x));
    return x * 3;
}
LINK(chain8, chain_end)
LINK(chain7, chain8)
LINK(chain6, chain7)
LINK(chain5, chain6)
LINK(chain4, chain5)
LINK(chain3, chain4)
LINK(chain2, chain3)
LINK(chain1, chain2)

int guest_main(void) {
    uint32_t rounds = param("n", 25), start = cycle_count(), random = 7, checksum = MIX_START;
    plant(&random);
    for (uint32_t round = 0; round < rounds; round++) {
        checksum = mix(checksum, fibonacci(18 + round % 4));
        checksum = mix(checksum, (uint32_t)takeuchi(12, 8, (int)(round % 4)));
        for (uint32_t i = 0; i < 40; i++) checksum = mix(checksum, value_of(tree, checksum));
        for (uint32_t i = 0; i < 500; i++) checksum = checksum * 2 + chain1(checksum ^ i);
    }
    put("calls checksum=%08x\n", checksum);
    put_time("calls", start);
    return 0;
}
