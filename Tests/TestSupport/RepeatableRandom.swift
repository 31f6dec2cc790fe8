/// A seeded random generator (SplitMix64): the same seed gives the same numbers everywhere.
///
/// Print `seed` in the comment of an expectation, so that a failure can be repeated.
public struct RepeatableRandom: RandomNumberGenerator, Sendable {
  /// What the sequence was started from.
  public let seed: UInt64
  private var state: UInt64

  /// Starts the sequence that belongs to `seed`.
  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }

  /// `count` random bytes.
  public mutating func bytes(count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
  }
}
