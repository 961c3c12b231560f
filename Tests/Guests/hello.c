// hello: the smallest guest that shows a machine is alive.

#include "runtime/machine.h"

int guest_main(void) {
    put("hello from MIPS\n");
    put("PRId=%08x Config=%08x Config1=%08x Config3=%08x\n", mfc0(CP0_PRID), mfc0(CP0_CONFIG), mfc0(CP0_CONFIG1),
        mfc0(CP0_CONFIG3));
    put("segments=%s Status=%08x EBase=%08x\n", trap_and_emulate() ? "trap-and-emulate" : "ordinary",
        mfc0(CP0_STATUS), mfc0(CP0_EBASE));
    if (boot_memory) put("memory=%u MiB\n", boot_memory >> 20);
    else put("memory=unknown\n");
    return 0;
}
