import ByteKit
import RedisCodecs

/// A string that was read: where its text is until the window or the scratch buffer moves on.
@usableFromInline
struct StringText {
  enum Place {
    /// In the window, at this absolute offset.
    case window(Int)
    /// In a scratch buffer.
    case scratch(ScratchSlot)
    /// An integer stands for the text.
    case integer(Int64)
  }
  var place: Place
  var count: Int
  /// Where its first data byte stands in the file.
  var offset: Int
}

/// The buffer that an unpacked string goes to; two strings of a pair need two.
enum ScratchSlot { case first, second }

extension RDBReader {
  // MARK: bytes

  @inline(__always)
  mutating func need(_ count: Int) throws(RDBError) {
    if input.limit - input.cursor < count { try fill(count) }
  }

  @inline(never)
  mutating func fill(_ count: Int) throws(RDBError) {
    do throws(InputError) { try input.ensure(count) } catch { throw RDBError(error) }
  }

  @inline(__always)
  mutating func skipBytes(_ count: Int) throws(RDBError) {
    do throws(InputError) { try input.skip(count) } catch { throw RDBError(error) }
  }

  @inline(__always)
  mutating func readByte() throws(RDBError) -> UInt8 {
    try need(1)
    let byte = input.cursor.load(as: UInt8.self)
    input.cursor += 1
    return byte
  }

  @inline(__always)
  mutating func readUInt32() throws(RDBError) -> UInt32 {
    try need(4)
    let value = UInt32(littleEndian: input.cursor.loadUnaligned(as: UInt32.self))
    input.cursor += 4
    return value
  }

  @inline(__always)
  mutating func readUInt64() throws(RDBError) -> UInt64 {
    try need(8)
    let value = UInt64(littleEndian: input.cursor.loadUnaligned(as: UInt64.self))
    input.cursor += 8
    return value
  }

  @inline(__always)
  mutating func readInt64() throws(RDBError) -> Int64 { Int64(bitPattern: try readUInt64()) }

  mutating func readDouble() throws(RDBError) -> Double { Double(bitPattern: try readUInt64()) }

  // MARK: lengths

  /// A length: 6, 14, 32 or 64 bits.
  ///
  ///     00xxxxxx                 01xxxxxx u8          10000000 u32be        10000001 u64be
  @inline(__always)
  mutating func readLength() throws(RDBError) -> UInt64 {
    try need(1)
    let first = input.cursor.load(as: UInt8.self)
    if first < 0x40 {
      input.cursor += 1
      return UInt64(first)
    }
    return try readLongLength(first)
  }

  @inline(never)
  mutating func readLongLength(_ first: UInt8) throws(RDBError) -> UInt64 {
    if first < 0x80 {
      try need(2)
      let low = (input.cursor + 1).load(as: UInt8.self)
      input.cursor += 2
      return UInt64(first & 0x3f) << 8 | UInt64(low)
    }
    if first == 0x81 {
      try need(9)
      let value = (input.cursor + 1).loadUnaligned(as: UInt64.self)
      input.cursor += 9
      return UInt64(bigEndian: value)
    }
    guard first == 0x80 || (first < 0xc0 && version < 8) else {
      let what = first < 0xc0 ? "does not exist" : "announces a string encoding, not a length"
      throw RDBError(.encoding, at: input.offset, "length byte \(hex(Int(first))) \(what)")
    }
    try need(5)
    let value = (input.cursor + 1).loadUnaligned(as: UInt32.self)
    input.cursor += 5
    return UInt64(UInt32(bigEndian: value))
  }

  /// A number of elements; refused where the bytes left cannot hold that many.
  ///
  /// - Parameter minimum: the fewest bytes that one element takes.
  @inline(__always)
  mutating func readCount(minimum: Int) throws(RDBError) -> Int {
    let offset = input.offset
    let count = try readLength()
    guard count < 1 << 32 || isPlausible(count, minimum) else { throw tooMany(count, offset) }
    if let end = input.endOffset, Int(count) &* minimum > end - input.offset {
      throw tooMany(count, offset)
    }
    return Int(count)
  }

  private func isPlausible(_ count: UInt64, _ minimum: Int) -> Bool {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: UInt64(minimum))
    return !overflow && bytes <= UInt64(input.remainingByteCount ?? RDBLimits.streamByteCountMax)
  }

  @inline(never)
  private func tooMany(_ count: UInt64, _ offset: Int) -> RDBError {
    RDBError(.count, at: offset, "count \(count) is larger than the rest of the file can hold")
  }

  // MARK: strings

  /// Reads a string. Its text stays where it is until the pin is released or the slot used again.
  @inline(__always)
  mutating func readString(_ slot: ScratchSlot = .first) throws(RDBError) -> StringText {
    try need(1)
    let first = input.cursor.load(as: UInt8.self)
    if first < 0x40 {
      let count = Int(first)
      try need(1 &+ count)
      let offset = input.offset &+ 1
      input.cursor += 1 &+ count
      return StringText(place: .window(offset), count: count, offset: offset)
    }
    return try readLongString(first, slot)
  }

  @inline(never)
  mutating func readLongString(_ first: UInt8, _ slot: ScratchSlot) throws(RDBError) -> StringText {
    if first >= 0xc0 { return try readEncodedString(slot) }
    let count = try readStringLength()
    try need(count)
    let offset = input.offset
    input.cursor += count
    return StringText(place: .window(offset), count: count, offset: offset)
  }

  /// The length of a plain string, which the bytes left can hold.
  mutating func readStringLength() throws(RDBError) -> Int {
    let offset = input.offset
    let count = try readLength()
    guard count <= UInt64(input.remainingByteCount ?? RDBLimits.streamByteCountMax) else {
      throw RDBError(
        .truncated, at: offset, "a string of \(count) bytes exceeds the bytes that are left")
    }
    return Int(count)
  }

  private mutating func readEncodedString(_ slot: ScratchSlot) throws(RDBError) -> StringText {
    let offset = input.offset
    let code = try readByte()
    if code == 0xc3 { return try readCompressedString(slot) }
    let value = try readIntegerString(code, offset)
    return StringText(place: .integer(value), count: 0, offset: offset)
  }

  private mutating func readIntegerString(
    _ code: UInt8, _ offset: Int
  ) throws(RDBError) -> Int64 {
    switch code {
    case 0xc0: return Int64(Int8(bitPattern: try readByte()))
    case 0xc1:
      try need(2)
      let value = Int16(littleEndian: input.cursor.loadUnaligned(as: Int16.self))
      input.cursor += 2
      return Int64(value)
    case 0xc2: return Int64(Int32(bitPattern: try readUInt32()))
    case 0xc4:
      throw RDBError(
        .unsupported, at: offset,
        "a string compressed with a Redis Enterprise dictionary (0xc4), which is not in the file")
    default:
      throw RDBError(.encoding, at: offset, "string encoding \(hex(Int(code))) does not exist")
    }
  }

  /// The two lengths of an LZF string, checked against each other and the bytes left.
  mutating func readCompressedLengths() throws(RDBError) -> (packed: Int, unpacked: Int) {
    let offset = input.offset
    let packed = try readStringLength()
    let unpacked = try readLength()
    guard packed > 0, unpacked > 0 else {
      throw RDBError(.lzf, at: offset, "an empty LZF string; the server writes none")
    }
    guard unpacked / UInt64(LZF.expansionMax) <= UInt64(packed) else {
      throw RDBError(
        .lzf, at: offset,
        "LZF ratio impossible: \(packed) bytes cannot unpack to \(unpacked), at most "
          + "\(LZF.expansionMax) times as many"
      )
    }
    return (packed, Int(unpacked))
  }

  private mutating func readCompressedString(_ slot: ScratchSlot) throws(RDBError) -> StringText {
    let (packed, unpacked) = try readCompressedLengths()
    do throws(InputError) { try input.checkElement(unpacked) } catch { throw RDBError(error) }
    try need(packed)
    let offset = input.offset
    let source = UnsafeRawBufferPointer(start: input.cursor, count: packed)
    let target = slot == .first ? scratch.reserve(unpacked) : secondScratch.reserve(unpacked)
    do throws(CodecError) {
      try LZF.unpack(source, to: target, expected: unpacked)
    } catch {
      throw RDBError(
        error, in: Blob(bytes: source, offset: offset, isCompressed: false))
    }
    input.cursor += packed
    return StringText(place: .scratch(slot), count: unpacked, offset: offset)
  }

  /// The first bytes, at most four, of the compressed string at the cursor, which stays.
  ///
  /// A header and the first literal run or two fit the bytes that are looked at.
  mutating func peekCompressedFront() throws(RDBError) -> UInt32 {
    let seen: Int
    do throws(InputError) { seen = try input.peek(32) } catch { throw RDBError(error) }
    var headerByteCount = 1
    for _ in 0..<2 {
      guard headerByteCount < seen else { return 0 }
      let first = (input.cursor + headerByteCount).load(as: UInt8.self)
      headerByteCount += first < 0x40 ? 1 : first < 0x80 ? 2 : first == 0x81 ? 9 : 5
    }
    guard headerByteCount < seen else { return 0 }
    // Mostly the stream begins with a run of at least four literals.
    let start = input.cursor + headerByteCount
    if (3..<32).contains(start.load(as: UInt8.self)), headerByteCount + 5 <= seen {
      return UInt32(littleEndian: (start + 1).loadUnaligned(as: UInt32.self))
    }
    let packed = UnsafeRawBufferPointer(
      start: start, count: seen - headerByteCount)
    let room = scratch.reserve(LZF.frontByteCountMax(wanted: 4))
    guard LZF.unpackFront(packed, to: room, wanted: 4) == 4 else { return 0 }
    return UInt32(littleEndian: room.loadUnaligned(as: UInt32.self))
  }

  /// Passes over a compressed string, making sure that it unpacks as stated.
  mutating func checkCompressedString() throws(RDBError) {
    input.cursor += 1
    let (packed, unpacked) = try readCompressedLengths()
    try need(packed)
    let source = UnsafeRawBufferPointer(start: input.cursor, count: packed)
    if lzfBatch?.add(source, expected: unpacked) != nil {
      input.cursor += packed
      return
    }
    do throws(CodecError) {
      try LZF.validate(source, expected: unpacked)
    } catch {
      throw RDBError(error, in: Blob(bytes: source, offset: input.offset, isCompressed: false))
    }
    input.cursor += packed
  }

  /// The element that a string stands for; borrowed until its place moves on.
  @inline(__always)
  func element(_ text: StringText) -> Element {
    switch text.place {
    case .window(let offset): Element(start: input.position(at: offset), count: text.count)
    case .scratch(.first): Element(start: scratch.start, count: text.count)
    case .scratch(.second): Element(start: secondScratch.start, count: text.count)
    case .integer(let value): Element(integer: value)
    }
  }

  /// Reads a string that holds an encoded structure.
  mutating func readBlob() throws(RDBError) -> Blob {
    let text = try readString()
    switch text.place {
    case .window(let offset):
      let bytes = UnsafeRawBufferPointer(start: input.position(at: offset), count: text.count)
      return Blob(bytes: bytes, offset: text.offset, isCompressed: false)
    case .scratch:
      let bytes = UnsafeRawBufferPointer(start: scratch.start, count: text.count)
      return Blob(bytes: bytes, offset: text.offset, isCompressed: true)
    case .integer(let value):
      throw RDBError(
        .blob, at: text.offset, "the number \(value) stands where an encoded structure is expected")
    }
  }

  /// Passes over a string without looking at its bytes.
  @inline(__always)
  mutating func skipString() throws(RDBError) {
    try need(1)
    let first = input.cursor.load(as: UInt8.self)
    if first < 0x40 {
      try skipBytes(1 &+ Int(first))
    } else {
      try skipLongString(first)
    }
  }

  @inline(never)
  mutating func skipLongString(_ first: UInt8) throws(RDBError) {
    if first < 0xc0 {
      try skipBytes(try readStringLength())
    } else if first == 0xc3 {
      input.cursor += 1
      try skipBytes(try readCompressedLengths().packed)
    } else {
      let offset = input.offset
      _ = try readIntegerString(try readByte(), offset)
    }
  }

  /// The old form of a score: a length byte, then its text; 253…255 are NaN and the infinities.
  mutating func readOldDouble() throws(RDBError) -> Double {
    let offset = input.offset
    let count = try readByte()
    switch count {
    case 253: return .nan
    case 254: return .infinity
    case 255: return -.infinity
    default:
      try need(Int(count))
      let text = UnsafeRawBufferPointer(start: input.cursor, count: Int(count))
      guard let value = ScoreParser.parse(text) else {
        throw RDBError(.value, at: offset, "a score of \(count) bytes is no number")
      }
      input.cursor += Int(count)
      return value
    }
  }
}
