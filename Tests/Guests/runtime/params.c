// Parameters: `name=value` words, on bare metal from the boot arguments, on the host from argv.
//
// Bare metal knows two ways in. YAMON's: a0 = argc (1 and up), a1 = argv, an array of 32-bit guest virtual pointers,
// a3 = bytes of RAM; each argv[1...] may hold several words between blanks. UHI's: a0 = -2, a1 = device tree, whose
// /chosen "bootargs" is the command line (see fdt.c).

#include "params.h"

#include "guest.h"

enum { maximum_lines = 64, maximum_text = 2048 };

static const char *lines[maximum_lines];
static int line_count;
static char text[maximum_text];
static size_t text_used;

void params_add(const char *line) {
    size_t size = strlen(line) + 1;
    if (line_count == maximum_lines || size > maximum_text - text_used) return;
    memcpy(text + text_used, line, size);
    lines[line_count++] = text + text_used;
    text_used += size;
}

const char *param_word(const char *name) {
    for (int i = line_count - 1; i >= 0; i--) {
        for (const char *at = lines[i]; *at;) {
            while (*at == ' ') at++;
            const char *wanted = name;
            while (*wanted && *at == *wanted) {
                at++;
                wanted++;
            }
            if (!*wanted && *at == '=') return at + 1;
            while (*at && *at != ' ') at++;
        }
    }
    return NULL;
}

uint32_t parse_number(const char *text) {
    uint32_t value = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        for (text += 2;; text++) {
            char c = *text | 0x20;
            if (c >= '0' && c <= '9') value = value << 4 | (uint32_t)(c - '0');
            else if (c >= 'a' && c <= 'f') value = value << 4 | (uint32_t)(c - 'a' + 10);
            else return value;
        }
    }
    for (; *text >= '0' && *text <= '9'; text++) value = value * 10 + (uint32_t)(*text - '0');
    return value;
}

uint32_t param(const char *name, uint32_t fallback) {
    const char *word = param_word(name);
    return word ? parse_number(word) : fallback;
}

bool word_is(const char *word, const char *text) {
    if (!word) return false;
    while (*text && *word == *text) {
        word++;
        text++;
    }
    return !*text && (!*word || *word == ' ');
}
