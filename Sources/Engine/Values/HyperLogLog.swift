#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A HyperLogLog in its string: `HYLL`, encoding, three unused bytes, the cached count (eight
/// bytes, the top bit says that it is out of date), then 16384 registers.
///
/// Dense: six bits a register, from the low bits of the first byte on. Sparse, opcodes:
///
///     00nnnnnn            n + 1 registers are zero
///     01nnnnnn nnnnnnnn   n + 1 registers are zero
///     1vvvvvnn            n + 1 registers are v + 1
///
/// The bytes that changes leave are those of servers: they are part of the data.
struct HyperLogLog {
  static let registerCount = 16384
  private static let headerByteCount = 16
  private static let denseByteCount = headerByteCount + registerCount * 6 / 8
  private static let sparseValueMax: UInt8 = 32
  /// A sparse one does not grow beyond: the servers' `hll-sparse-max-bytes`.
  private static let sparseByteCountMax = 3000
  private static let magic = Array("HYLL".utf8)

  /// The whole string.
  private(set) var bytes: [UInt8]

  /// An empty one.
  init() {
    bytes = Self.magic + [1] + [UInt8](repeating: 0, count: 11) + [0x7f, 0xff]
  }

  /// The one that a string holds; `nil` where it is none.
  init?(_ text: Bytes) {
    guard text.count >= Self.headerByteCount, text.starts(with: Self.magic), text[4] <= 1,
      text[4] == 1 || text.count == Self.denseByteCount
    else { return nil }
    bytes = Array(text)
  }

  /// Whether the registers are stored one by one.
  var isDense: Bool { bytes[4] == 0 }

  /// The cached count; `nil` where it is out of date.
  var cachedCount: UInt64? {
    guard bytes[15] & 0x80 == 0 else { return nil }
    return (0..<8).reduce(0) { $0 | UInt64(bytes[8 + $1]) << UInt64(8 * $1) }
  }

  /// Keeps a count.
  mutating func cache(_ count: UInt64) {
    for index in 0..<8 { bytes[8 + index] = UInt8(truncatingIfNeeded: count >> UInt64(8 * index)) }
  }

  /// Says that the cached count is out of date.
  mutating func invalidate() { bytes[15] |= 0x80 }

  /// All registers; `nil` where the opcodes do not make 16384 of them.
  var registers: [UInt8]? {
    if isDense { return (0..<Self.registerCount).map { dense($0) } }
    var registers: [UInt8] = []
    registers.reserveCapacity(Self.registerCount)
    var offset = Self.headerByteCount
    while offset < bytes.count {
      guard let run = run(at: offset), registers.count + run.count <= Self.registerCount else {
        return nil
      }
      registers.append(contentsOf: repeatElement(run.value, count: run.count))
      offset += run.byteCount
    }
    return registers.count == Self.registerCount ? registers : nil
  }

  private struct Run {
    var value: UInt8
    var count: Int
    var byteCount: Int
  }

  private func run(at offset: Int) -> Run? {
    let byte = bytes[offset]
    if byte & 0x80 != 0 {
      return Run(value: byte >> 2 & 0x1f + 1, count: Int(byte & 3) + 1, byteCount: 1)
    }
    if byte & 0x40 == 0 { return Run(value: 0, count: Int(byte & 0x3f) + 1, byteCount: 1) }
    guard offset + 1 < bytes.count else { return nil }
    return Run(
      value: 0, count: (Int(byte & 0x3f) << 8 | Int(bytes[offset + 1])) + 1, byteCount: 2)
  }
}

// MARK: - Changes

extension HyperLogLog {
  /// Counts an element.
  ///
  /// - Returns: whether a register changed; `nil` where the string is damaged.
  mutating func add(_ element: Bytes) -> Bool? {
    var hash = MurmurHash.hash64A(element, seed: 0xadc8_3b19)
    let index = Int(hash & UInt64(Self.registerCount - 1))
    hash = hash >> 14 | 1 << 50
    return set(index, UInt8(hash.trailingZeroBitCount + 1))
  }

  /// Raises a register to `value`.
  ///
  /// - Returns: whether it was lower; `nil` where the string is damaged.
  mutating func set(_ index: Int, _ value: UInt8) -> Bool? {
    isDense ? setDense(index, value) : setSparse(index, value)
  }

  private func dense(_ index: Int) -> UInt8 {
    let (byte, shift) = (Self.headerByteCount + index * 6 / 8, UInt16(index * 6 & 7))
    let high = byte + 1 < bytes.count ? UInt16(bytes[byte + 1]) << 8 : 0
    return UInt8(truncatingIfNeeded: (UInt16(bytes[byte]) | high) >> shift & 0x3f)
  }

  private mutating func setDense(_ index: Int, _ value: UInt8) -> Bool {
    guard dense(index) < value else { return false }
    let (byte, shift) = (Self.headerByteCount + index * 6 / 8, UInt16(index * 6 & 7))
    let mask = UInt16(0x3f) << shift
    let bits = UInt16(value) << shift
    bytes[byte] = bytes[byte] & ~UInt8(truncatingIfNeeded: mask) | UInt8(truncatingIfNeeded: bits)
    if byte + 1 < bytes.count {
      bytes[byte + 1] =
        bytes[byte + 1] & ~UInt8(truncatingIfNeeded: mask >> 8)
        | UInt8(truncatingIfNeeded: bits >> 8)
    }
    return true
  }

  private mutating func setSparse(_ index: Int, _ value: UInt8) -> Bool? {
    if value > Self.sparseValueMax { return promote(index, value) }
    var (offset, before, first) = (Self.headerByteCount, Int?.none, 0)
    var found: Run?
    while offset < bytes.count {
      guard let run = run(at: offset) else { return nil }
      if index < first + run.count {
        found = run
        break
      }
      before = offset
      offset += run.byteCount
      first += run.count
    }
    guard let run = found else { return nil }
    if run.value >= value { return false }
    var parts: [UInt8] = []
    append(run.value, index - first, to: &parts)
    append(value, 1, to: &parts)
    append(run.value, first + run.count - 1 - index, to: &parts)
    let growth = parts.count - run.byteCount
    if growth > 0, bytes.count + growth > Self.sparseByteCountMax { return promote(index, value) }
    bytes.replaceSubrange(offset..<(offset + run.byteCount), with: parts)
    merge(from: before ?? Self.headerByteCount)
    invalidate()
    return true
  }

  /// Appends the opcode of a run, if it has any register.
  private func append(_ value: UInt8, _ count: Int, to parts: inout [UInt8]) {
    guard count > 0 else { return }
    if value > 0 {
      parts.append(0x80 | (value - 1) << 2 | UInt8(count - 1))
    } else if count <= 64 {
      parts.append(UInt8(count - 1))
    } else {
      parts.append(0x40 | UInt8((count - 1) >> 8))
      parts.append(UInt8((count - 1) & 0xff))
    }
  }

  /// Joins neighbours of one value, looking at five opcodes from `start` on, as servers do.
  private mutating func merge(from start: Int) {
    var offset = start
    for _ in 0..<5 {
      guard offset < bytes.count else { return }
      let byte = bytes[offset]
      if byte & 0x80 == 0 {
        offset += byte & 0x40 == 0 ? 1 : 2
        continue
      }
      if offset + 1 < bytes.count, bytes[offset + 1] & 0x80 != 0 {
        let next = bytes[offset + 1]
        let count = byte & 3 + next & 3 + 2
        if byte >> 2 == next >> 2, count <= 4 {
          bytes[offset + 1] = byte & ~3 | (count - 1)
          bytes.remove(at: offset)
          continue
        }
      }
      offset += 1
    }
  }

  /// Makes a dense one of a sparse one and raises a register.
  private mutating func promote(_ index: Int, _ value: UInt8) -> Bool? {
    guard makeDense() else { return nil }
    return setDense(index, value)
  }

  /// Makes a dense one of it; false where it is damaged.
  mutating func makeDense() -> Bool {
    if isDense { return true }
    guard let registers else { return false }
    var dense = self
    dense.bytes = Array(bytes[..<Self.headerByteCount])
    dense.bytes += [UInt8](repeating: 0, count: Self.denseByteCount - Self.headerByteCount)
    dense.bytes[4] = 0
    for (index, value) in registers.enumerated() where value > 0 {
      _ = dense.setDense(index, value)
    }
    self = dense
    return true
  }
}

// MARK: - Counting

extension HyperLogLog {
  /// How a server estimates the count.
  enum Estimator {
    /// Redis before 4.0: the original formula, linear counting, and a polynomial for the bias.
    case classic
    /// Redis 4.0: LogLog-Beta.
    case beta
    /// Redis from 5.0 on, and Valkey: Ertl's improved estimator.
    case improved
  }

  /// The number of different elements that registers stand for.
  static func count(_ registers: [UInt8], _ estimator: Estimator) -> UInt64 {
    var histogram = [Int](repeating: 0, count: 64)
    for value in registers { histogram[Int(value)] += 1 }
    let m = Double(registerCount)
    switch estimator {
    case .improved:
      var z = m * tau((m - Double(histogram[51])) / m)
      for index in stride(from: 50, through: 1, by: -1) {
        z += Double(histogram[index])
        z *= 0.5
      }
      z += m * sigma(Double(histogram[0]) / m)
      return UInt64((0.721347520444481703680 * m * m / z).rounded())
    case .classic, .beta:
      var sum = 0.0
      for (value, count) in histogram.enumerated() where count > 0 {
        sum += Double(count) * Double(sign: .plus, exponent: -value, significand: 1)
      }
      let alpha = 0.7213 / (1 + 1.079 / m)
      let zeros = Double(histogram[0])
      return estimator == .beta ? beta(sum, zeros, alpha, m) : classic(sum, zeros, alpha, m)
    }
  }

  private static func classic(
    _ sum: Double, _ zeros: Double, _ alpha: Double, _ m: Double
  ) -> UInt64 {
    var estimate = 1 / sum * alpha * m * m
    if estimate < m * 2.5, zeros != 0 {
      estimate = m * log(m / zeros)
    } else if estimate < 72000 {
      let e2 = estimate * estimate
      let bias =
        5.9119 * 1.0e-18 * (e2 * e2) - 1.4253 * 1.0e-12 * (e2 * estimate)
        + 1.2940 * 1.0e-7 * e2 - 5.2921 * 1.0e-3 * estimate + 83.3216
      estimate -= estimate * (bias / 100)
    }
    return UInt64(estimate)
  }

  private static func beta(
    _ sum: Double, _ zeros: Double, _ alpha: Double, _ m: Double
  ) -> UInt64 {
    let zl = log(zeros + 1)
    let factors = [
      0.070471823, 0.17393686, 0.16339839, -0.09237745, 0.03738027, -0.005384159, 0.00042419,
    ]
    var beta = -0.370393911 * zeros
    for (index, factor) in factors.enumerated() { beta += factor * pow(zl, Double(index + 1)) }
    return UInt64((alpha * m * (m - zeros) * (1 / (sum + beta))).rounded())
  }

  private static func tau(_ start: Double) -> Double {
    if start == 0 || start == 1 { return 0 }
    var (x, y, z, before) = (start, 1.0, 1 - start, Double.nan)
    while before != z {
      x = x.squareRoot()
      before = z
      y *= 0.5
      z -= (1 - x) * (1 - x) * y
    }
    return z / 3
  }

  private static func sigma(_ start: Double) -> Double {
    if start == 1 { return .infinity }
    var (x, y, z, before) = (start, 1.0, start, Double.nan)
    while before != z {
      x *= x
      before = z
      z += x * y
      y += y
    }
    return z
  }
}

/// The hash that HyperLogLogs use.
enum MurmurHash {
  /// MurmurHash2, 64-bit version A, little endian.
  static func hash64A(_ bytes: Bytes, seed: UInt64) -> UInt64 {
    let m: UInt64 = 0xc6a4_a793_5bd1_e995
    var hash = seed ^ UInt64(bytes.count) &* m
    var offset = 0
    while offset + 8 <= bytes.count {
      var k = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      k = k &* m
      k ^= k >> 47
      hash ^= k &* m
      hash = hash &* m
      offset += 8
    }
    if offset < bytes.count {
      for index in offset..<bytes.count {
        hash ^= UInt64(bytes[index]) << UInt64(8 * (index - offset))
      }
      hash = hash &* m
    }
    hash ^= hash >> 47
    hash = hash &* m
    return hash ^ hash >> 47
  }
}
