// Console and power switch. The UART is polled: no guest depends on its interrupt.

#include "board.h"
#include "machine.h"

enum { transmit = 0, interrupt_enable = 1, fifo_control = 2, line_control = 3, line_status = 5 };
enum { holding_empty = 0x20, transmitter_empty = 0x40 };

static volatile uint8_t *uart_register(uint32_t index) { return board.uart + index * board.uart_stride; }

void uart_start(void);

/// 8N1, FIFO on, no interrupts. The speed stays what the board says.
void uart_start(void) {
    *uart_register(interrupt_enable) = 0;
    *uart_register(line_control) = 0x03;
    *uart_register(fifo_control) = 0x07;
}

void put_char(char c) {
    while (!(*uart_register(line_status) & holding_empty)) {
    }
    *uart_register(transmit) = (uint8_t)c;
}

void power_off(uint32_t code) {
    // The last characters must be out of the FIFO; a UART that never says so must not keep the machine on.
    for (int i = 0; i < 1000000 && !(*uart_register(line_status) & transmitter_empty); i++) {
    }
    *board.reset = code && board.failure ? board.failure | code << board.failure_shift : board.power_off;
    for (;;) {
    }
}
