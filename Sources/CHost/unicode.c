// What Embedded Swift's strings ask about Unicode, answered for text without combining characters.
//
// Comparing or hashing strings refers to tables that the ordinary Swift runtime carries and Embedded Swift leaves to the
// program. The core compares bytes and never needs the answers, but a debug build keeps references to them. Here every
// scalar stands for itself: two strings are equal if their scalars are. The signatures are those of the Swift
// runtime's UnicodeData.h. In an ordinary build this file is empty, so that it cannot stand in for the real tables.

#ifdef STASIS_EMBEDDED

#include <stdbool.h>
#include <stdint.h>

uint16_t _swift_stdlib_getNormData(uint32_t scalar);
uint32_t _swift_stdlib_getDecompositionEntry(uint32_t scalar);
uint32_t _swift_stdlib_getComposition(uint32_t first, uint32_t second);
uint8_t _swift_stdlib_getGraphemeBreakProperty(uint32_t scalar);
bool _swift_stdlib_isExtendedPictographic(uint32_t scalar);
bool _swift_stdlib_isInCB_Consonant(uint32_t scalar);
extern const uint8_t *const _swift_stdlib_nfd_decompositions;

// No bytes are ever read from it: no scalar decomposes.
const uint8_t *const _swift_stdlib_nfd_decompositions = 0;

// Combining class 0, and already in every normal form.
uint16_t _swift_stdlib_getNormData(uint32_t scalar) {
    (void)scalar;
    return 0;
}

uint32_t _swift_stdlib_getDecompositionEntry(uint32_t scalar) {
    return scalar;
}

// All ones: the two do not compose.
uint32_t _swift_stdlib_getComposition(uint32_t first, uint32_t second) {
    (void)first;
    (void)second;
    return 0xFFFFFFFF;
}

// "Any other": a character of its own.
uint8_t _swift_stdlib_getGraphemeBreakProperty(uint32_t scalar) {
    (void)scalar;
    return 0xFF;
}

bool _swift_stdlib_isExtendedPictographic(uint32_t scalar) {
    (void)scalar;
    return false;
}

bool _swift_stdlib_isInCB_Consonant(uint32_t scalar) {
    (void)scalar;
    return false;
}

#else

// A translation unit may not be empty (ISO C, 6.9).
typedef int chost_unicode_is_the_runtimes;

#endif
