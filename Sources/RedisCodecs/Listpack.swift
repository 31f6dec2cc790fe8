import ByteKit

/// Walks a listpack: `u32le total, u16le count, entries, 0xFF`.
///
/// Each entry is its encoding and data, then their length once more (the back length), written for
/// walking backward. Every header, length and back length is checked against the blob.
public struct ListpackReader: BlobEntries {
  /// What it is, for messages.
  public static let structure = CodecError.Structure.listpack
  /// The bytes before the first entry.
  public static let headerByteCount = 6
  /// A stated count that means "walk and see".
  public static let countUnknown = 65535

  /// The count in the header; `countUnknown` when it did not fit.
  public let statedCount: Int
  /// The next entry's first byte.
  @usableFromInline var next: UnsafeRawPointer
  /// The end mark.
  @usableFromInline let end: UnsafeRawPointer
  @usableFromInline let start: UnsafeRawPointer

  /// Checks the header and the end mark.
  @inlinable
  public init(_ blob: UnsafeRawBufferPointer) throws(CodecError) {
    guard let start = blob.baseAddress, blob.count >= 7 else {
      throw CodecError(.listpack, at: 0, "\(blob.count) bytes; the smallest listpack has 7")
    }
    let total = Int(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
    guard total == blob.count else {
      throw CodecError(.listpack, at: 0, "states \(total) bytes, but has \(blob.count)")
    }
    guard (start + (total - 1)).load(as: UInt8.self) == 0xff else {
      throw CodecError(.listpack, at: total - 1, "does not end with 0xff")
    }
    self.start = start
    statedCount = Int(UInt16(littleEndian: (start + 4).loadUnaligned(as: UInt16.self)))
    next = start + 6
    end = start + (total - 1)
  }

  /// The offset of the next entry within the blob.
  @inlinable
  public var offset: Int { next - start }

  /// Whether all entries have been read.
  @inlinable
  public var isAtEnd: Bool { next == end }

  /// The next entry; `nil` at the end mark.
  @inlinable
  public mutating func read() throws(CodecError) -> Element? {
    let left = end - next
    if left == 0 { return nil }
    let first = next.load(as: UInt8.self)
    var size: Int
    let element: Element
    if first < 0x80 {
      size = 1
      element = Element(integer: Int64(first))
    } else if first < 0xc0 {
      let count = Int(first & 0x3f)
      size = 1 &+ count
      element = Element(start: next + 1, count: count)
    } else {
      (size, element) = try readLong(first, left)
    }
    guard size < left else { throw pastEnd(size, left) }
    let backStart = next + size
    if size < 128 {
      guard backStart.load(as: UInt8.self) == UInt8(truncatingIfNeeded: size) else {
        throw wrongBackLength(size)
      }
      size &+= 1
    } else {
      size = try checkBackLength(size, left)
    }
    next += size
    return element
  }

  /// An entry with more than one byte of header.
  @usableFromInline
  func readLong(_ first: UInt8, _ left: Int) throws(CodecError) -> (Int, Element) {
    let headerSize = first < 0xf0 ? 2 : first == 0xf0 ? 5 : 1
    guard headerSize < left else { throw pastEnd(headerSize, left) }
    if first < 0xe0 {
      let raw = Int64(first & 0x1f) << 8 | Int64((next + 1).load(as: UInt8.self))
      return (2, Element(integer: raw >= 4096 ? raw - 8192 : raw))
    }
    if first < 0xf0 {
      let count = Int(first & 0x0f) << 8 | Int((next + 1).load(as: UInt8.self))
      return (2 &+ count, Element(start: next + 2, count: count))
    }
    if first == 0xf0 {
      let count = Int(UInt32(littleEndian: (next + 1).loadUnaligned(as: UInt32.self)))
      return (5 &+ count, Element(start: next + 5, count: count))
    }
    guard first <= 0xf4 else {
      throw CodecError(.listpack, at: offset, "entry byte \(hex(Int(first))) is no encoding")
    }
    let width = first == 0xf4 ? 8 : Int(first) - 0xef
    guard 1 + width < left else { throw pastEnd(1 + width, left) }
    return (1 + width, Element(integer: loadSigned(next + 1, width)))
  }

  /// Checks a back length of more than one byte; returns the whole entry's size.
  @usableFromInline
  func checkBackLength(_ size: Int, _ left: Int) throws(CodecError) -> Int {
    let count = Self.backLengthByteCount(size)
    guard size &+ count <= left else { throw pastEnd(size + count, left) }
    for index in 0..<count {
      let shift = 7 * (count - 1 - index)
      let expected = UInt8(truncatingIfNeeded: size >> shift & 127) | (index == 0 ? 0 : 128)
      guard (next + (size + index)).load(as: UInt8.self) == expected else {
        throw wrongBackLength(size)
      }
    }
    return size &+ count
  }

  /// The bytes of the back length of an entry of `size` bytes, as servers write it.
  static func backLengthByteCount(_ size: Int) -> Int {
    if size < 128 { return 1 }
    return size < 16383 ? 2 : size < 2_097_151 ? 3 : size < 268_435_455 ? 4 : 5
  }

  @usableFromInline @inline(never)
  func pastEnd(_ size: Int, _ left: Int) -> CodecError {
    CodecError(
      .listpack, at: offset,
      "an entry of \(size) bytes and its back length exceed the \(left) bytes left")
  }

  @usableFromInline @inline(never)
  func wrongBackLength(_ size: Int) -> CodecError {
    CodecError(
      .listpack, at: offset + size,
      "the back length of the entry at \(offset) is not its size, \(size)")
  }
}

/// A signed little-endian integer of 1, 2, 3, 4 or 8 bytes.
@usableFromInline @inline(__always)
func loadSigned(_ at: UnsafeRawPointer, _ width: Int) -> Int64 {
  switch width {
  case 1: Int64(at.load(as: Int8.self))
  case 2: Int64(Int16(littleEndian: at.loadUnaligned(as: Int16.self)))
  case 3:
    Int64((at + 2).load(as: Int8.self)) << 16
      | Int64(UInt16(littleEndian: at.loadUnaligned(as: UInt16.self)))
  case 4: Int64(Int32(littleEndian: at.loadUnaligned(as: Int32.self)))
  default: Int64(littleEndian: at.loadUnaligned(as: Int64.self))
  }
}
