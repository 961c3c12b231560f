// Where the guests are that Scripts/build-guests makes.

import Host

enum GuestFolder {
    /// The folder, or nil: what STASIS_GUESTS names, or `.build/guests` in the working folder, or the one beside the program
    /// (a build has it two or three folders above the executable).
    static func find() -> String? {
        if let named = Process.environment("STASIS_GUESTS"), !named.utf8.isEmpty { return usable(named) }
        if let here = usable(".build/guests") { return here }
        guard var folder = Process.executablePath else { return nil }
        for _ in 0..<4 {
            folder = Files.directory(of: folder)
            if let beside = usable(folder + "/guests") ?? usable(folder + "/.build/guests") { return beside }
        }
        return nil
    }

    /// The folder, if it has the guest that `demo` needs.
    private static func usable(_ folder: String) -> String? {
        Files.isReadable(folder + "/ticker.elf") ? folder : nil
    }
}
