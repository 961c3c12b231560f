// The "virt" board: RAM, UART, clock, power switch, boot ROM, their addresses and lines.

public import Devices

/// Accesses to addresses where nothing lies.
public struct UnclaimedAccesses: Equatable, Sendable {
    /// How many there were.
    public internal(set) var count: UInt64 = 0
    /// The first of them, for the one line a user gets to see.
    public internal(set) var first: MMIOAccess?
}

/// One board. See Machine.swift for its life.
public final class Board {
    public let memory: GuestMemory

    /// What the guest tried to reach in vain.
    public private(set) var unclaimed = UnclaimedAccesses()

    let uart = Port(UART16550A(output: OutputBuffer()))
    let syscon = Port(Syscon())
    let rtc = RTCPort()
    /// What lies at the reset vector.
    public let bootROM = BootROM()
    /// By slot.
    private(set) var virtio: [Port<VirtioMMIO>] = []
    var input = InputQueue()
    private var pace = InputPace()
    private let bus = Bus()

    /// A board after power-on, around the memory.
    public init(memory: GuestMemory) {
        self.memory = memory
        bus.attach(uart, at: AddressMap.uart, line: AddressMap.uartLine)
        bus.attach(syscon, at: AddressMap.syscon)
        bus.attach(ROMPort(bootROM), at: AddressMap.bootROM)
        bus.attach(rtc, at: AddressMap.rtc, line: AddressMap.rtcLine)
    }

    /// Puts a virtio device into the next slot. Before the guest starts, and at most `AddressMap.virtioSlots` of them.
    public func attach(_ function: any VirtioFunction) {
        let port = Port(VirtioMMIO(function))
        bus.attach(
            port, at: AddressMap.virtio(UInt64(virtio.count)), line: AddressMap.virtioLine)
        virtio.append(port)
    }

    // MARK: The guest's side

    /// Answers an access that no memory slot took.
    ///
    /// Where nothing lies, and for sizes other than 1, 2, 4 and 8, loads give 0 and stores are dropped: a guest that
    /// looks for a device which is not there finds nothing and goes on, as it does on QEMU's boards. The access is
    /// counted in `unclaimed`.
    public func handleMMIO(_ access: MMIOAccess) -> MMIOResult {
        switch access.size {
        case 1, 2, 4, 8:
            if var result = bus.perform(access) {
                // The guest may just have made room.
                if refillOrPause(), result.event == .none { result.event = .attention }
                return result
            }
            if access.isWrite {
                if memory.store(access.data, at: access.address, size: access.size) { return MMIOResult() }
            } else if let value = memory.load(at: access.address, size: access.size) {
                return MMIOResult(value: value)
            }
        default:
            break
        }
        if unclaimed.count == 0 { unclaimed.first = access }
        unclaimed.count &+= 1
        return MMIOResult()
    }

    /// The same with its parts named one by one. `size` is 1, 2, 4 or 8; `data` is little endian.
    public func handleMMIO(
        address: UInt64, size: UInt32, isWrite: Bool, data: UInt64
    ) -> (value: UInt64, event: DeviceEvent) {
        let result = handleMMIO(MMIOAccess(address: address, size: size, isWrite: isWrite, data: data))
        return (result.value, result.event)
    }

    /// Interrupt lines that are high now: bit n for IPn.
    public var assertedLines: UInt32 {
        // A pause may be over.
        refill()
        return bus.assertedLines
    }

    /// Devices as after power-on. Memory, host input that still waits and output that nobody fetched stay.
    public func reset() {
        uart.device.reset()
        syscon.device = Syscon()
        rtc.device.reset()
        pace.restart()
        for port in virtio { port.device.reset() }
        refill()
    }

    /// Prepares the start of a guest whose devices are as after a reset.
    ///
    /// - Parameter start: what it finds in its registers.
    /// - Parameter fromROM: whether the vCPU begins at the reset vector, as after its own reset, and the ROM sets the
    ///   registers; if not, whoever starts the vCPU does. A jump to the reset vector later on resets the board both
    ///   ways.
    public func prepareStart(_ start: StartRegisters, fromROM: Bool) {
        bootROM.program(start)
        syscon.device.hasStarted = !fromROM
    }

    // MARK: The host's side

    /// What time it is for the guest's RTC, in nanoseconds since 1970 UTC, before what the guest itself has set.
    /// Without one, which is how a board begins, it is always 0, and console input comes without pauses (`InputPace`).
    /// Asked on the thread the board belongs to.
    public var realtime: (() -> UInt64)? {
        get { rtc.clock }
        set { rtc.clock = newValue }
    }

    /// The instant, by `realtime`, at which a line may rise by itself, that of the RTC or, since a pause in the
    /// console's input ends, that of the UART: `assertedLines` has to be looked at then, even if the guest sleeps. nil
    /// while there is none. An access that changes it says so by the event `attention`.
    public var nextAlarm: UInt64? {
        refill()
        guard let pause = pace.end else { return rtc.nextAlarm }
        return min(pause, rtc.nextAlarm ?? pause)
    }

    /// Host input for the guest's console. Returns how many bytes were taken; the rest has to be offered again later.
    public func enqueueInput(_ bytes: [UInt8]) -> Int {
        // Nothing was waiting, so the guest has not been kept from anything; and nobody would be told of a pause that
        // began here.
        if input.count == 0, pace.end == nil { pace.restart() }
        let taken = input.append(bytes)
        refill()
        return taken
    }

    /// How many bytes `enqueueInput` would take.
    public var inputRoom: Int { InputQueue.capacity - input.count }

    /// A break condition on the console line, which Linux takes as the first half of a magic SysRq.
    public func sendBreak() {
        uart.device.receiveBreak()
    }

    /// Whether the guest said something that was not fetched yet.
    public var hasOutput: Bool { !uart.device.output.bytes.isEmpty }

    /// What the guest said since the last call, in order. Output belongs to the host: it is no part of the saved state.
    public func drainOutput() -> [UInt8] {
        uart.device.output.drain()
    }

    /// Hands waiting input to the UART, as much as it takes without loss, but for pauses.
    func refill() { _ = refillOrPause() }

    /// The same, and whether a pause has begun instead.
    private func refillOrPause() -> Bool {
        guard input.count > 0 || pace.end != nil else { return false }
        guard let clock = rtc.clock else {
            let room = uart.device.receiveRoom
            if room > 0 { uart.device.receive(input.take(room)) }
            return false
        }
        // Whether there is room or not: an alarm that is over must not be set again.
        if pace.end != nil { pace.look(at: clock()) }
        let wasPause = pace.end != nil
        let room = min(uart.device.receiveRoom, input.count)
        // By the FIFO, not by the character: the clock is asked once for all of them.
        guard room > 0, uart.device.hasNothingReceived else { return false }
        let count = min(room, pace.allowance(at: clock()))
        if count > 0 {
            uart.device.receive(input.take(count))
            pace.gave(count)
        }
        return !wasPause && pace.end != nil
    }
}
