// Where the ticks of Count lie on the monotonic clock.
//
// KVM/MIPS computes a running Count as bias + T(t) with T(t) = floor((t mod P) * hz / 10^9) and P = floor(2^32 * 10^9 /
// hz) (arch/mips/kvm/emulate.c, kvm_mips_ktime_to_count; reference 4.2). The bias is whole, so the edges of the guest's
// ticks are the edges of T: they depend on the host's clock and on hz, not on the guest.

/// Ticks, phases and instants of one rate. Times in nanoseconds, phases in units of 10^-9 tick.
public struct TickGrid: Equatable, Sendable {
    /// Units in a tick, and nanoseconds in a second.
    public static let tick: UInt64 = 1_000_000_000

    /// COUNT_HZ, 1 to 10^9 ticks a second.
    public let hz: UInt64
    /// P: nanoseconds of a full turn of Count, rounded down.
    public let period: UInt64

    /// - Precondition: 1 ≤ hz ≤ 10^9. States from files are checked where they are decoded.
    public init(hz: UInt32) {
        precondition(hz >= 1 && UInt64(hz) <= Self.tick, "COUNT_HZ is 1 to 10^9")
        self.hz = UInt64(hz)
        period = (Self.tick << 32) / UInt64(hz)
    }

    /// Units since the last time the grid began anew; below 2^32 ticks, so below 2^62.
    private func position(_ instant: UInt64) -> UInt64 { (instant % period) * hz }

    /// T(t), modulo 2^32.
    public func ticks(at instant: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: position(instant) / Self.tick) }

    /// The part of a tick that has run, 0 to 10^9 - 1.
    public func phase(at instant: UInt64) -> UInt64 { position(instant) % Self.tick }

    /// Nanoseconds of a tick, rounded up.
    public var tickLength: UInt64 { (Self.tick + hz - 1) / hz }

    /// From Count to the next time it equals Compare, in ticks: 1 to 2^32.
    public static func distance(from count: UInt32, to compare: UInt32) -> UInt64 { UInt64(compare &- count &- 1) + 1 }

    /// The same in nanoseconds, rounded down, as the kernel arms its soft timer.
    public func delay(from count: UInt32, to compare: UInt32) -> UInt64 {
        Self.distance(from: count, to: compare) * Self.tick / hz
    }

    /// Whole ticks and remaining units of a span of less than 2^63 ns.
    public func ticks(of span: UInt64) -> (whole: UInt64, units: UInt64) {
        let product = span.multipliedFullWidth(by: hz)
        // span < 2^63 and hz ≤ 10^9: the high half is below 10^9, as the division demands.
        let (whole, units) = Self.tick.dividingFullWidth(product)
        return (whole, units)
    }

    /// The nanoseconds from `instant` to the first instant whose phase lies in `wanted`, nil when there is none before
    /// the grid begins anew.
    public func wait(from instant: UInt64, for wanted: ClosedRange<UInt64>) -> UInt64? {
        let steps = firstStep(hz % Self.tick, from: phase(at: instant), into: wanted)
        guard let steps, steps < period - instant % period else { return nil }
        return steps
    }

    /// The least x with (start + x * step) mod 10^9 in `wanted`.
    func firstStep(_ step: UInt64, from start: UInt64, into wanted: ClosedRange<UInt64>) -> UInt64? {
        if wanted.contains(start) { return 0 }
        // Seen from `start` the wanted phases do not include 0, so they do not wrap around.
        let low = (wanted.lowerBound + Self.tick - start) % Self.tick
        let high = (wanted.upperBound + Self.tick - start) % Self.tick
        return Self.firstMultiple(of: step, modulo: Self.tick, low, high)
    }

    /// The least x with low ≤ step * x mod modulus ≤ high, by Euclid's algorithm on the pair (step, modulus): either a
    /// multiple falls into the range before the first wrap, or the wraps themselves form the same problem with smaller
    /// numbers.
    /// - Precondition: 0 ≤ step < modulus, 0 ≤ low ≤ high < modulus.
    private static func firstMultiple(of step: UInt64, modulo modulus: UInt64, _ low: UInt64, _ high: UInt64) -> UInt64?
    {
        if low == 0 { return 0 }
        if step == 0 { return nil }
        let direct = (low + step - 1) / step
        if direct * step <= high { return direct }
        // No multiple of `step` lies in the range, so neither remainder is 0 and they are in order.
        guard let wraps = firstMultiple(of: modulus % step, modulo: step, step - high % step, step - low % step) else {
            return nil
        }
        return (low + modulus * wraps + step - 1) / step
    }
}
