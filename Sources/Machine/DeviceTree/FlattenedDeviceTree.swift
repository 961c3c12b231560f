// The flattened device tree: how a kernel is told what it runs on (Devicetree Specification 0.4, chapter 5).
//
// Purpose. A tree of named nodes with properties becomes one block of bytes that the guest's kernel reads at its start. The
// block is written here and never read back: what the guest does to it is its own affair.
//
// Glossary.
//   node       a device, bus or collection of facts; its name is "name@address" where it has an address
//   property   a name with bytes: cells, strings, or nothing at all
//   cell       a 32-bit number, big endian
//   phandle    the number by which other nodes point to a node
//
// Life cycle. `DeviceTreeNode` values are put together, `flattened` makes the bytes, the values go.

/// A property of a node.
public struct DeviceTreeProperty: Equatable, Sendable {
    /// At most 31 characters, as the specification has it.
    public let name: String
    /// The value as it stands in the block.
    public let value: [UInt8]

    /// A property without a value, whose presence says it all.
    public init(_ name: String) {
        self.init(name, bytes: [])
    }

    /// Numbers, a cell each.
    public init(_ name: String, cells: [UInt32]) {
        var bytes: [UInt8] = []
        for cell in cells { bytes.appendBigEndian(cell) }
        self.init(name, bytes: bytes)
    }

    /// Strings, each closed by a zero byte.
    public init(_ name: String, strings: [String]) {
        var bytes: [UInt8] = []
        for string in strings {
            bytes.append(contentsOf: string.utf8)
            bytes.append(0)
        }
        self.init(name, bytes: bytes)
    }

    public init(_ name: String, bytes: [UInt8]) {
        precondition(!name.utf8.isEmpty && name.utf8.count <= 31, "a property's name has 1 to 31 characters")
        self.name = name
        value = bytes
    }
}

/// A node with all below it.
public struct DeviceTreeNode: Equatable, Sendable {
    /// "name" or "name@address"; empty for the root.
    public let name: String
    public var properties: [DeviceTreeProperty]
    public var children: [DeviceTreeNode]

    public init(_ name: String, _ properties: [DeviceTreeProperty] = [], children: [DeviceTreeNode] = []) {
        self.name = name
        self.properties = properties
        self.children = children
    }
}

extension DeviceTreeNode {
    private static var magic: UInt32 { 0xD00D_FEED }
    private static var version: UInt32 { 17 }
    /// The oldest version whose readers understand this one.
    private static var compatibleVersion: UInt32 { 16 }
    private static var headerSize: UInt32 { 40 }
    /// One entry of zeros ends the list of reserved memory, of which there is none.
    private static var reservationSize: UInt32 { 16 }

    private enum Token {
        static let beginNode: UInt32 = 1
        static let endNode: UInt32 = 2
        static let property: UInt32 = 3
        static let end: UInt32 = 9
    }

    /// The block, with this node as root. Its length is a multiple of 8.
    public var flattened: [UInt8] {
        var structure: [UInt8] = []
        var strings = StringBlock()
        write(to: &structure, &strings)
        structure.appendBigEndian(Token.end)

        let structureOffset = Self.headerSize + Self.reservationSize
        let stringsOffset = structureOffset + UInt32(structure.count)
        let size = (stringsOffset + UInt32(strings.bytes.count) + 7) & ~7
        var block: [UInt8] = []
        block.reserveCapacity(Int(size))
        block.appendBigEndian(Self.magic)
        block.appendBigEndian(size)
        block.appendBigEndian(structureOffset)
        block.appendBigEndian(stringsOffset)
        block.appendBigEndian(Self.headerSize)
        block.appendBigEndian(Self.version)
        block.appendBigEndian(Self.compatibleVersion)
        // The CPU that boots.
        block.appendBigEndian(0)
        block.appendBigEndian(UInt32(strings.bytes.count))
        block.appendBigEndian(UInt32(structure.count))
        block.append(contentsOf: [UInt8](repeating: 0, count: Int(Self.reservationSize)))
        block.append(contentsOf: structure)
        block.append(contentsOf: strings.bytes)
        block.pad(to: Int(size))
        return block
    }

    private func write(to structure: inout [UInt8], _ strings: inout StringBlock) {
        structure.appendBigEndian(Token.beginNode)
        structure.append(contentsOf: name.utf8)
        structure.append(0)
        structure.padToCell()
        for property in properties {
            structure.appendBigEndian(Token.property)
            structure.appendBigEndian(UInt32(property.value.count))
            structure.appendBigEndian(strings.offset(of: property.name))
            structure.append(contentsOf: property.value)
            structure.padToCell()
        }
        for child in children { child.write(to: &structure, &strings) }
        structure.appendBigEndian(Token.endNode)
    }
}

/// Names of properties, each once, closed by zero bytes.
private struct StringBlock {
    private(set) var bytes: [UInt8] = []
    private var known: [(name: String, offset: UInt32)] = []

    mutating func offset(of name: String) -> UInt32 {
        for entry in known where entry.name.utf8.elementsEqual(name.utf8) { return entry.offset }
        let offset = UInt32(bytes.count)
        known.append((name, offset))
        bytes.append(contentsOf: name.utf8)
        bytes.append(0)
        return offset
    }
}

extension [UInt8] {
    fileprivate mutating func appendBigEndian(_ value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    fileprivate mutating func padToCell() { pad(to: (count + 3) & ~3) }

    fileprivate mutating func pad(to size: Int) {
        while count < size { append(0) }
    }
}
