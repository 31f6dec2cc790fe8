import ByteKit

/// Walks a ziplist: `u32le size, u32le tail, u16le count, entries, 0xFF`.
///
/// Each entry begins with the size of the one before it; every such size is checked against what
/// was really read, as is the offset of the tail.
public struct ZiplistReader: BlobEntries {
  /// What it is, for messages.
  public static let structure = CodecError.Structure.ziplist
  /// The bytes before the first entry.
  public static let headerByteCount = 10
  /// A stated count that means "walk and see".
  public static let countUnknown = 65535

  /// The count in the header; `countUnknown` when it did not fit.
  public let statedCount: Int
  @usableFromInline var next: UnsafeRawPointer
  @usableFromInline var previousSize = 0
  @usableFromInline let tail: Int
  @usableFromInline let start: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer

  /// Checks the header and the end mark.
  @inlinable
  public init(_ blob: UnsafeRawBufferPointer) throws(CodecError) {
    guard let start = blob.baseAddress, blob.count >= 11 else {
      throw CodecError(.ziplist, at: 0, "\(blob.count) bytes; the smallest ziplist has 11")
    }
    let total = Int(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
    guard total == blob.count else {
      throw CodecError(.ziplist, at: 0, "states \(total) bytes, but has \(blob.count)")
    }
    guard (start + (total - 1)).load(as: UInt8.self) == 0xff else {
      throw CodecError(.ziplist, at: total - 1, "does not end with 0xff")
    }
    tail = Int(UInt32(littleEndian: (start + 4).loadUnaligned(as: UInt32.self)))
    statedCount = Int(UInt16(littleEndian: (start + 8).loadUnaligned(as: UInt16.self)))
    self.start = start
    next = start + 10
    end = start + (total - 1)
  }

  /// The offset of the next entry within the blob.
  @inlinable
  public var offset: Int { next - start }

  /// Whether all entries have been read.
  @inlinable
  public var isAtEnd: Bool { next == end }

  /// The next entry; `nil` at the end mark, where the stated tail is checked.
  @inlinable
  public mutating func read() throws(CodecError) -> Element? {
    let left = end - next
    if left == 0 {
      try checkTail()
      return nil
    }
    var header = 1
    var previous = Int(next.load(as: UInt8.self))
    if previous >= 254 {
      guard previous == 254, left > 5 else { throw badPrevious(previous) }
      previous = Int(UInt32(littleEndian: (next + 1).loadUnaligned(as: UInt32.self)))
      header = 5
    }
    guard previous == previousSize else { throw wrongPrevious(previous) }
    guard header < left else { throw pastEnd(header + 1, left) }
    let first = (next + header).load(as: UInt8.self)
    let size: Int
    let element: Element
    if first < 0x40 {
      size = header &+ 1 &+ Int(first)
      element = Element(start: next + (header + 1), count: Int(first))
    } else {
      (size, element) = try readLong(first, header, left)
    }
    guard size <= left else { throw pastEnd(size, left) }
    previousSize = size
    next += size
    return element
  }

  /// An entry other than a string of at most 63 bytes.
  @usableFromInline
  func readLong(_ first: UInt8, _ header: Int, _ left: Int) throws(CodecError) -> (Int, Element) {
    let data = next + (header + 1)
    let room = left - header - 1
    if first < 0x80 {
      guard room >= 1 else { throw pastEnd(header + 2, left) }
      let count = Int(first & 0x3f) << 8 | Int(data.load(as: UInt8.self))
      return (header + 2 + count, Element(start: data + 1, count: count))
    }
    if first < 0xc0 {
      guard first == 0x80 else { throw badEncoding(first) }
      guard room >= 4 else { throw pastEnd(header + 5, left) }
      let count = Int(UInt32(bigEndian: data.loadUnaligned(as: UInt32.self)))
      return (header + 5 + count, Element(start: data + 4, count: count))
    }
    if first >= 0xf1 && first <= 0xfd {
      return (header + 1, Element(integer: Int64(first) - 0xf1))
    }
    let width: Int
    switch first {
    case 0xc0: width = 2
    case 0xd0: width = 4
    case 0xe0: width = 8
    case 0xf0: width = 3
    case 0xfe: width = 1
    default: throw badEncoding(first)
    }
    guard room >= width else { throw pastEnd(header + 1 + width, left) }
    return (header + 1 + width, Element(integer: loadSigned(data, width)))
  }

  @usableFromInline
  func checkTail() throws(CodecError) {
    let last = previousSize == 0 ? Self.headerByteCount : offset - previousSize
    guard tail == last else {
      throw CodecError(
        .ziplist, at: 4, "the header puts the last entry at \(tail), but it stands at \(last)")
    }
  }

  @usableFromInline @inline(never)
  func badPrevious(_ found: Int) -> CodecError {
    CodecError(
      .ziplist, at: offset,
      "the size of the previous entry begins with \(hex(found)), which is no form or is cut short")
  }

  @usableFromInline @inline(never)
  func wrongPrevious(_ found: Int) -> CodecError {
    CodecError(
      .ziplist, at: offset,
      "the previous entry is said to have \(found) bytes, but has \(previousSize)")
  }

  @usableFromInline @inline(never)
  func pastEnd(_ size: Int, _ left: Int) -> CodecError {
    CodecError(.ziplist, at: offset, "an entry of \(size) bytes exceeds the \(left) bytes left")
  }

  @usableFromInline @inline(never)
  func badEncoding(_ found: UInt8) -> CodecError {
    CodecError(.ziplist, at: offset, "entry encoding \(hex(Int(found))) does not exist")
  }
}
