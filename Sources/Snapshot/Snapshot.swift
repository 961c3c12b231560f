// Snapshot: the file that holds a stopped machine.
//
// Purpose. A container: named sections of bytes, and the memory of the guest. It knows sizes, checksums and how to
// replace a file in one step; what the bytes of a section mean is for those who own the state. docs/snapshot-format.md
// has every field.
//
// Glossary.
//   section    bytes under a four-letter name, an instance number and a version, with a checksum
//   mandatory  a section a reader has to know; an optional one may be passed over
//   region     a range of guest physical memory, stored at an aligned place at the end of the file
//   chunk      the unit of a region's checksums
//   hole       a range of the file that was never written, occupies no disk and reads as zeros
//
// Life cycle. Saving: fill a SnapshotWriter and call `write`, which makes a file beside the wanted one, brings it to
// disk, and gives it the wanted name; until then, and if anything fails, the old file is what it was. Restoring: a
// SnapshotReader checks everything when it is made, so that nothing starts from half a snapshot; then sections are read
// and memory is mapped, privately, so that the first guest instruction does not wait for pages it does not touch.
//
// Every byte of the file is accounted for: by the header's checksum, the table's, a section's, a chunk's, or by having
// to be zero. A file that lost, gained or changed a byte is refused. All numbers in a file are hostile until checked:
// nothing is allocated on their word beyond `SnapshotLimits`.

/// Sizes beyond which a file is refused whatever it says.
public enum SnapshotLimits {
    /// Sections in one file.
    public static var sections: Int { 4096 }
    /// Bytes in one section: 64 MiB, which covers the checksums of 1 TiB of memory.
    public static var sectionLength: UInt64 { 64 << 20 }
    /// Memory regions in one file.
    public static var regions: Int { 1024 }
}
