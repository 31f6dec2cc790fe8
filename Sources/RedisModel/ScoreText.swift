import ByteKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How a server writes the score of a sorted-set member into the digest.
///
/// This is neither what ZSCORE answers nor what an AOF rewrite writes: from Redis 7.2 on those
/// print whole numbers exactly (596589561619368448), the digest does not (596589561619368400).
public enum ScoreText: Sendable {
  /// C's `%.17g`: Redis up to 7.0.
  case printf17g
  /// The digits of Grisu2 in the layout of fpconv: Redis from 7.2 on, and every Valkey.
  case fpconv

  /// No text is longer, bytes; with the zero byte that C ends it with.
  public static let byteCountMax = 32

  /// Writes the text of `score` at `target`, which has room for `byteCountMax` bytes.
  ///
  /// - Returns: the number of bytes written, 1…25.
  public func write(_ score: Double, to target: UnsafeMutableRawPointer) -> Int {
    if let whole = ScoreText.plainInteger(score),
      self == .printf17g || whole % FpconvText.trailingZerosLimit != 0
    {
      return DecimalText.write(whole, to: target)
    }
    switch self {
    case .printf17g:
      let text = target.assumingMemoryBound(to: CChar.self)
      gcvt(score, 17, text)
      return strlen(text)
    case .fpconv:
      return FpconvText.write(score, to: target)
    }
  }

  /// `score` as an integer if it is one below 2^53 in magnitude, and not zero: zero has a sign, and
  /// larger ones have more digits than both formats keep.
  static func plainInteger(_ score: Double) -> Int64? {
    guard score.magnitude < 0x1p53, score != 0 else { return nil }
    let whole = Int64(score)
    return Double(whole) == score ? whole : nil
  }
}
