// How the start-up code hands the command line to params.c.

#ifndef PARAMS_H
#define PARAMS_H

#include <stdint.h>

/// Adds a copy of one line of `name=value` words: memtest overwrites the place the loader left it in. Later lines win
/// over earlier ones. What does not fit (64 lines, 2 KiB) is ignored.
void params_add(const char *line);

/// Reads a flattened device tree: adds /chosen "bootargs" and returns the size of the first /memory range, 0 when
/// there is none or the tree is not one.
uint32_t params_from_tree(const void *tree);

#endif
