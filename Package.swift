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

/// Settings of the modules that also compile as Embedded Swift.
let core: [SwiftSetting] =
    strict + [
        .treatWarning("EmbeddedRestrictions", as: .error),
        .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])),
        .unsafeFlags(["-wmo", "-Xfrontend", "-function-sections"], .when(traits: ["Embedded"])),
        // The run loop's tables are raw pointers; what remains are class properties on cold paths, whose dynamic
        // exclusivity checks the debug build keeps.
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: core)
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
    ],
    traits: [
        .trait(name: "Embedded", description: "Compile as Embedded Swift: no runtime, small static programs.")
    ],
    targets: [
        .target(name: "CHost", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        module("Host", ["CHost"]),
        module("Hypervisor", ["Host"]),
        module("MIPS"),
        module("Simulator", ["MIPS", "Hypervisor", "Host"]),
        module("KVM", ["Hypervisor", "Host", "CHost"]),
        module("Timekeeping", ["Hypervisor"]),
        module("Snapshot", ["Host"]),
        module("Devices"),
        module("Machine", ["Devices", "Hypervisor", "Host"]),
        module("Conformance", ["Hypervisor", "Timekeeping", "Host"]),
        module("Monitor", ["Machine", "Devices", "Snapshot", "Timekeeping", "Hypervisor", "Host"]),
        .executableTarget(
            name: "stasis",
            dependencies: [
                "Monitor", "Conformance", "Machine", "Devices", "Snapshot", "Timekeeping", "KVM", "Simulator", "MIPS",
                "Hypervisor", "Host",
            ],
            swiftSettings: core),
        tests("HostTests", ["Host"]),
        tests("MIPSTests", ["MIPS"]),
        tests("SimulatorTests", ["Simulator", "MIPS", "Hypervisor", "Host"]),
        tests("DevicesTests", ["Devices"]),
        tests("SnapshotTests", ["Snapshot", "Host"]),
    ]
)
