import ByteKit
import RedisCodecs
import RedisModel

/// The third level: values, element by element.
extension RDBReader {
  /// Reads the value of the key that `next()` gave, into `sink`.
  ///
  /// - Throws: where the value cannot be read. Rules that it merely breaks go to `violations`.
  public mutating func readValue<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    guard let type = header?.type else { return }
    lastStringWasCompressed = false
    switch type.byte {
    case 0: try readStringValue(into: &sink)
    case 1, 2: try readElements(into: &sink)
    case 3, 5: try readMembers(binaryScores: type.byte == 5, into: &sink)
    case 4: try readFields(into: &sink)
    case 6: try refusePreReleaseModule()
    case 7: try readModule(into: &sink)
    case 9: try readZipmap(into: &sink)
    case 10: try readEntries(ZiplistReader.self, as: .list, into: &sink)
    case 11: try readIntset(into: &sink)
    case 12: try readEntries(ZiplistReader.self, as: .zset, into: &sink)
    case 13: try readEntries(ZiplistReader.self, as: .hash, into: &sink)
    case 14: try readQuicklist(into: &sink)
    case 15, 19, 21, 26, 27: try readStream(type, into: &sink)
    case 16: try readEntries(ListpackReader.self, as: .hash, into: &sink)
    case 17: try readEntries(ListpackReader.self, as: .zset, into: &sink)
    case 18: try readQuicklist2(into: &sink)
    case 20: try readEntries(ListpackReader.self, as: .set, into: &sink)
    case 22 where type.family == .valkey: try readValkeyHash(into: &sink)
    case 23 where type.family == .valkey: try readPathHash(into: &sink)
    case 22: try readMetadataHash(hasBase: false, into: &sink)
    case 24: try readMetadataHash(hasBase: true, into: &sink)
    case 23: try readListpackTriples(hasBase: false, into: &sink)
    case 25: try readListpackTriples(hasBase: true, into: &sink)
    case 28: try readArray(into: &sink)
    case 29...32: try readTemplateHash(type, into: &sink)
    case 33: sink.gcra(try readLength())
    default: try readCron(into: &sink)
    }
    header = nil
    phase = .record
  }

  @inline(__always)
  mutating func checkStop<S: ValueSink & ~Copyable>(_ sink: borrowing S) throws(RDBError) {
    if sink.isStopped { throw RDBError(.stopped, at: input.offset, "stopped") }
  }

  /// Type 0: `str`.
  @inline(__always)
  private mutating func readStringValue<S: ValueSink & ~Copyable>(
    into sink: inout S
  ) throws(RDBError) {
    try need(1)
    if input.cursor.load(as: UInt8.self) == 0xc3 {
      lastStringWasCompressed = true
      let front = try peekCompressedFront()
      if !sink.wantsString(beginning: front) { return try checkCompressedString() }
    }
    sink.string(element(try readString()))
  }

  /// Types 1 and 2: `len` n, n × `str`.
  private mutating func readElements<S: ValueSink & ~Copyable>(
    into sink: inout S
  ) throws(RDBError) {
    let count = try readCount(minimum: 1)
    for _ in 0..<count {
      sink.element(element(try readString()))
      try checkStop(sink)
    }
  }

  /// Type 3: `len` n, n × (`str`, old double). Type 5: n × (`str`, f64le).
  private mutating func readMembers<S: ValueSink & ~Copyable>(
    binaryScores: Bool, into sink: inout S
  ) throws(RDBError) {
    let count = try readCount(minimum: binaryScores ? 9 : 2)
    for _ in 0..<count {
      input.pin = input.cursor
      let text = try readString()
      let score = binaryScores ? try readDouble() : try readOldDouble()
      if score.isNaN { note(.value, at: input.offset(of: input.pin ?? input.cursor), nanScore) }
      sink.member(element(text), score: score)
      input.pin = nil
      try checkStop(sink)
    }
  }

  /// Type 4: `len` n, n × (`str`, `str`).
  private mutating func readFields<S: ValueSink & ~Copyable>(
    into sink: inout S
  ) throws(RDBError) {
    let count = try readCount(minimum: 2)
    for _ in 0..<count {
      input.pin = input.cursor
      let field = try readString(.first)
      let value = try readString(.second)
      sink.field(element(field), element(value), expireAtMs: nil)
      input.pin = nil
      try checkStop(sink)
    }
  }

  /// Type 24: u64le base, `len` n, n × (`len` t, `str`, `str`), expiry = base + t − 1, t 0: none.
  /// Type 22 of the 7.4 candidate: the same without base, t absolute.
  private mutating func readMetadataHash<S: ValueSink & ~Copyable>(
    hasBase: Bool, into sink: inout S
  ) throws(RDBError) {
    let base = hasBase ? try readFieldExpiryBase() : 0
    let count = try readCount(minimum: 3)
    for _ in 0..<count {
      input.pin = input.cursor
      let offset = input.offset
      let stored = try readLength()
      var expiry: Int64?
      if stored != 0 {
        let (sum, overflow) = base.addingReportingOverflow(hasBase ? stored - 1 : stored)
        if overflow || sum > RDBLimits.fieldExpiryMax {
          note(
            .value, at: offset,
            "field expiry \(base) + \(stored) exceeds \(RDBLimits.fieldExpiryMax)")
        }
        expiry = overflow ? .max : Int64(clamping: sum)
      }
      let field = try readString(.first)
      let value = try readString(.second)
      sink.field(element(field), element(value), expireAtMs: expiry)
      input.pin = nil
      try checkStop(sink)
    }
  }

  mutating func readFieldExpiryBase() throws(RDBError) -> UInt64 {
    let offset = input.offset
    let base = try readUInt64()
    if base > RDBLimits.fieldExpiryMax {
      note(.value, at: offset, "field expiry base \(base) exceeds \(RDBLimits.fieldExpiryMax)")
    }
    return base
  }

  /// Type 22 of Valkey: `len` n, n × (`str`, `str`, i64le expiry, −1 none).
  private mutating func readValkeyHash<S: ValueSink & ~Copyable>(
    into sink: inout S
  ) throws(RDBError) {
    let count = try readCount(minimum: 10)
    for _ in 0..<count {
      input.pin = input.cursor
      let field = try readString(.first)
      let value = try readString(.second)
      let offset = input.offset
      let expiry = try readInt64()
      if expiry < -1 { note(.value, at: offset, "field expire \(expiry); -1 is the least") }
      sink.field(element(field), element(value), expireAtMs: expiry == -1 ? nil : expiry)
      input.pin = nil
      try checkStop(sink)
    }
  }

  /// Type 23 of Valkey 81: `len` paths, each `str` path, `len` n, n × (`str`, `str`).
  private mutating func readPathHash<S: ValueSink & ~Copyable>(
    into sink: inout S
  ) throws(RDBError) {
    let count = try readCount(minimum: 4)
    var before: [UInt8]?
    for _ in 0..<count {
      let offset = input.offset
      let path = element(try readString()).bytes
      if let before, !before.lexicographicallyPrecedes(path) {
        note(.value, at: offset, "the paths of a path hash must ascend, each once")
      }
      before = path
      try readFields(ofPath: path, into: &sink)
    }
  }

  private mutating func readFields<S: ValueSink & ~Copyable>(
    ofPath path: [UInt8], into sink: inout S
  ) throws(RDBError) {
    let offset = input.offset
    let count = try readCount(minimum: 2)
    if count == 0 { note(.value, at: offset, "a path without fields") }
    for _ in 0..<count {
      input.pin = input.cursor
      let field = try readString(.first)
      let value = try readString(.second)
      path.withUnsafeBytes { bytes in
        let start = bytes.baseAddress ?? UnsafeRawPointer(input.cursor)
        sink.pathField(
          path: Element(start: start, count: bytes.count), field: element(field),
          value: element(value))
      }
      input.pin = nil
      try checkStop(sink)
    }
  }

  /// Type 64 of KeyDB: `str` script, i64le start, i64le interval, `len` + keys, `len` + arguments.
  private mutating func readCron<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let script = element(try readString()).bytes
    let start = try readInt64()
    let interval = try readInt64()
    var lists: [[[UInt8]]] = []
    for _ in 0..<2 {
      let count = try readCount(minimum: 1)
      var list: [[UInt8]] = []
      for _ in 0..<count { list.append(element(try readString()).bytes) }
      lists.append(list)
    }
    script.withUnsafeBytes { bytes in
      let text = Element(start: bytes.baseAddress ?? input.cursor, count: bytes.count)
      sink.cron(
        script: text, startMs: start, intervalMs: interval, keyCount: lists[0].count,
        argumentCount: lists[1].count)
    }
    for item in lists.joined() {
      item.withUnsafeBytes { bytes in
        sink.element(Element(start: bytes.baseAddress ?? input.cursor, count: bytes.count))
      }
    }
  }

  /// Type 28: `len` count, `len` has-cursor, [`len` cursor], count × (`len` index, `len` tag,
  /// data).
  private mutating func readArray<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let offset = input.offset
    let count = try readCount(minimum: 3)
    if count == 0 { note(.value, at: offset, "array empty: it needs at least one element") }
    let flag = try readLength()
    guard flag <= 1 else {
      throw RDBError(.value, at: offset, "array cursor flag \(flag); 0 or 1 are possible")
    }
    sink.array(count: count, insertIndex: flag == 1 ? try readLength() : nil)
    var before: UInt64?
    for _ in 0..<count {
      let offset = input.offset
      let index = try readLength()
      if index == .max { note(.value, at: offset, "array index \(index) is reserved") }
      if let before, index <= before {
        note(.value, at: offset, "array index order: \(index) follows \(before)")
      }
      before = index
      try readArrayElement(index, into: &sink)
      try checkStop(sink)
    }
  }

  private mutating func readArrayElement<S: ValueSink & ~Copyable>(
    _ index: UInt64, into sink: inout S
  ) throws(RDBError) {
    let offset = input.offset
    let byte = try readLength()
    guard let tag = UInt8(exactly: byte).flatMap(ArrayTag.init) else {
      throw RDBError(.value, at: offset, "array tag \(byte); 0 to 3 exist")
    }
    switch tag {
    case .sds, .smallString:
      let text = element(try readString())
      if tag == .smallString, text.byteCount > 7 {
        note(.value, at: offset, "array small string of \(text.byteCount) bytes; at most 7 fit")
      }
      sink.arrayElement(index: index, text, tag: tag)
    case .int:
      sink.arrayElement(index: index, Element(integer: try readInt64()), tag: tag)
    case .float:
      let value = try readDouble()
      withUnsafeTemporaryAllocation(byteCount: ArrayFloat.byteCountMax, alignment: 1) { room in
        guard let start = room.baseAddress else { return }
        let count = ArrayFloat.write(value, to: start)
        sink.arrayElement(index: index, Element(start: start, count: count), tag: tag)
      }
    }
  }

  var nanScore: String { "NaN score; a sorted set cannot hold one" }
}

/// The text behind an array's double: the server's shortest form, always with a sign that it is no
/// integer. The server stores only strings that are just this text.
enum ArrayFloat {
  /// No text is longer, bytes.
  static let byteCountMax = ScoreText.byteCountMax + 2

  /// Writes the text at `target` and returns the number of its bytes.
  static func write(_ value: Double, to target: UnsafeMutableRawPointer) -> Int {
    let count = ScoreText.fpconv.write(value, to: target)
    let text = UnsafeRawBufferPointer(start: target, count: count)
    guard value.isFinite,
      !text.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") })
    else { return count }
    target.storeBytes(of: UInt8(ascii: "."), toByteOffset: count, as: UInt8.self)
    target.storeBytes(of: UInt8(ascii: "0"), toByteOffset: count + 1, as: UInt8.self)
    return count + 2
  }
}
