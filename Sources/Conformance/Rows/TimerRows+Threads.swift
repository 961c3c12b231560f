// T35, T36: ONE_REG beside KVM_RUN, and Count as a clock (reference 1.3, 4.5).

import Host
import Hypervisor

extension Bench {
    func t35() throws(Verdict) {
        let guest = try guest()
        guest.load(Asm.spin)
        let vcpu = guest.vcpu
        // Instants on the host's clock.
        let asked = Shared()
        let answered = Shared()
        let kicked = Shared()
        let reader = try Companion { stopping in
            Companion.pause(ms(50), stopping)
            asked.value = Clock.monotonic()
            // Only when it answers is looked at; T1 and others check what it answers.
            _ = try? vcpu.register(.count)
            answered.value = Clock.monotonic()
        }
        let alarm = try Companion.alarming(after: ms(300), first: kicked)
        let stop = try guest.run()
        alarm.stop()
        // Waits for its end only: by now the vCPU is free.
        reader.stop()
        if stop != .interrupted { throw .expected("KVM_RUN to end with", "EINTR", stop.description) }
        if asked.value == 0 || asked.value > kicked.value { throw .skipped("the host was too slow to ask in time") }
        try check(
            "GET_ONE_REG to wait for the end of KVM_RUN", answered.value >= kicked.value,
            "an answer \((kicked.value - answered.value) / 1000) us before it")
    }

    func t36() throws(Verdict) {
        let guest = try timerGuest()
        // Through a wrap, 1 ms away.
        try guest.set(.count, UInt64(UInt32(0) &- 100_000))
        var last = try guest.count()
        var wrapped = false
        for _ in 0..<4000 {
            if isVirtual { wait(997) }
            let next = try guest.count()
            let step = Int32(bitPattern: next &- last)
            try check("Count at least \(hex(last))", step >= 0, hex(next))
            wrapped = wrapped || next < last
            last = next
        }
        wait(ms(2))
        let next = try guest.count()
        try check("Count to have wrapped", wrapped || next < 0x8000_0000, hex(next))
        try check("Count at least \(hex(last))", Int32(bitPattern: next &- last) >= 0, hex(next))
    }
}
