// The guests' printf: just enough of it, shared with the host twins so that both print the same bytes.

#include <stdarg.h>

#include "guest.h"

/// Prints `value` in `base` (10 or 16), at least `width` wide, filled with `fill`.
static void put_number(uint64_t value, unsigned base, unsigned width, char fill) {
    char digits[20];
    unsigned used = 0;
    if (base == 16) {
        do {
            digits[used++] = "0123456789abcdef"[value & 15];
            value >>= 4;
        } while (value);
    } else {
        uint32_t rest = (uint32_t)value;
        do {
            digits[used++] = (char)('0' + rest % 10);
            rest /= 10;
        } while (rest);
    }
    for (unsigned i = used; i < width; i++) put_char(fill);
    while (used) put_char(digits[--used]);
}

void put(const char *format, ...) {
    va_list args;
    va_start(args, format);
    for (; *format; format++) {
        if (*format != '%') {
            put_char(*format);
            continue;
        }
        format++;
        char fill = ' ';
        unsigned width = 0, longs = 0;
        if (*format == '0') fill = '0';
        while (*format >= '0' && *format <= '9') width = width * 10 + (unsigned)(*format++ - '0');
        while (*format == 'l') {
            longs++;
            format++;
        }
        switch (*format) {
        case 's': {
            const char *text = va_arg(args, const char *);
            unsigned length = 0;
            while (*text) {
                put_char(*text++);
                length++;
            }
            for (; length < width; length++) put_char(' ');
            break;
        }
        case 'c':
            put_char((char)va_arg(args, int));
            break;
        case 'd': {
            int32_t value = va_arg(args, int);
            if (value < 0) put_char('-');
            put_number(value < 0 ? 0u - (uint32_t)value : (uint32_t)value, 10, width, fill);
            break;
        }
        case 'u':
            put_number(va_arg(args, uint32_t), 10, width, fill);
            break;
        case 'x':
            put_number(longs == 2 ? va_arg(args, unsigned long long) : va_arg(args, uint32_t), 16, width, fill);
            break;
        case '%':
            put_char('%');
            break;
        default:
            put_char('?');
            break;
        }
    }
    va_end(args);
}

void put_time(const char *name, uint32_t start) {
    uint32_t end = cycle_count();
    put("time %s start=%08x end=%08x count=%u\n", name, start, end, end - start);
}
