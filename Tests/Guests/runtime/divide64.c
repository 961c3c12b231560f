// 64-bit division for a 32-bit machine: the compiler calls these by name, and there is no compiler library to link.

#include <stdint.h>

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);

/// Shift and subtract. A zero divisor gives an all-ones quotient, as good as any other answer to undefined behaviour.
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder) {
    uint64_t quotient = 0, rest = 0;
    if (!(dividend >> 32) && !(divisor >> 32) && divisor) {
        if (remainder) *remainder = (uint32_t)dividend % (uint32_t)divisor;
        return (uint32_t)dividend / (uint32_t)divisor;
    }
    for (int bit = 63; bit >= 0; bit--) {
        uint64_t carried = rest >> 63;
        rest = rest << 1 | (dividend >> bit & 1);
        if (carried || rest >= divisor) {
            rest -= divisor;
            quotient |= 1ull << bit;
        }
    }
    if (remainder) *remainder = rest;
    return quotient;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor) { return __udivmoddi4(dividend, divisor, 0); }

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor) {
    uint64_t rest;
    __udivmoddi4(dividend, divisor, &rest);
    return rest;
}

int64_t __divdi3(int64_t dividend, int64_t divisor) {
    uint64_t a = dividend < 0 ? 0 - (uint64_t)dividend : (uint64_t)dividend;
    uint64_t b = divisor < 0 ? 0 - (uint64_t)divisor : (uint64_t)divisor;
    uint64_t quotient = __udivdi3(a, b);
    return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor) {
    uint64_t a = dividend < 0 ? 0 - (uint64_t)dividend : (uint64_t)dividend;
    uint64_t b = divisor < 0 ? 0 - (uint64_t)divisor : (uint64_t)divisor;
    uint64_t rest = __umoddi3(a, b);
    return (int64_t)(dividend < 0 ? 0 - rest : rest);
}
