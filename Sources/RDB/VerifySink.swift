import ByteKit
import RedisCodecs
import RedisModel

/// Checks what only a look at all elements of a value can tell: that none stands twice, and that a
/// HyperLogLog is one.
struct VerifySink: ~Copyable, ValueSink {
  private var duplicates: DuplicateFinder
  private let hash = KeyedHash()
  private var kind = RDBValueKind.string
  private var looksForDuplicates = false
  /// Elements of the value.
  private(set) var elementCount = 0
  /// The module that the value belongs to.
  private(set) var module: ModuleName?
  /// The nodes of a vector set; of other modules it means nothing.
  private(set) var nodes = VectorSetNodes()
  /// What is odd about a string that begins like a HyperLogLog.
  private(set) var oddity: String?

  init(memoryByteCountMax: Int) {
    duplicates = DuplicateFinder(hash: hash, memoryByteCountMax: memoryByteCountMax)
  }

  /// Begins a value.
  mutating func begin(_ type: RDBType) {
    kind = type.kind
    // The order of an intset leaves no room for duplicates.
    looksForDuplicates = type.byte != 11 && kind != .list
    elementCount = kind == .string ? 1 : 0
    oddity = nil
    module = nil
    duplicates.begin()
  }

  /// The first element that stands twice: its number, from 1.
  mutating func finish() -> Int? { duplicates.finish() }

  /// Why the temporary file of a huge collection could not be used, an error number.
  var failure: Int32? { duplicates.failure }

  @inline(__always)
  func wantsString(beginning front: UInt32) -> Bool { front == HyperLogLog.magic }

  @inline(__always)
  mutating func string(_ value: Element) {
    if value.count >= 4, let start = value.start,
      start.loadUnaligned(as: UInt32.self) == HyperLogLog.magic
    {
      oddity = HyperLogLog.oddity(UnsafeRawBufferPointer(start: start, count: value.count))
    }
  }

  @inline(__always)
  mutating func element(_ value: Element) {
    elementCount &+= 1
    if looksForDuplicates { duplicates.insert(value) }
  }

  @inline(__always)
  mutating func member(_ member: Element, score: Double) {
    elementCount &+= 1
    duplicates.insert(member)
  }

  @inline(__always)
  mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    elementCount &+= 1
    duplicates.insert(field)
  }

  mutating func pathField(path: Element, field: Element, value: Element) {
    elementCount &+= 1
    let space = path.withBytes { hash.hash($0) }
    duplicates.insert(field, space: space.high)
  }

  mutating func streamEntry(_ id: StreamID, fieldCount: Int) { elementCount &+= 1 }

  mutating func module(name: ModuleName, version: Int) {
    module = name
    nodes = VectorSetNodes()
  }

  mutating func modulePart(_ part: ModulePart) {
    elementCount &+= 1
    nodes.take(part)
  }

  mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) { elementCount &+= 1 }
  mutating func gcra(_ arrivalTime: UInt64) { elementCount = 1 }
}

/// Strings that PFADD writes: `HYLL`, an encoding byte, three unused, eight of a cached count, then
/// 16,384 registers of six bits, dense or as runs.
enum HyperLogLog {
  /// `HYLL` as a little-endian word.
  static let magic: UInt32 = 0x4c4c_5948
  private static let headerByteCount = 16
  private static let registerCount = 16384
  private static let denseByteCount = headerByteCount + registerCount * 6 / 8

  /// What is wrong with a string that begins with the magic; `nil` if it is sound.
  ///
  /// The runs of a sparse one: 00xxxxxx zeros (1…64), 01xxxxxx u8 zeros (1…16384), 1vvvvvxx values
  /// (1…4 registers); they make 16,384 registers (CVE-2025-32023 is a server that did not look).
  static func oddity(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count >= headerByteCount, bytes[4] <= 1 else { return nil }
    if bytes[4] == 0 {
      return bytes.count == denseByteCount
        ? nil : "a dense HyperLogLog of \(bytes.count) bytes; it has \(denseByteCount)"
    }
    var registers = 0
    var index = headerByteCount
    while index < bytes.count {
      let first = Int(bytes[index])
      index += 1
      if first < 0x40 {
        registers += first + 1
      } else if first < 0x80 {
        guard index < bytes.count else { break }
        registers += (first & 0x3f) << 8 | Int(bytes[index])
        registers += 1
        index += 1
      } else {
        registers += first & 3
        registers += 1
      }
    }
    return registers == registerCount
      ? nil
      : "a sparse HyperLogLog whose runs make \(registers) registers, not \(registerCount) "
        + "(CVE-2025-32023)"
  }
}
