import ByteKit
import RedisCodecs

/// What is known of a value that was passed over.
public struct ValueSummary: Equatable, Sendable {
  /// How a string is stored.
  public enum StringForm: Sendable { case plain, integer, compressed }

  /// Elements: 1 for a string, members, fields, stream entries, parts of a module value.
  public var elements = 0
  /// The value's bytes in the file.
  public var byteCount = 0
  /// How a string is stored; `nil` for other types.
  public var stringForm: StringForm?
}

/// The first level: passing over values, which looks at lengths and counts only.
extension RDBReader {
  /// Passes over the value of the key that `next()` gave.
  ///
  /// Elements of compact encodings are taken from their headers, and counted only where those do
  /// not say.
  public mutating func skipValue() throws(RDBError) -> ValueSummary {
    guard let type = header?.type else { return ValueSummary() }
    let start = input.offset
    var summary = ValueSummary()
    switch type.byte {
    case 0:
      summary.stringForm = try skipStringValue()
      summary.elements = 1
    case 1, 2: summary.elements = try skipStrings(perElement: 1)
    case 3: summary.elements = try skipOldMembers()
    case 4: summary.elements = try skipStrings(perElement: 2)
    case 5: summary.elements = try skipMembers()
    case 10: summary.elements = try skipEntries(ZiplistReader.self)
    case 11: summary.elements = try skipIntset()
    case 12, 13: summary.elements = try skipEntries(ZiplistReader.self) / 2
    case 14: summary.elements = try skipQuicklist()
    case 15, 19, 21, 26, 27: summary.elements = try skipStream(type)
    case 16, 17: summary.elements = try skipEntries(ListpackReader.self) / 2
    case 18: summary.elements = try skipQuicklist2()
    case 20: summary.elements = try skipEntries(ListpackReader.self)
    default:
      var counter = CountingSink()
      try readValue(into: &counter)
      summary.elements = counter.elements
    }
    summary.byteCount = input.offset - start
    header = nil
    phase = .record
    return summary
  }

  @inline(__always)
  private mutating func skipStringValue() throws(RDBError) -> ValueSummary.StringForm {
    try need(1)
    let first = input.cursor.load(as: UInt8.self)
    try skipString()
    return first < 0xc0 ? .plain : first == 0xc3 ? .compressed : .integer
  }

  private mutating func skipStrings(perElement: Int) throws(RDBError) -> Int {
    let count = try readCount(minimum: perElement)
    for _ in 0..<(count &* perElement) { try skipString() }
    return count
  }

  private mutating func skipOldMembers() throws(RDBError) -> Int {
    let count = try readCount(minimum: 2)
    for _ in 0..<count {
      try skipString()
      let size = try readByte()
      if size < 253 { try skipBytes(Int(size)) }
    }
    return count
  }

  private mutating func skipMembers() throws(RDBError) -> Int {
    let count = try readCount(minimum: 9)
    for _ in 0..<count {
      try skipString()
      try skipBytes(8)
    }
    return count
  }

  // MARK: blobs, of which only the header is looked at

  /// Lets `read` see the first bytes, at most `wanted`, of the blob at the cursor, which stays.
  private mutating func peekBlob(
    _ wanted: Int, _ read: (UnsafeRawBufferPointer) -> Int?
  ) throws(RDBError) -> Int? {
    try need(1)
    let first = input.cursor.load(as: UInt8.self)
    guard first < 0xc0 || first == 0xc3 else {
      throw RDBError(
        .blob, at: input.offset, "a number stands where an encoded structure is expected")
    }
    input.pin = input.cursor
    let found: Int?
    if first == 0xc3 {
      input.cursor += 1
      let (packed, unpacked) = try readCompressedLengths()
      let front = min(packed, 2 * wanted + 2)
      try need(front)
      let room = scratch.reserve(LZF.frontByteCountMax(wanted: wanted))
      let got = LZF.unpackFront(
        UnsafeRawBufferPointer(start: input.cursor, count: front), to: room,
        wanted: min(wanted, unpacked))
      found = read(UnsafeRawBufferPointer(start: room, count: got))
    } else {
      let count = min(try readStringLength(), wanted)
      try need(count)
      found = read(UnsafeRawBufferPointer(start: input.cursor, count: count))
    }
    input.cursor = input.pin ?? input.cursor
    input.pin = nil
    return found
  }

  /// Passes over a listpack or ziplist. The count is that of its header, whose last two bytes it is;
  /// a blob with more entries than these can say is walked.
  private mutating func skipEntries<Entries: BlobEntries>(
    _ type: Entries.Type
  ) throws(RDBError) -> Int {
    let header = Entries.headerByteCount
    let stated = try peekBlob(header) { front in
      guard front.count >= header else { return nil }
      return Int(
        UInt16(littleEndian: front.loadUnaligned(fromByteOffset: header - 2, as: UInt16.self)))
    }
    guard let stated else {
      throw RDBError(.blob, at: input.offset, "an encoded structure shorter than its header")
    }
    guard stated == Entries.countUnknown else {
      try skipString()
      return stated
    }
    let blob = try readBlob()
    var entries = try entries(of: blob, as: type)
    var count = 0
    while try next(&entries, blob) != nil { count &+= 1 }
    return count
  }

  private mutating func skipIntset() throws(RDBError) -> Int {
    let stated = try peekBlob(8) { front in
      guard front.count == 8 else { return nil }
      return Int(UInt32(littleEndian: front.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    }
    try skipString()
    return stated ?? 0
  }

  private mutating func skipQuicklist() throws(RDBError) -> Int {
    let count = try readCount(minimum: 1)
    var elements = 0
    for _ in 0..<count { elements &+= try skipEntries(ZiplistReader.self) }
    return elements
  }

  private mutating func skipQuicklist2() throws(RDBError) -> Int {
    let count = try readCount(minimum: 2)
    var elements = 0
    for _ in 0..<count {
      let offset = input.offset
      switch try readLength() {
      case 1:
        try skipString()
        elements &+= 1
      case 2: elements &+= try skipEntries(ListpackReader.self)
      case let container:
        throw RDBError(
          .value, at: offset, "quicklist container \(container); 1 (plain) and 2 (packed) exist")
      }
    }
    return elements
  }

  // MARK: streams

  private mutating func skipStream(_ type: RDBType) throws(RDBError) -> Int {
    let nodes = try readCount(minimum: 2)
    for _ in 0..<(nodes &* 2) { try skipString() }
    let length = try readLength()
    for _ in 0..<2 { _ = try readLength() }
    if type.byte >= 19 { for _ in 0..<5 { _ = try readLength() } }
    for _ in 0..<(try readCount(minimum: 5)) { try skipGroup(type) }
    if type.byte >= 26 { try skipIDMP() }
    return Int(clamping: length)
  }

  private mutating func skipGroup(_ type: RDBType) throws(RDBError) {
    try skipString()
    for _ in 0..<(type.byte >= 19 ? 3 : 2) { _ = try readLength() }
    for _ in 0..<(try readCount(minimum: 25)) {
      try skipBytes(24)
      _ = try readLength()
    }
    let times = type.byte >= 21 ? 16 : 8
    for _ in 0..<(try readCount(minimum: times + 2)) {
      try skipString()
      try skipBytes(times)
      try skipBytes(16 &* (try readCount(minimum: 16)))
    }
    if type.byte >= 27 { try skipBytes(16 &* (try readCount(minimum: 16))) }
  }

  private mutating func skipIDMP() throws(RDBError) {
    for _ in 0..<2 { _ = try readLength() }
    for _ in 0..<(try readCount(minimum: 2)) {
      try skipString()
      for _ in 0..<(try readCount(minimum: 3)) {
        try skipString()
        for _ in 0..<2 { _ = try readLength() }
      }
    }
    for _ in 0..<2 { _ = try readLength() }
  }
}

/// Counts what a value holds.
struct CountingSink: ValueSink {
  var elements = 0

  mutating func element(_ value: Element) { elements &+= 1 }
  mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) { elements &+= 1 }
  mutating func pathField(path: Element, field: Element, value: Element) { elements &+= 1 }
  mutating func modulePart(_ part: ModulePart) { elements &+= 1 }
  mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) { elements &+= 1 }
  mutating func gcra(_ arrivalTime: UInt64) { elements = 1 }
}
