// Why the run loop came back.

public import Hypervisor

/// What ended a call of `VirtualMachine.run`.
public enum Stop: Equatable, Sendable {
    /// The guest switched itself off; 0 is success.
    case powerOff(code: UInt16)
    /// The deadline came.
    case deadline
    /// A signal to this process: its number.
    case signal(Int32)
    /// `requestStop` was called.
    case request
    /// `attentionRequester` was called: the owner looks, and runs it again.
    case attention
    /// A client of the control socket ended the machine: nothing is saved.
    case quit
    /// Whoever read the guest's console has gone.
    case consoleClosed
    /// The backend cannot run the guest any further.
    case failure(GuestFailure)
}

/// What a guest did that its backend cannot emulate.
public struct GuestFailure: Error, Equatable, Sendable {
    public var exit: Exit
    /// Where: the guest's PC, or the branch before it.
    public var pc: UInt32
    /// The instruction there, nil where no memory is known to be behind the address.
    public var instruction: UInt32?

    public init(exit: Exit, pc: UInt32, instruction: UInt32?) {
        self.exit = exit
        self.pc = pc
        self.instruction = instruction
    }
}

extension GuestFailure: CustomStringConvertible {
    public var description: String {
        var text = "the guest cannot go on: \(exit) at PC " + hex(pc)
        if let instruction { text += ", instruction " + hex(instruction) }
        return text
    }
}

/// Eight digits after `0x`.
@inline(never)
func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
