#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Bytes that lie elsewhere: an argument of a command, a key, an element.
public typealias Bytes = UnsafeRawBufferPointer

extension UnsafeRawBufferPointer {
  /// Whether these are the same bytes as `other`.
  @inline(__always)
  func equals(_ other: Bytes) -> Bool {
    guard count == other.count else { return false }
    guard let left = baseAddress, let right = other.baseAddress else { return true }
    return memcmp(left, right, count) == 0
  }

  /// Below zero where these bytes come before `other`, as C's `memcmp` orders them, the shorter of
  /// two that begin alike first.
  @inline(__always)
  func compare(_ other: Bytes) -> Int {
    let common = Swift.min(count, other.count)
    if common > 0, let left = baseAddress, let right = other.baseAddress {
      let order = memcmp(left, right, common)
      if order != 0 { return Int(order) }
    }
    return count &- other.count
  }

  /// Whether these are the letters of `word`, in either case.
  ///
  /// - Parameter word: in upper case.
  @inline(__always)
  func isWord(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for index in 0..<count {
      let byte = self[index]
      let upper = byte &- 0x61 < 26 ? byte &- 32 : byte
      if upper != word.utf8Start[index] { return false }
    }
    return true
  }

  /// The text, for messages; bytes that are no UTF-8 are replaced.
  var text: String { String(decoding: self, as: UTF8.self) }

  /// A part of these bytes.
  @inline(__always)
  func part(_ range: Range<Int>) -> Bytes { Bytes(rebasing: self[range]) }
}

extension StaticString {
  /// The bytes of the text.
  @inline(__always)
  var bytes: Bytes { Bytes(start: utf8Start, count: utf8CodeUnitCount) }
}

/// Integers as clients and servers write them.
enum IntegerText {
  /// The integer whose decimal text is just `text`: no sign but a minus, no leading zero, no `-0`;
  /// `nil` for any other text.
  static func canonical(_ text: Bytes) -> Int64? {
    let count = text.count
    guard count &- 1 < 20, count > 0 else { return nil }
    let isNegative = text[0] == UInt8(ascii: "-")
    var index = isNegative ? 1 : 0
    guard index < count else { return nil }
    let first = text[index] &- 0x30
    if first == 0 { return count == 1 ? 0 : nil }
    guard first < 10 else { return nil }
    var magnitude = UInt64(first)
    index &+= 1
    // Eighteen more digits cannot overflow.
    let safe = Swift.min(count, index &+ 17)
    while index < safe {
      let digit = text[index] &- 0x30
      guard digit < 10 else { return nil }
      magnitude = magnitude &* 10 &+ UInt64(digit)
      index &+= 1
    }
    while index < count {
      let digit = text[index] &- 0x30
      guard digit < 10 else { return nil }
      let (shifted, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      magnitude = sum
      index &+= 1
    }
    if isNegative {
      return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }

  /// An unsigned integer of decimal digits alone, as parts of stream ids are; `nil` where it is
  /// none or exceeds 64 bits.
  static func unsigned(_ text: Bytes) -> UInt64? {
    guard text.count > 0, text.count <= 20 else { return nil }
    if text[0] == 0x30, text.count > 1 { return nil }
    var value: UInt64 = 0
    for byte in text {
      let digit = byte &- 0x30
      guard digit < 10 else { return nil }
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }
}
