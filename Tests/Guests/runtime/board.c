// The board's addresses. Defaults are the "virt" board's; Malta's (for qemu-system-mipsel) come with
// -DUART_BASE=… -DUART_STRIDE=… -DRESET_BASE=… -DRESET_POWER_OFF=… -DRESET_FAILURE=0.

#include "board.h"

#ifndef UART_BASE
#define UART_BASE 0xB0000000
#endif
#ifndef UART_STRIDE
#define UART_STRIDE 1
#endif
#ifndef RESET_BASE
#define RESET_BASE 0xB0002000
#endif
#ifndef RESET_POWER_OFF
#define RESET_POWER_OFF 0x5555
#endif
#ifndef RESET_FAILURE
#define RESET_FAILURE 0x3333
#endif

const struct board board = {
    .uart = (volatile uint8_t *)UART_BASE,
    .uart_stride = UART_STRIDE,
    .reset = (volatile uint32_t *)RESET_BASE,
    .power_off = RESET_POWER_OFF,
    .failure = RESET_FAILURE,
    .failure_shift = 16,
};
