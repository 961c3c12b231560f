// How the start-up code hands the command line to params.c.

#ifndef PARAMS_H
#define PARAMS_H

#include <stdint.h>

/// Adds one line of `name=value` words; it must stay readable. Later lines win over earlier ones.
void params_add(const char *line);

/// Reads a flattened device tree: adds /chosen "bootargs" and returns the size of the first /memory range, 0 when
/// there is none or the tree is not one.
uint32_t params_from_tree(const void *tree);

#endif
