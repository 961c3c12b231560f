#include "CHost.h"
typedef int chost_nonempty;
