// The tree of the "virt" board: what a kernel finds there. The one place besides AddressMap.swift that knows every device.

import Devices

/// Facts of one machine that its tree tells.
public struct BoardFacts: Sendable {
    /// Ticks of Count a second. Kernels take the processor to run at twice that (MIPS32 release 2 parts count every other cycle).
    public var countHz: UInt32
    /// RAM, as the board lays it out.
    public var memory: [AddressWindow]
    /// Command line of the kernel.
    public var commandLine: String
    /// Guest-physical bytes of the initial RAM disk.
    public var initrd: Range<UInt32>?
    /// Slots of virtio-mmio with a device behind them.
    public var virtioSlots: [UInt32]

    public init(
        countHz: UInt32, memory: [AddressWindow], commandLine: String, initrd: Range<UInt32>? = nil,
        virtioSlots: [UInt32] = []
    ) {
        self.countHz = countHz
        self.memory = memory
        self.commandLine = commandLine
        self.initrd = initrd
        self.virtioSlots = virtioSlots
    }
}

/// The tree.
public enum BoardTree {
    /// phandles.
    private static var interruptController: UInt32 { 1 }
    private static var cpuClock: UInt32 { 2 }
    private static var syscon: UInt32 { 3 }

    /// Input clock of the UART in Hz, that of a PC's: drivers divide it for the baud rate, which means nothing here.
    private static var uartClock: UInt32 { 1_843_200 }

    public static func root(_ facts: BoardFacts) -> DeviceTreeNode {
        var children = [chosen(facts), cpus, clock(facts), controller]
        for window in facts.memory {
            children.append(
                DeviceTreeNode(
                    "memory@\(hexadecimal(window.base))",
                    [DeviceTreeProperty("device_type", strings: ["memory"]), registers(window)]))
        }
        children += devices(facts)
        return DeviceTreeNode(
            "",
            [
                DeviceTreeProperty("#address-cells", cells: [1]), DeviceTreeProperty("#size-cells", cells: [1]),
                DeviceTreeProperty("compatible", strings: ["stasis,virt"]),
                DeviceTreeProperty("model", strings: ["Stasis virt"]),
                DeviceTreeProperty("interrupt-parent", cells: [interruptController]),
            ], children: children)
    }

    private static func chosen(_ facts: BoardFacts) -> DeviceTreeNode {
        var node = DeviceTreeNode(
            "chosen",
            [
                DeviceTreeProperty("bootargs", strings: [facts.commandLine]),
                DeviceTreeProperty("stdout-path", strings: ["/" + uartName]),
            ])
        if let initrd = facts.initrd {
            node.properties.append(DeviceTreeProperty("linux,initrd-start", cells: [initrd.lowerBound]))
            node.properties.append(DeviceTreeProperty("linux,initrd-end", cells: [initrd.upperBound]))
        }
        return node
    }

    private static var cpus: DeviceTreeNode {
        DeviceTreeNode(
            "cpus", [DeviceTreeProperty("#address-cells", cells: [1]), DeviceTreeProperty("#size-cells", cells: [0])],
            children: [
                DeviceTreeNode(
                    "cpu@0",
                    [
                        DeviceTreeProperty("device_type", strings: ["cpu"]),
                        DeviceTreeProperty("compatible", strings: ["mti,mips24Kc"]),
                        DeviceTreeProperty("clocks", cells: [cpuClock]), DeviceTreeProperty("reg", cells: [0]),
                    ])
            ])
    }

    private static func clock(_ facts: BoardFacts) -> DeviceTreeNode {
        DeviceTreeNode(
            "cpu-clock",
            [
                DeviceTreeProperty("compatible", strings: ["fixed-clock"]),
                DeviceTreeProperty("#clock-cells", cells: [0]),
                DeviceTreeProperty("clock-frequency", cells: [facts.countHz &* 2]),
                DeviceTreeProperty("phandle", cells: [cpuClock]),
            ])
    }

    private static var controller: DeviceTreeNode {
        DeviceTreeNode(
            "interrupt-controller",
            [
                DeviceTreeProperty("compatible", strings: ["mti,cpu-interrupt-controller"]),
                DeviceTreeProperty("interrupt-controller"), DeviceTreeProperty("#interrupt-cells", cells: [1]),
                DeviceTreeProperty("#address-cells", cells: [0]),
                DeviceTreeProperty("phandle", cells: [interruptController]),
            ])
    }

    private static var uartName: String { "serial@\(hexadecimal(AddressMap.uart.base))" }

    private static func devices(_ facts: BoardFacts) -> [DeviceTreeNode] {
        var nodes = [
            DeviceTreeNode(
                uartName,
                [
                    DeviceTreeProperty("compatible", strings: ["ns16550a"]), registers(AddressMap.uart),
                    DeviceTreeProperty("clock-frequency", cells: [uartClock]), line(AddressMap.uartLine),
                ]),
            DeviceTreeNode(
                "rtc@\(hexadecimal(AddressMap.rtc.base))",
                [
                    DeviceTreeProperty("compatible", strings: ["google,goldfish-rtc"]), registers(AddressMap.rtc),
                    line(AddressMap.rtcLine),
                ]),
            DeviceTreeNode(
                "syscon@\(hexadecimal(AddressMap.syscon.base))",
                [
                    DeviceTreeProperty("compatible", strings: ["syscon"]), registers(AddressMap.syscon),
                    DeviceTreeProperty("phandle", cells: [syscon]),
                ]),
            command("reboot", SysconCommand.reset), command("poweroff", SysconCommand.pass),
        ]
        for slot in facts.virtioSlots {
            let window = AddressMap.virtio(UInt64(slot))
            nodes.append(
                DeviceTreeNode(
                    "virtio@\(hexadecimal(window.base))",
                    [
                        DeviceTreeProperty("compatible", strings: ["virtio,mmio"]), registers(window),
                        line(AddressMap.virtioLine),
                        // Queues and buffers are read and written in the memory the CPU sees, with no cache in between.
                        DeviceTreeProperty("dma-coherent"),
                    ]))
        }
        return nodes
    }

    /// What a kernel writes to the power switch.
    private static func command(_ name: String, _ value: UInt32) -> DeviceTreeNode {
        DeviceTreeNode(
            name,
            [
                DeviceTreeProperty("compatible", strings: ["syscon-" + name]),
                DeviceTreeProperty("regmap", cells: [syscon]),
                DeviceTreeProperty("offset", cells: [0]), DeviceTreeProperty("value", cells: [value]),
            ])
    }

    /// Every address and size of the board fits a cell.
    private static func registers(_ window: AddressWindow) -> DeviceTreeProperty {
        DeviceTreeProperty("reg", cells: [UInt32(truncatingIfNeeded: window.base), UInt32(clamping: window.size)])
    }

    /// The controller's inputs have the numbers of the CPU's lines.
    private static func line(_ line: InterruptLine) -> DeviceTreeProperty {
        DeviceTreeProperty("interrupts", cells: [UInt32(line.rawValue)])
    }

    private static func hexadecimal(_ address: UInt64) -> String { String(address, radix: 16) }
}
