// Registers and bits of the 16550A, named as in the PC16550D data sheet (National Semiconductor, 1995, section 8).

/// Register offsets. Several registers share an offset: which one answers depends on the direction and on LCR.DLAB.
public enum UARTRegister {
    /// Receiver buffer (read) and transmitter holding register (write); with DLAB the divisor's low byte.
    public static let data: UInt8 = 0
    /// Interrupt enable; with DLAB the divisor's high byte.
    public static let interruptEnable: UInt8 = 1
    /// Interrupt identification (read).
    public static let interruptIdentification: UInt8 = 2
    /// FIFO control (write).
    public static let fifoControl: UInt8 = 2
    /// Line control.
    public static let lineControl: UInt8 = 3
    /// Modem control.
    public static let modemControl: UInt8 = 4
    /// Line status (writes are ignored).
    public static let lineStatus: UInt8 = 5
    /// Modem status (writes are ignored).
    public static let modemStatus: UInt8 = 6
    /// Scratch: a byte the guest may keep here.
    public static let scratch: UInt8 = 7
    /// Number of registers.
    public static let count: UInt8 = 8
}

/// IER: which reasons may raise the line. Bits 4...7 read 0; Linux takes a sticky bit 6 for another chip.
public enum UARTInterruptEnable {
    public static let receivedData: UInt8 = 0x01
    public static let transmitterEmpty: UInt8 = 0x02
    public static let lineStatus: UInt8 = 0x04
    public static let modemStatus: UInt8 = 0x08
    public static let implemented: UInt8 = 0x0F
}

/// IIR: the most urgent reason, in the order below; bits 7...6 tell that the FIFOs are on.
public enum UARTInterruptIdentification {
    public static let none: UInt8 = 0x01
    /// Priority 1: an overrun, parity, framing or break condition. Cleared by reading LSR.
    public static let lineStatus: UInt8 = 0x06
    /// Priority 2: the receiver holds as much as the trigger level asks for. Cleared by reading below it.
    public static let receivedData: UInt8 = 0x04
    /// Priority 2: less than the trigger level, and nothing more is coming for now. Cleared by emptying the FIFO.
    public static let characterTimeout: UInt8 = 0x0C
    /// Priority 3: the transmitter became empty. Cleared by reading this register or by writing data.
    public static let transmitterEmpty: UInt8 = 0x02
    /// Priority 4: a modem input changed. Cleared by reading MSR.
    public static let modemStatus: UInt8 = 0x00
    public static let fifosEnabled: UInt8 = 0xC0
}

/// FCR.
public enum UARTFIFOControl {
    public static let enable: UInt8 = 0x01
    public static let clearReceiver: UInt8 = 0x02
    public static let clearTransmitter: UInt8 = 0x04
    public static let dmaMode: UInt8 = 0x08
    public static let triggerMask: UInt8 = 0xC0
    /// The bits that stay; the two clear bits act once.
    public static let kept: UInt8 = 0xC9
}

/// LCR. Only DLAB changes what this model does: bytes are never cut to a shorter word nor given a parity.
public enum UARTLineControl {
    public static let setBreak: UInt8 = 0x40
    public static let divisorLatchAccess: UInt8 = 0x80
}

/// MCR. Outside loopback DTR and RTS reach the sender, which pauses while RTS alone is low; the other outputs lead
/// nowhere. In particular OUT2 does not gate the interrupt line, as it did on the PC's card, since boards with this
/// part on the chip have no such gate and their drivers do not set it.
public enum UARTModemControl {
    public static let dataTerminalReady: UInt8 = 0x01
    public static let requestToSend: UInt8 = 0x02
    public static let out1: UInt8 = 0x04
    public static let out2: UInt8 = 0x08
    public static let loopback: UInt8 = 0x10
    public static let implemented: UInt8 = 0x1F
}

/// LSR.
public enum UARTLineStatus {
    public static let dataReady: UInt8 = 0x01
    public static let overrunError: UInt8 = 0x02
    public static let parityError: UInt8 = 0x04
    public static let framingError: UInt8 = 0x08
    public static let breakInterrupt: UInt8 = 0x10
    public static let transmitterHoldingEmpty: UInt8 = 0x20
    public static let transmitterEmpty: UInt8 = 0x40
    public static let errorInFIFO: UInt8 = 0x80
    /// The errors that travel with a character.
    public static let characterErrors: UInt8 = 0x1C
    /// All conditions that raise the line status interrupt.
    public static let conditions: UInt8 = 0x1E
}

/// MSR: four inputs, and four notes that one changed since the last read.
public enum UARTModemStatus {
    public static let deltaClearToSend: UInt8 = 0x01
    public static let deltaDataSetReady: UInt8 = 0x02
    public static let trailingEdgeRing: UInt8 = 0x04
    public static let deltaCarrierDetect: UInt8 = 0x08
    public static let clearToSend: UInt8 = 0x10
    public static let dataSetReady: UInt8 = 0x20
    public static let ringIndicator: UInt8 = 0x40
    public static let carrierDetect: UInt8 = 0x80
    public static let deltas: UInt8 = 0x0F
    /// The other end is always there and always ready: drivers that wait for carrier or for CTS go on.
    public static let connected: UInt8 = 0xB0
}
