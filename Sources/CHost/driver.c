// The driver of system calls: in debug builds a thread may install a function that is asked before each of its calls
// and can record it, make it fail, or shorten it. Release builds have neither the question nor the function.
#include "internal.h"

#ifdef CHOST_HOSTED

#ifdef DEBUG
static _Thread_local chost_driver_function driver;
static _Thread_local void *driver_context;

bool chost_driver_install(chost_driver_function function, void *context) {
    driver = function;
    driver_context = context;
    return true;
}

int64_t chost_gate(int32_t call, uint64_t first, uint64_t second, uint64_t third, const char *path) {
    chost_driver_function function = driver;
    if (!function) { return 0; }
    // The driver's own calls are not driven.
    driver = NULL;
    int64_t answer = function(driver_context, call, first, second, third, path);
    driver = function;
    return answer;
}
#else
bool chost_driver_install(chost_driver_function function, void *context) {
    (void)function;
    (void)context;
    return false;
}
#endif

#endif
