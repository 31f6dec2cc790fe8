import ByteKit
import RedisCodecs

/// Values that stand in the file as one encoded structure, or as a list of them.
extension RDBReader {
  // MARK: errors of the codecs, placed in the file

  /// The entries of a blob.
  @inline(__always)
  func entries<Entries: BlobEntries>(
    of blob: Blob, as type: Entries.Type
  ) throws(RDBError) -> Entries {
    do throws(CodecError) { return try Entries(blob.bytes) } catch {
      throw RDBError(error, in: blob)
    }
  }

  /// The next entry; `nil` at the end.
  @inline(__always)
  func next<Entries: BlobEntries>(
    _ entries: inout Entries, _ blob: Blob
  ) throws(RDBError) -> Element? {
    do throws(CodecError) { return try entries.read() } catch { throw RDBError(error, in: blob) }
  }

  /// Notes a stated number of entries that is not what was found.
  @inline(__always)
  mutating func noteCount<Entries: BlobEntries>(
    _ entries: borrowing Entries, _ found: Int, _ blob: Blob
  ) {
    let stated = entries.statedCount
    if stated != found && stated != Entries.countUnknown {
      note(
        .blob, at: blob.offset,
        "\(Entries.structure.rawValue) count \(stated) != \(found), the entries that it has")
    }
  }

  // MARK: listpack and ziplist

  /// Types 10, 12, 13, 16, 17, 20: one blob of elements, of pairs, or of members and scores.
  mutating func readEntries<Entries: BlobEntries, S: ValueSink & ~Copyable>(
    _ type: Entries.Type, as kind: RDBValueKind, into sink: inout S
  ) throws(RDBError) {
    let blob = try readBlob()
    var entries = try entries(of: blob, as: type)
    var found = 0
    var order = ScoreOrder()
    while let first = try next(&entries, blob) {
      found &+= 1
      if kind == .set || kind == .list {
        sink.element(first)
        continue
      }
      guard let second = try next(&entries, blob) else { throw odd(found, blob) }
      found &+= 1
      if kind == .hash {
        sink.field(first, second, expireAtMs: nil)
      } else {
        sink.member(first, score: try score(second, of: first, &order, blob))
      }
    }
    noteCount(entries, found, blob)
    try checkStop(sink)
  }

  /// The elements of one blob of a list; says how many.
  @inline(__always)
  private mutating func readNode<Entries: BlobEntries, S: ValueSink & ~Copyable>(
    _ type: Entries.Type, into sink: inout S
  ) throws(RDBError) -> Int {
    let blob = try readBlob()
    var entries = try entries(of: blob, as: type)
    var found = 0
    while let entry = try next(&entries, blob) {
      found &+= 1
      sink.element(entry)
    }
    noteCount(entries, found, blob)
    return found
  }

  @inline(never)
  private func odd(_ count: Int, _ blob: Blob) -> RDBError {
    RDBError(.value, at: blob.offset, "odd pair list: \(count) entries, the last without its pair")
  }

  /// The score that stands behind a member; its order is checked on the way.
  private mutating func score(
    _ text: Element, of member: Element, _ order: inout ScoreOrder, _ blob: Blob
  ) throws(RDBError) -> Double {
    guard let score = ScoreParser.parse(text) else {
      throw RDBError(
        .value, at: blob.offset,
        "a score that is no number: \(String(decoding: text.bytes.prefix(40), as: UTF8.self))")
    }
    if score.isNaN {
      note(.value, at: blob.offset, nanScore)
    } else if !order.accepts(member, score) {
      note(
        .value, at: blob.offset,
        "sorted set out of order: member \(order.count) does not come after the one before, "
          + "by (score, member)"
      )
    }
    return score
  }

  // MARK: triples with expiry

  /// Type 25: u64le base, listpack of field, value, expiry (0 none), ascending by expiry, those
  /// without last. Type 23 of the 7.4 candidate: without base.
  mutating func readListpackTriples<S: ValueSink & ~Copyable>(
    hasBase: Bool, into sink: inout S
  ) throws(RDBError) {
    if hasBase { _ = try readFieldExpiryBase() }
    let blob = try readBlob()
    var entries = try entries(of: blob, as: ListpackReader.self)
    var found = 0
    var before: Int64 = 0
    while let field = try next(&entries, blob) {
      guard let value = try next(&entries, blob), let expiry = try next(&entries, blob) else {
        throw RDBError(
          .value, at: blob.offset,
          "listpackex: the entries behind entry \(found) are no triple of field, value and expiry")
      }
      found &+= 3
      guard expiry.start == nil else {
        throw RDBError(.value, at: blob.offset, "listpackex: an expiry that is no integer")
      }
      noteExpiry(expiry.integer, after: &before, blob)
      sink.field(field, value, expireAtMs: expiry.integer == 0 ? nil : expiry.integer)
    }
    noteCount(entries, found, blob)
    try checkStop(sink)
  }

  private mutating func noteExpiry(_ expiry: Int64, after before: inout Int64, _ blob: Blob) {
    if expiry < 0 || UInt64(expiry) > RDBLimits.fieldExpiryMax {
      note(
        .value, at: blob.offset,
        "field expiry \(expiry) is not within 0 to \(RDBLimits.fieldExpiryMax)")
    }
    let rank = expiry == 0 ? Int64.max : expiry
    if rank < before {
      note(
        .value, at: blob.offset,
        "listpackex order: expiry \(expiry) follows a later one; they ascend, none (0) last")
    }
    before = rank
  }

  // MARK: intset and zipmap

  /// Type 11.
  mutating func readIntset<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let blob = try readBlob()
    let set: Intset
    do throws(CodecError) { set = try Intset(blob.bytes) } catch { throw RDBError(error, in: blob) }
    do throws(CodecError) { try set.checkOrder() } catch {
      note(.value, at: blob.offset, "intset order: \(error.message)")
    }
    for index in 0..<set.count { sink.element(Element(integer: set[index])) }
    try checkStop(sink)
  }

  /// Type 9.
  mutating func readZipmap<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let blob = try readBlob()
    var found = 0
    do throws(CodecError) {
      var pairs = try ZipmapReader(blob.bytes)
      while let (field, value) = try pairs.read() {
        found += 1
        sink.field(field, value, expireAtMs: nil)
      }
      if pairs.statedCount < ZipmapReader.countUnknown && pairs.statedCount != found {
        note(.blob, at: blob.offset, "zipmap count \(pairs.statedCount) != \(found) pairs")
      }
    } catch {
      throw RDBError(error, in: blob)
    }
    if found == 0 { note(.blob, at: blob.offset, "zipmap without a pair") }
    try checkStop(sink)
  }

  // MARK: lists of blobs

  /// Type 14: `len` n, n × `str` ziplist.
  mutating func readQuicklist<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let count = try readCount(minimum: 1)
    let offset = input.offset
    var elements = 0
    for _ in 0..<count {
      elements &+= try readNode(ZiplistReader.self, into: &sink)
      try checkStop(sink)
    }
    noteEmptyNodes(count, elements, offset)
  }

  /// Type 18: `len` n, n × (`len` container, `str`): 1 the element itself, 2 a listpack.
  mutating func readQuicklist2<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let count = try readCount(minimum: 2)
    let start = input.offset
    var elements = 0
    for _ in 0..<count {
      let offset = input.offset
      switch try readLength() {
      case 1:
        let value = element(try readString())
        if value.byteCount == 0 { note(.value, at: offset, "a plain quicklist node of no bytes") }
        elements &+= 1
        sink.element(value)
      case 2: elements &+= try readNode(ListpackReader.self, into: &sink)
      case let container:
        throw RDBError(
          .value, at: offset, "quicklist container \(container); 1 (plain) and 2 (packed) exist")
      }
      try checkStop(sink)
    }
    noteEmptyNodes(count, elements, start)
  }

  private mutating func noteEmptyNodes(_ nodes: Int, _ elements: Int, _ offset: Int) {
    if nodes > 0 && elements == 0 { note(.value, at: offset, "a quicklist of empty nodes") }
  }
}

/// Checks that members of a compact sorted set ascend by (score, member bytes).
struct ScoreOrder {
  private var before: (member: Element, score: Double)?
  /// Members seen.
  private(set) var count = 0

  /// Takes the next member. The members stay valid as long as their blob.
  mutating func accepts(_ member: Element, _ score: Double) -> Bool {
    count &+= 1
    defer { before = (member, score) }
    guard let before else { return true }
    if score != before.score { return score > before.score }
    return Self.precedes(before.member, member)
  }

  private static func precedes(_ left: Element, _ right: Element) -> Bool {
    left.withBytes { left in
      right.withBytes { right in
        let shared = min(left.count, right.count)
        if shared > 0, let a = left.baseAddress, let b = right.baseAddress {
          let order = memcmp(a, b, shared)
          if order != 0 { return order < 0 }
        }
        // An equal member is a duplicate, which has a rule of its own.
        return left.count <= right.count
      }
    }
  }
}
