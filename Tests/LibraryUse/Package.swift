// swift-tools-version: 6.2
//
// A program of somebody else that uses Stasis as a library. Tests/Scripts/library-use.sh builds and runs it.

import PackageDescription

let package = Package(
    name: "stand-still",
    dependencies: [.package(name: "stasis", path: "../..")],
    targets: [
        .executableTarget(
            name: "stand-still",
            dependencies: [
                .product(name: "Hypervisor", package: "stasis"),
                .product(name: "Simulator", package: "stasis"),
                .product(name: "Timekeeping", package: "stasis"),
                .product(name: "Snapshot", package: "stasis"),
            ])
    ]
)
