import ByteKit

/// Walks a zipmap, the small hash of Redis 2.4 and older:
/// `u8 count, { length key, length u8-free value free-bytes }…, 0xFF`.
public struct ZipmapReader {
  /// A stated count that means "walk and see".
  public static let countUnknown = 254

  /// The count in the header; `countUnknown` and above when it did not fit.
  public let statedCount: Int
  private var next: UnsafeRawPointer
  private let start: UnsafeRawPointer
  private let end: UnsafeRawPointer

  /// Checks the size and the end mark.
  public init(_ blob: UnsafeRawBufferPointer) throws(CodecError) {
    guard let start = blob.baseAddress, blob.count >= 2 else {
      throw CodecError(.zipmap, at: 0, "\(blob.count) bytes; the smallest zipmap has 2")
    }
    guard (start + (blob.count - 1)).load(as: UInt8.self) == 0xff else {
      throw CodecError(.zipmap, at: blob.count - 1, "does not end with 0xff")
    }
    self.start = start
    statedCount = Int(start.load(as: UInt8.self))
    next = start + 1
    end = start + (blob.count - 1)
  }

  /// The offset of the next pair within the blob.
  public var offset: Int { next - start }

  /// The next field and its value; `nil` at the end mark.
  public mutating func read() throws(CodecError) -> (field: Element, value: Element)? {
    guard next < end else { return nil }
    let fieldCount = try readLength("field")
    guard fieldCount <= end - next else { throw pastEnd("a field", fieldCount) }
    let field = Element(start: next, count: fieldCount)
    next += fieldCount
    let valueCount = try readLength("value")
    guard next < end else { throw pastEnd("a value", valueCount + 1) }
    let free = Int(next.load(as: UInt8.self))
    next += 1
    guard valueCount <= end - next, free <= end - next - valueCount else {
      throw pastEnd("a value", valueCount + free)
    }
    let value = Element(start: next, count: valueCount)
    next += valueCount + free
    return (field, value)
  }

  private mutating func readLength(_ what: String) throws(CodecError) -> Int {
    guard next < end else { throw pastEnd("the length of a \(what)", 1) }
    let first = Int(next.load(as: UInt8.self))
    if first < 254 {
      next += 1
      return first
    }
    guard first == 254, end - next >= 5 else {
      throw CodecError(
        .zipmap, at: offset, "the length of a \(what) is missing or cut short (\(hex(first)))")
    }
    let count = Int(UInt32(littleEndian: (next + 1).loadUnaligned(as: UInt32.self)))
    guard count >= 254 else {
      throw CodecError(
        .zipmap, at: offset,
        "overlong length: \(count) in the five-byte form, which starts at 254 (CVE-2026-25243)")
    }
    next += 5
    return count
  }

  private func pastEnd(_ what: String, _ count: Int) -> CodecError {
    CodecError(.zipmap, at: offset, "\(what) of \(count) bytes exceeds the \(end - next) left")
  }
}
