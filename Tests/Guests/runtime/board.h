// Where the board has its console and its power switch. board.c is the only file compiled once per board.

#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

struct board {
    volatile uint8_t *uart;    ///< 16550A, as a KSEG1 address
    uint32_t uart_stride;      ///< bytes between its registers
    volatile uint32_t *reset;  ///< reset and power-off register, as a KSEG1 address
    uint32_t power_off;        ///< value that ends the machine with success
    uint32_t failure;          ///< value that ends it with failure, 0 when the board has none
    uint32_t failure_shift;    ///< where the exit code goes in that value
};

extern const struct board board;

#endif
