// The UART 16550A: the board's console.
//
// Bytes take no time: what the guest writes is gone at once, so the transmitter is always empty, and what arrives from
// the host is there at once. The baud rate is remembered and has no effect. The data sheet's character time-out (four
// character times without traffic) therefore has passed as soon as the host has nothing more to deliver: whatever lies
// in the FIFO below its trigger level is announced as a time-out right away, and stays announced until the guest has
// taken it. A driver sees the codes it knows, and no input ever waits for more input.

/// A 16550A with its output going to `Output`.
public struct UART16550A<Output: ByteSink> {
    /// Everything the guest can observe or influence. Reading it is how the device is saved.
    public private(set) var state = UARTState()

    /// Where transmitted bytes go.
    public var output: Output

    /// A UART as after power-on.
    public init(output: Output) {
        self.output = output
    }

    // MARK: State

    /// Puts a saved state back. A pending interrupt is pending again, since the line is computed from the state.
    public mutating func restore(_ saved: UARTState) throws(DeviceStateError) {
        try saved.validate()
        state = saved
    }

    /// As after power-on; the output keeps what it has.
    public mutating func reset() {
        state = UARTState()
    }

    // MARK: From the host

    /// How many characters `receive` would take now without loss; 0 in loopback, where the input pin is disconnected,
    /// and while the guest asks for a pause. A host that keeps to it never causes an overrun.
    public var receiveRoom: Int {
        isLooped || asksForPause ? 0 : (state.fifosEnabled ? UARTState.fifoDepth : 1) - state.received.count
    }

    /// Whether the guest has taken everything that arrived.
    public var hasNothingReceived: Bool { state.received.isEmpty }

    /// Characters arrive on the input pin, in order. What does not fit is lost and noted as an overrun; in loopback
    /// they are lost without a note, the pin being disconnected.
    public mutating func receive(_ bytes: [UInt8]) {
        guard !isLooped else { return }
        for byte in bytes { accept(UARTCharacter(byte: byte)) }
    }

    /// A break condition arrives: a null character marked as a break.
    public mutating func receiveBreak() {
        guard !isLooped else { return }
        accept(UARTCharacter(byte: 0, errors: UARTLineStatus.breakInterrupt))
    }

    // MARK: From the guest

    /// Reads the register at `offset`; offsets past the last register read 0.
    public mutating func read(_ offset: UInt8) -> UInt8 {
        switch offset {
        case UARTRegister.data:
            return isDivisorVisible ? UInt8(truncatingIfNeeded: state.divisor) : takeCharacter()
        case UARTRegister.interruptEnable:
            return isDivisorVisible ? UInt8(truncatingIfNeeded: state.divisor >> 8) : state.interruptEnable
        case UARTRegister.interruptIdentification:
            return takeIdentification()
        case UARTRegister.lineControl:
            return state.lineControl
        case UARTRegister.modemControl:
            return state.modemControl
        case UARTRegister.lineStatus:
            return takeLineStatus()
        case UARTRegister.modemStatus:
            defer { state.modemDeltas = 0 }
            return modemInputs | state.modemDeltas
        case UARTRegister.scratch:
            return state.scratch
        default:
            return 0
        }
    }

    /// Writes the register at `offset`; offsets past the last register and read-only registers ignore it.
    public mutating func write(_ offset: UInt8, _ value: UInt8) {
        switch offset {
        case UARTRegister.data:
            if isDivisorVisible {
                state.divisor = state.divisor & 0xFF00 | UInt16(value)
            } else {
                transmit(value)
            }
        case UARTRegister.interruptEnable:
            if isDivisorVisible {
                state.divisor = state.divisor & 0x00FF | UInt16(value) << 8
            } else {
                setInterruptEnable(value & UARTInterruptEnable.implemented)
            }
        case UARTRegister.fifoControl:
            setFIFOControl(value)
        case UARTRegister.lineControl:
            state.lineControl = value
        case UARTRegister.modemControl:
            setModemControl(value & UARTModemControl.implemented)
        case UARTRegister.scratch:
            state.scratch = value
        default:
            break
        }
    }
}

// MARK: - The interrupt line

extension UART16550A {
    /// True while IIR has a reason to give.
    public var interruptLevel: Bool { interruptReason != UARTInterruptIdentification.none }

    /// The most urgent enabled reason, as IIR codes it, without the FIFO bits.
    var interruptReason: UInt8 {
        let enabled = state.interruptEnable
        if enabled & UARTInterruptEnable.lineStatus != 0 && lineConditions & UARTLineStatus.conditions != 0 {
            return UARTInterruptIdentification.lineStatus
        }
        if enabled & UARTInterruptEnable.receivedData != 0 && !state.received.isEmpty {
            return state.received.count >= triggerLevel
                ? UARTInterruptIdentification.receivedData : UARTInterruptIdentification.characterTimeout
        }
        if state.transmitterEmptyPending { return UARTInterruptIdentification.transmitterEmpty }
        if enabled & UARTInterruptEnable.modemStatus != 0 && state.modemDeltas != 0 {
            return UARTInterruptIdentification.modemStatus
        }
        return UARTInterruptIdentification.none
    }

    /// Characters that make "received data" of a time-out; 1 without FIFOs.
    private var triggerLevel: Int {
        guard state.fifosEnabled else { return 1 }
        switch state.fifoControl & UARTFIFOControl.triggerMask {
        case 0x00: return 1
        case 0x40: return 4
        case 0x80: return 8
        default: return 14
        }
    }

    /// Reading IIR acknowledges "transmitter empty", but only if that is the reason it gives.
    private mutating func takeIdentification() -> UInt8 {
        let reason = interruptReason
        if reason == UARTInterruptIdentification.transmitterEmpty { state.transmitterEmptyPending = false }
        return reason | (state.fifosEnabled ? UARTInterruptIdentification.fifosEnabled : 0)
    }

    /// Enabling "transmitter empty" while it is empty, which is always, raises it. Linux's 8250 driver starts sending
    /// that way, and looks twice at start-up whether it works (its THRE test).
    private mutating func setInterruptEnable(_ value: UInt8) {
        let asked = state.interruptEnable & UARTInterruptEnable.transmitterEmpty != 0
        let asks = value & UARTInterruptEnable.transmitterEmpty != 0
        state.interruptEnable = value
        if !asks { state.transmitterEmptyPending = false } else if !asked { state.transmitterEmptyPending = true }
    }
}

// MARK: - Line and modem

extension UART16550A {
    private var isDivisorVisible: Bool { state.lineControl & UARTLineControl.divisorLatchAccess != 0 }
    /// Hardware flow control: a driver that is there (DTR) takes its request to send (RTS) back while its own buffers
    /// are full, as Linux does under `stty crtscts`. A program that never touched these pins has both low and wants
    /// everything.
    private var asksForPause: Bool {
        state.modemControl & (UARTModemControl.dataTerminalReady | UARTModemControl.requestToSend)
            == UARTModemControl.dataTerminalReady
    }
    private var isLooped: Bool { state.modemControl & UARTModemControl.loopback != 0 }

    /// Overrun, and the errors of the character at the head of the FIFO.
    private var lineConditions: UInt8 { state.overrun | (state.received.first?.errors ?? 0) }

    /// Reading LSR clears the conditions it shows. Errors deeper in the FIFO show when their turn comes.
    private mutating func takeLineStatus() -> UInt8 {
        var status = UARTLineStatus.transmitterHoldingEmpty | UARTLineStatus.transmitterEmpty | lineConditions
        if !state.received.isEmpty { status |= UARTLineStatus.dataReady }
        if state.fifosEnabled && state.received.contains(where: { $0.errors != 0 }) {
            status |= UARTLineStatus.errorInFIFO
        }
        state.overrun = 0
        if !state.received.isEmpty { state.received[0].errors = 0 }
        return status
    }

    /// The oldest character, or 0 if there is none.
    private mutating func takeCharacter() -> UInt8 {
        state.received.isEmpty ? 0 : state.received.removeFirst().byte
    }

    /// A full FIFO keeps what it has and loses the newcomer; without FIFOs the newcomer replaces the old character.
    private mutating func accept(_ character: UARTCharacter) {
        let room = state.fifosEnabled ? UARTState.fifoDepth : 1
        if state.received.count < room {
            state.received.append(character)
        } else {
            state.overrun = UARTLineStatus.overrunError
            if !state.fifosEnabled { state.received[0] = character }
        }
    }

    /// The byte leaves at once, so the transmitter becomes empty again at once: a new reason for the interrupt.
    private mutating func transmit(_ byte: UInt8) {
        if isLooped { accept(UARTCharacter(byte: byte)) } else { output.put(byte) }
        state.transmitterEmptyPending = state.interruptEnable & UARTInterruptEnable.transmitterEmpty != 0
    }

    /// Switching the FIFOs on or off empties them; the other bits count only together with "enable".
    private mutating func setFIFOControl(_ value: UInt8) {
        let enable = value & UARTFIFOControl.enable != 0
        if enable != state.fifosEnabled || (enable && value & UARTFIFOControl.clearReceiver != 0) {
            state.received.removeAll(keepingCapacity: true)
        }
        state.fifoControl = enable ? value & UARTFIFOControl.kept : 0
    }

    /// What the modem inputs show: the wire, or in loopback the modem outputs.
    private var modemInputs: UInt8 {
        guard isLooped else { return UARTModemStatus.connected }
        let outputs = state.modemControl
        var inputs: UInt8 = 0
        if outputs & UARTModemControl.requestToSend != 0 { inputs |= UARTModemStatus.clearToSend }
        if outputs & UARTModemControl.dataTerminalReady != 0 { inputs |= UARTModemStatus.dataSetReady }
        if outputs & UARTModemControl.out1 != 0 { inputs |= UARTModemStatus.ringIndicator }
        if outputs & UARTModemControl.out2 != 0 { inputs |= UARTModemStatus.carrierDetect }
        return inputs
    }

    /// A write to MCR may move the inputs, in loopback or by entering and leaving it; each change leaves its note.
    private mutating func setModemControl(_ value: UInt8) {
        let before = modemInputs
        state.modemControl = value
        let changed = before ^ modemInputs
        if changed & UARTModemStatus.clearToSend != 0 { state.modemDeltas |= UARTModemStatus.deltaClearToSend }
        if changed & UARTModemStatus.dataSetReady != 0 { state.modemDeltas |= UARTModemStatus.deltaDataSetReady }
        if changed & UARTModemStatus.carrierDetect != 0 { state.modemDeltas |= UARTModemStatus.deltaCarrierDetect }
        // Ring leaves a note only when it stops.
        if changed & before & UARTModemStatus.ringIndicator != 0 {
            state.modemDeltas |= UARTModemStatus.trailingEdgeRing
        }
    }
}

// MARK: - On a bus

/// Registers are bytes. A wider load gives the one register at its offset, zero-extended; a wider store writes its low
/// byte to that one register. No access reaches a neighbour, whose reads may have effects.
extension UART16550A: Device {
    public mutating func read(offset: UInt32, size: UInt32) -> UInt32 {
        guard offset < UARTRegister.count else { return 0 }
        return UInt32(read(UInt8(truncatingIfNeeded: offset)))
    }

    public mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        guard offset < UARTRegister.count else { return .none }
        write(UInt8(truncatingIfNeeded: offset), UInt8(truncatingIfNeeded: value))
        return .none
    }
}
