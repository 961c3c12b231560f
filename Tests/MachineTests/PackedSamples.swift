// Packed samples, made by Debian's own tools when the tests run.
import Foundation

enum Packer {
    /// Where a tool is, or nil.
    static func find(_ tool: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + tool }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// What a tool makes of its input.
    static func run(_ tool: String, _ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("packer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("input")
        let result = folder.appendingPathComponent("output")
        try Data(input).write(to: file)
        try Data().write(to: result)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try path(tool))
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = try FileHandle(forWritingTo: result)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(tool: tool, status: process.terminationStatus) }
        return [UInt8](try Data(contentsOf: result))
    }

    struct Failure: Error {
        var tool: String
        var status: Int32
    }

    private static func path(_ tool: String) throws -> String {
        guard let path = find(tool) else { throw Failure(tool: tool, status: -1) }
        return path
    }

    /// Bytes of every kind a packer treats differently: nothing, one, runs, text, noise, code, and all after each
    /// other.
    static let plain: [[UInt8]] = {
        var random = SplitMix(seed: 99)
        let noise = (0..<70_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let words = ["freeze ", "the ", "guest's ", "time ", "and ", "let ", "it ", "go ", "on\n"]
        let text = (0..<40_000).flatMap { _ in words[Int(random.next() % 9)].utf8 }
        // Four-byte words that count, as code and tables have them, with distances of many sizes.
        var code: [UInt8] = []
        for index: UInt32 in 0..<60_000 {
            code += [24, 16, 8, 0].map { (shift: UInt32) in UInt8(truncatingIfNeeded: (index &* 0x0400_0101) >> shift) }
        }
        let zeros = [UInt8](repeating: 0, count: 300_000)
        return [
            [], [7], Array("abcabcabcabcabcabcabc".utf8), zeros, noise, text, code, text + noise + code + zeros + text,
        ]
    }()
}
