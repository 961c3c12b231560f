// Guest RAM: one mapping of the host, seen at two places of the guest's physical address space.
//
// One mapping, not one per region, so that a snapshot's memory part is one stretch of a file and a restore is one mmap.
// Region boundaries are multiples of every page size, so the mapping can be cut there.

public import Host

/// Why guest memory could not be made or an access to it was refused.
public enum GuestMemoryError: Error, Equatable {
    /// The size is zero, not a multiple of 64 KiB, or more than the board can hold.
    case badSize(UInt64)
    /// The host refused the mapping.
    case host(Errno, size: UInt64)
    /// Part of the range is not RAM.
    case outside(address: UInt64, count: UInt64)
}

extension GuestMemoryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badSize(let size):
            let most = AddressMap.largestRAM >> 20
            return
                "guest memory of \(size) bytes: it must be a multiple of 64 KiB, at least that much, "
                + "at most \(most) MiB"
        case .host(let error, let size):
            return
                "guest memory of \(mebibytes(size)): the host gave \(error.description); use less, "
                + "or allow this process more"
        case .outside(let address, let count):
            return "\(count) bytes at guest-physical address \(hex(address)): not all of it is RAM"
        }
    }
}

/// Owner of the guest's RAM. All addresses are guest-physical; all accesses by them are checked.
///
/// The guest may change memory whenever a vCPU runs. What is read here is then a value the memory had, nothing more.
@safe
public final class GuestMemory {
    /// A stretch of RAM without a gap.
    public struct Region: Equatable, Sendable {
        /// Where the guest sees it.
        public let window: AddressWindow
        /// Where its bytes are in the mapping and in a snapshot's memory part.
        public let offset: UInt64
    }

    /// All RAM, in bytes.
    public let size: UInt64
    /// Low RAM, and if there is more than 256 MiB the rest, in order of address. At least one, at most two.
    public let regions: [Region]

    /// What was written here, by whomever but the guest.
    public let writes = WriteLog()

    private let mapping: Mapping

    /// Zeroed RAM. Pages cost the host nothing until they are touched.
    ///
    /// - Parameter size: bytes, a multiple of 64 KiB.
    public convenience init(size: UInt64) throws(GuestMemoryError) {
        guard Self.isValid(size) else { throw .badSize(size) }
        let made: Mapping
        do throws(Errno) {
            // A 32-bit host cannot map what its addresses cannot count.
            guard let bytes = Int(exactly: size) else { throw Errno.nomem }
            made = try Mapping.anonymous(size: bytes)
        } catch {
            throw .host(error, size: size)
        }
        try self.init(adopting: made)
    }

    /// RAM whose contents are already there: a private mapping of a snapshot's memory part. Its size is the RAM's.
    public init(adopting mapping: consuming Mapping) throws(GuestMemoryError) {
        let size = UInt64(mapping.size)
        guard Self.isValid(size) else { throw .badSize(size) }
        self.size = size
        self.regions = Self.regions(of: size)
        // A guest's secrets do not belong into a dump of this program.
        mapping.excludeFromDumps()
        self.mapping = mapping
    }

    /// Whether the board can hold so much RAM.
    public static func isValid(_ size: UInt64) -> Bool {
        size > 0 && size % AddressMap.ramGranule == 0 && size <= AddressMap.largestRAM
    }

    /// How so much RAM is laid out.
    public static func regions(of size: UInt64) -> [Region] {
        let low = min(size, AddressMap.lowRAMLimit)
        let first = Region(window: AddressWindow(base: 0, size: low), offset: 0)
        guard size > low else { return [first] }
        return [first, Region(window: AddressWindow(base: AddressMap.highRAMBase, size: size - low), offset: low)]
    }

    /// The region at the bottom of the address space.
    public var lowRegion: Region { regions[0] }

    // MARK: By address

    /// Whether all of the range is RAM. An empty range is if it begins in or right after RAM.
    public func contains(_ address: UInt64, count: UInt64) -> Bool {
        offset(of: address, count: count) != nil
    }

    /// Copies bytes out.
    public func read(at address: UInt64, count: Int) throws(GuestMemoryError) -> [UInt8] {
        // Inside the mapping by `slice`; the copy is made before the pointer goes.
        unsafe [UInt8](try slice(address, count))
    }

    /// Copies bytes out, to the end of an array.
    public func read(at address: UInt64, count: Int, appendingTo bytes: inout [UInt8]) throws(GuestMemoryError) {
        // Inside the mapping by `slice`; the copy is made before the pointer goes.
        unsafe bytes.append(contentsOf: try slice(address, count))
    }

    /// Copies bytes in.
    public func write(_ bytes: [UInt8], at address: UInt64) throws(GuestMemoryError) {
        try write(bytes, bytes.startIndex..<bytes.endIndex, at: address)
    }

    /// Copies part of an array in, without making an array of it first.
    public func write(_ bytes: [UInt8], _ range: Range<Int>, at address: UInt64) throws(GuestMemoryError) {
        // Inside the mapping by `slice`, and exactly as long as the range, which the array checks itself.
        let target = unsafe try slice(address, range.count)
        unsafe bytes[range].withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
        writes.add(address, count: UInt64(range.count))
    }

    /// Makes bytes zero.
    public func zero(at address: UInt64, count: UInt64) throws(GuestMemoryError) {
        guard let length = Int(exactly: count) else { throw .outside(address: address, count: count) }
        let target = unsafe try slice(address, length)
        // Inside the mapping by `slice`.
        unsafe target.initializeMemory(as: UInt8.self, repeating: 0)
        writes.add(address, count: count)
    }

    /// A little-endian value of 1, 2, 4 or 8 bytes at any alignment, or nil if not all of it is RAM or the size is
    /// another.
    public func load(at address: UInt64, size: UInt32) -> UInt64? {
        guard let offset = offset(of: address, count: UInt64(size)) else { return nil }
        // Inside the mapping by `offset(of:count:)`.
        let place = unsafe UnsafeRawPointer(mapping.base + offset)
        // One load each: devices read rings and descriptors this way.
        switch size {
        case 1: return UInt64(unsafe place.load(as: UInt8.self))
        case 2: return UInt64(UInt16(littleEndian: unsafe place.loadUnaligned(as: UInt16.self)))
        case 4: return UInt64(UInt32(littleEndian: unsafe place.loadUnaligned(as: UInt32.self)))
        case 8: return UInt64(littleEndian: unsafe place.loadUnaligned(as: UInt64.self))
        default: return nil
        }
    }

    /// Stores the low 1, 2, 4 or 8 bytes of `value`, little endian. False, and nothing stored, where `load` gives nil.
    public func store(_ value: UInt64, at address: UInt64, size: UInt32) -> Bool {
        guard let offset = offset(of: address, count: UInt64(size)) else { return false }
        // Inside the mapping by `offset(of:count:)`.
        let place = unsafe mapping.base + offset
        switch size {
        case 1: unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
        case 2: unsafe place.storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, as: UInt16.self)
        case 4: unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian, as: UInt32.self)
        case 8: unsafe place.storeBytes(of: value.littleEndian, as: UInt64.self)
        default: return false
        }
        writes.add(address, count: UInt64(size))
        return true
    }

    // MARK: By pointer

    /// The range's bytes, for `body` only.
    ///
    /// Unsafe because the pointer must not leave `body`. The range never spans two regions, since they do not touch. What is written by it
    /// has to be added to `writes`.
    @unsafe
    public func withBytes<Result>(
        at address: UInt64, count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Result
    ) throws(GuestMemoryError) -> Result {
        unsafe body(try slice(address, count))
    }

    /// The host address of a region's first byte, valid while this object lives: what a memory slot of the contract
    /// wants.
    public func hostAddress(of region: Region) -> UInt64 {
        // Only the number leaves; using it is the contract's business.
        UInt64(UInt(bitPattern: unsafe mapping.base)) + region.offset
    }

    /// All RAM in the order of the snapshot's memory part, valid while this object lives. Written before a vCPU is made only.
    @unsafe public var bytes: UnsafeMutableRawBufferPointer { unsafe mapping.bytes }

    /// Whether a page of the host, counted from 0 in the order of `bytes`, holds only zeros.
    public func isZeroPage(_ page: Int) -> Bool { mapping.isZeroPage(page) }

    /// Where a range begins in the mapping, or nil if not all of it is RAM.
    private func offset(of address: UInt64, count: UInt64) -> Int? {
        for region in regions where address >= region.window.base {
            let start = address - region.window.base
            guard start <= region.window.size, count <= region.window.size - start else { continue }
            return Int(region.offset + start)
        }
        return nil
    }

    private func slice(_ address: UInt64, _ count: Int) throws(GuestMemoryError) -> UnsafeMutableRawBufferPointer {
        let length = UInt64(count)
        guard let start = offset(of: address, count: length) else { throw .outside(address: address, count: length) }
        // `offset(of:count:)` placed the range inside the mapping.
        return unsafe UnsafeMutableRawBufferPointer(rebasing: mapping.bytes[start..<start + count])
    }
}
