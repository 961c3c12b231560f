// bignum: schoolbook arithmetic on 32-bit limbs: products, division, modular powers, n= rounds.

#include "runtime/guest.h"

enum { limbs = 16 };  // 512 bits

/// product = a * b
static void multiply(uint32_t *product, const uint32_t *a, const uint32_t *b) {
    memset(product, 0, 2 * limbs * sizeof(uint32_t));
    for (int i = 0; i < limbs; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < limbs; j++) {
            carry += (uint64_t)a[i] * b[j] + product[i + j];
            product[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i + limbs] = (uint32_t)carry;
    }
}

/// remainder = number mod modulus, by Knuth's algorithm D. The modulus has its top bit set.
static void reduce(uint32_t *remainder, const uint32_t *number, const uint32_t *modulus) {
    uint32_t u[2 * limbs + 1];
    memcpy(u, number, 2 * limbs * sizeof(uint32_t));
    u[2 * limbs] = 0;
    for (int j = limbs; j >= 0; j--) {
        uint64_t top = (uint64_t)u[j + limbs] << 32 | u[j + limbs - 1];
        uint64_t digit = top / modulus[limbs - 1], rest = top % modulus[limbs - 1];
        while (digit >> 32 || digit * modulus[limbs - 2] > (rest << 32 | u[j + limbs - 2])) {
            digit--;
            rest += modulus[limbs - 1];
            if (rest >> 32) break;
        }
        uint64_t carry = 0, borrow = 0;
        for (int i = 0; i < limbs; i++) {
            carry += digit * modulus[i];
            uint64_t difference = (uint64_t)u[i + j] - (uint32_t)carry - borrow;
            u[i + j] = (uint32_t)difference;
            borrow = difference >> 63;
            carry >>= 32;
        }
        uint64_t difference = (uint64_t)u[j + limbs] - carry - borrow;
        u[j + limbs] = (uint32_t)difference;
        if (difference >> 63) {
            carry = 0;
            for (int i = 0; i < limbs; i++) {
                carry += (uint64_t)u[i + j] + modulus[i];
                u[i + j] = (uint32_t)carry;
                carry >>= 32;
            }
            u[j + limbs] += (uint32_t)carry;
        }
    }
    memcpy(remainder, u, limbs * sizeof(uint32_t));
}

/// power = base ^ exponent mod modulus
static void modular_power(uint32_t *power, const uint32_t *base, const uint32_t *exponent, int bits,
                          const uint32_t *modulus) {
    uint32_t product[2 * limbs], square[limbs];
    memset(power, 0, limbs * sizeof(uint32_t));
    power[0] = 1;
    memcpy(square, base, sizeof square);
    for (int bit = 0; bit < bits; bit++) {
        if (exponent[bit / 32] >> (bit % 32) & 1) {
            multiply(product, power, square);
            reduce(power, product, modulus);
        }
        multiply(product, square, square);
        reduce(square, product, modulus);
    }
}

int guest_main(void) {
    uint32_t rounds = param("n", 1), start = cycle_count();
    uint32_t random = 6, checksum = MIX_START, failures = 0;
    uint32_t modulus[limbs], g[limbs], x[limbs], y[limbs], gx[limbs], gy[limbs], gxy[limbs], gyx[limbs];
    enum { bits = 128 };
    for (uint32_t round = 0; round < rounds; round++) {
        for (int i = 0; i < limbs; i++) {
            modulus[i] = next_random(&random);
            g[i] = next_random(&random);
            x[i] = next_random(&random);
            y[i] = next_random(&random);
        }
        modulus[limbs - 1] |= 0x80000000u;
        // (g^x)^y = (g^y)^x whatever the modulus.
        modular_power(gx, g, x, bits, modulus);
        modular_power(gy, g, y, bits, modulus);
        modular_power(gxy, gx, y, bits, modulus);
        modular_power(gyx, gy, x, bits, modulus);
        if (memcmp(gxy, gyx, sizeof gxy)) failures++;
        for (int i = 0; i < limbs; i++) checksum = mix(mix(mix(checksum, gx[i]), gy[i]), gxy[i]);
    }
    put("bignum checksum=%08x\n", checksum);
    if (failures) put("FAIL bignum: %u rounds\n", failures);
    put_time("bignum", start);
    return failures ? 1 : 0;
}
