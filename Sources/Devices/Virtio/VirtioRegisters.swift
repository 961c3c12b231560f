// Numbers of virtio 1.2: registers of the MMIO transport (4.2.2), status bits (2.1), features (6), device ids (5).

/// Offsets in the window of a virtio-mmio device, version 2. All are 32 bits wide but the configuration space.
public enum VirtioRegister {
    public static let magic: UInt32 = 0x000
    public static let version: UInt32 = 0x004
    public static let deviceID: UInt32 = 0x008
    public static let vendorID: UInt32 = 0x00C
    /// The 32 features of the selected page that the device offers.
    public static let deviceFeatures: UInt32 = 0x010
    public static let deviceFeaturesSelect: UInt32 = 0x014
    /// The 32 features of the selected page that the driver accepts.
    public static let driverFeatures: UInt32 = 0x020
    public static let driverFeaturesSelect: UInt32 = 0x024
    public static let queueSelect: UInt32 = 0x030
    public static let queueSizeMax: UInt32 = 0x034
    public static let queueSize: UInt32 = 0x038
    public static let queueReady: UInt32 = 0x044
    public static let queueNotify: UInt32 = 0x050
    public static let interruptStatus: UInt32 = 0x060
    public static let interruptAcknowledge: UInt32 = 0x064
    public static let status: UInt32 = 0x070
    public static let queueDescriptorLow: UInt32 = 0x080
    public static let queueDescriptorHigh: UInt32 = 0x084
    public static let queueDriverLow: UInt32 = 0x090
    public static let queueDriverHigh: UInt32 = 0x094
    public static let queueDeviceLow: UInt32 = 0x0A0
    public static let queueDeviceHigh: UInt32 = 0x0A4
    /// Length and base of a shared memory region, 64 bits each; all ones where there is none, and here there is none.
    public static let sharedMemoryLengthLow: UInt32 = 0x0B0
    public static let sharedMemoryBaseHigh: UInt32 = 0x0BC
    public static let configGeneration: UInt32 = 0x0FC
    public static let config: UInt32 = 0x100
    /// Bytes of the window.
    public static let windowSize: UInt32 = 0x200

    /// "virt"
    public static let magicValue: UInt32 = 0x7472_6976
    public static let versionValue: UInt32 = 2
    /// "STAS"
    public static let vendorValue: UInt32 = 0x5341_5453
}

/// Bits of the status register. The driver only ever adds bits; 0 resets.
public enum VirtioStatus {
    public static let acknowledge: UInt8 = 0x01
    public static let driver: UInt8 = 0x02
    public static let driverOK: UInt8 = 0x04
    public static let featuresOK: UInt8 = 0x08
    /// Set by the device: it met something it cannot go on from.
    public static let needsReset: UInt8 = 0x40
    public static let failed: UInt8 = 0x80
    /// What the driver may set.
    static let driversBits: UInt8 = acknowledge | driver | driverOK | featuresOK | failed
}

/// Bits of the interrupt status register.
public enum VirtioInterrupt {
    public static let usedBuffer: UInt8 = 1
    public static let configChange: UInt8 = 2
}

/// Features every device here offers.
public enum VirtioFeature {
    public static let indirectDescriptors: UInt64 = 1 << 28
    public static let eventIndex: UInt64 = 1 << 29
    public static let version1: UInt64 = 1 << 32
    static let common: UInt64 = indirectDescriptors | eventIndex | version1
}

/// Kinds of devices.
public enum VirtioDeviceID {
    public static let net: UInt8 = 1
    public static let block: UInt8 = 2
    public static let console: UInt8 = 3
    public static let entropy: UInt8 = 4
}
