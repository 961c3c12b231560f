// swift-tools-version: 6.2
//
// Stasis: a virtual machine monitor for MIPS guests whose time can be stopped.
//
// One package, one set of sources, two compilations. The ordinary one has the Swift runtime, sanitizers and
// exclusivity checks and is the one tests run in. The trait `Embedded` turns on Embedded Swift: no runtime, small static
// programs, and the road to MIPS hosts. Dependencies between targets point downward only; docs/architecture.md
// has the picture.

import PackageDescription

/// Settings of every Swift target, in both compilations.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Settings of whatever also compiles as Embedded Swift.
let common: [SwiftSetting] =
    strict + [
        .treatWarning("EmbeddedRestrictions", as: .error),
        // The run loop's tables are raw pointers; what remains are class properties on cold paths, whose dynamic
        // exclusivity checks the debug build keeps.
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ]

/// Settings of the modules.
let core: [SwiftSetting] =
    common + [
        .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])),
        .unsafeFlags(["-wmo", "-Xfrontend", "-function-sections"], .when(traits: ["Embedded"])),
    ]

/// Settings of the program. Embedded Swift comes as a flag here: as a setting, SwiftPM 6.3 would also link the ordinary
/// program as an embedded one, whatever the traits, and it would not find the Swift runtime.
let embedded: [String] = ["-enable-experimental-feature", "Embedded"]
let program: [SwiftSetting] =
    common + [
        .unsafeFlags(
            embedded + ["-wmo", "-num-threads", "1", "-Xfrontend", "-function-sections"], .when(traits: ["Embedded"]))
    ]

/// How the release program is linked: whole, at a fixed address. A dynamic linker's search for libraries and its relocations are more
/// than half of the time from exec to the first instruction of a restored guest, and the pages they write are memory nobody shares.
/// The linker is the toolchain's.
let startsFast: [String] = [
    "-static-stdlib", "-use-ld=lld", "-Xclang-linker", "-static", "-Xclang-linker", "-Wno-unused-command-line-argument",
    "-Xlinker", "--gc-sections",
]

/// What the program is made of.
let modules = [
    "Monitor", "Conformance", "Machine", "HostIO", "Devices", "Snapshot", "Timekeeping", "KVM", "Simulator", "MIPS",
    "X86",
    "Hypervisor", "CommandLine", "Control", "Timeline", "JSON", "Host",
]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], linker: [LinkerSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: core, linkerSettings: linker)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "stasis",
    products: [
        .executable(name: "stasis", targets: ["stasis"]),
        .library(name: "Hypervisor", targets: ["Hypervisor"]),
        .library(name: "KVM", targets: ["KVM"]),
        .library(name: "Simulator", targets: ["Simulator"]),
        .library(name: "Timekeeping", targets: ["Timekeeping"]),
        .library(name: "Snapshot", targets: ["Snapshot"]),
        // All of them, without a program: what Scripts/build-mips compiles first.
        .library(name: "StasisModules", type: .static, targets: modules),
    ],
    traits: [
        .trait(name: "Embedded", description: "Compile as Embedded Swift: no runtime, small static programs.")
    ],
    targets: [
        .target(
            name: "CHost",
            cSettings: [
                .unsafeFlags(["-Wall", "-Wextra", "-Werror"]),
                .define("STASIS_EMBEDDED", .when(traits: ["Embedded"])),
            ]),
        module("Host", ["CHost"]),
        module("Hypervisor", ["Host"]),
        module("MIPS"),
        module("X86"),
        // libm for the FPU's square roots.
        module("Simulator", ["MIPS", "X86", "Hypervisor", "Host"], linker: [.linkedLibrary("m")]),
        module("KVM", ["Hypervisor", "Host", "CHost"]),
        module("Timekeeping", ["Hypervisor", "Host"]),
        module("Snapshot", ["Host"]),
        module("Devices"),
        module("HostIO", ["Devices", "Host"]),
        module("Machine", ["Devices", "Host"]),
        module("Conformance", ["Hypervisor", "Timekeeping", "Host"]),
        module("CommandLine", ["Host"]),
        module("JSON"),
        module("Control", ["JSON", "Host"]),
        module("Timeline", ["Host"]),
        module(
            "Monitor",
            [
                "Machine", "Devices", "HostIO", "Snapshot", "Timekeeping", "Timeline", "Control", "Hypervisor", "Host",
            ]),
        .executableTarget(
            name: "stasis",
            dependencies: modules.map { .byName(name: $0) },
            swiftSettings: program,
            linkerSettings: [
                .linkedLibrary("m"),
                .unsafeFlags(embedded + ["-Xlinker", "--gc-sections"], .when(traits: ["Embedded"])),
                .unsafeFlags(startsFast, .when(configuration: .release)),
            ]),
        // What needs a real kernel: built by Scripts/build-mips --live, run in Scripts/mips-host.
        .executableTarget(
            name: "live",
            dependencies: modules.map { .byName(name: $0) },
            path: "Tests/Live",
            swiftSettings: program,
            linkerSettings: [
                .linkedLibrary("m"),
                .unsafeFlags(embedded + ["-Xlinker", "--gc-sections"], .when(traits: ["Embedded"])),
            ]),
        .target(
            name: "SoakSupport",
            dependencies: ["Monitor", "Machine", "Snapshot", "Timekeeping", "Simulator", "Hypervisor", "Host"],
            path: "Tests/Soak/Support", swiftSettings: strict),
        .executableTarget(
            name: "soak", dependencies: ["SoakSupport", "Host"], path: "Tests/Soak/Program", swiftSettings: strict),
        // Host-only: the simulator against an independent processor, driven by Tests/Differential/cpu/run.
        .executableTarget(
            name: "cpu-differential", dependencies: ["Simulator", "MIPS", "Hypervisor", "Host"],
            path: "Tests/Differential/cpu/Sources", swiftSettings: strict),
        tests("CommandLineTests", ["CommandLine", "Host"]),
        .executableTarget(
            name: "interpreter-bench", dependencies: ["Simulator", "Machine", "Devices", "Hypervisor", "Host"],
            path: "Tests/Bench", swiftSettings: strict),
        tests("JSONTests", ["JSON"]),
        tests("ControlTests", ["Control", "JSON", "Host"]),
        tests("HostTests", ["Host", "CHost"]),
        tests("MIPSTests", ["MIPS"]),
        tests("X86Tests", ["X86"]),
        tests("SimulatorTests", ["Simulator", "MIPS", "Hypervisor", "Host"]),
        tests("TimekeepingTests", ["Timekeeping", "Simulator", "Hypervisor", "Host"]),
        tests("DevicesTests", ["Devices"]),
        tests("HostIOTests", ["HostIO", "Devices", "Host"]),
        tests("MachineTests", ["Machine", "Devices", "Host"]),
        tests("KVMTests", ["KVM", "Hypervisor", "Host"]),
        tests("ConformanceTests", ["Conformance", "Simulator", "Hypervisor", "Host"]),
        tests("SnapshotTests", ["Snapshot", "Host"]),
        tests("TimelineTests", ["Timeline", "Host"]),
        tests(
            "MonitorTests",
            [
                "Monitor", "SoakSupport", "Machine", "Devices", "Snapshot", "Timekeeping", "Control", "JSON",
                "Simulator", "Hypervisor", "Host",
            ]),
    ]
)
