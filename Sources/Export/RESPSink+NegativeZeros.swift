import ByteKit
import RDB
import RedisCodecs

// The score −0. From Redis 7.0 on, `ZADD` into a compact sorted set, a listpack, stores the integer
// 0 instead. A listpack that comes in a payload keeps the text `-0`, as the one of a snapshot does,
// and so does a set that has outgrown the listpack, also while it is turned into a big one. So a
// small set travels in a payload, and a member that makes a set big brings its −0 by `ZADD`.
extension RESPSink {
  /// Writes a `RESTORE` of the gathered members, as many with the score −0 as a compact set holds
  /// among them; those that are left come when the set is full.
  ///
  /// Does nothing where the gathered members make the set a big one.
  mutating func restoreCompactSet() {
    guard !hasWritten, let type = RDBType(byte: CompactSet.typeByte, family: .redis),
      let version = target.payloadVersion(for: type)
    else { return }
    var set = CompactSet()
    guard set.take(batch) else { return }
    while !negativeZeros.isEmpty, !set.isFull { set.take(negativeZero: negativeZeros.nextField()) }
    guard set.hasDistinctMembers else { return negativeZeros.rewind() }
    hasWritten = true
    output.writer.write("*4\r\n$7\r\nRESTORE\r\n")
    output.writer.writeBulk(key)
    output.writer.write("$1\r\n0\r\n")
    set.body().withUnsafeBytes {
      output.writer.writePayload(type: type.byte, body: $0, version: version)
    }
    batch.removeAll()
  }
}

/// A sorted set that is small enough for a listpack under the servers' default configuration.
struct CompactSet {
  /// The type of a sorted set that is stored as a listpack.
  static let typeByte: UInt8 = 17
  /// Bytes of the longest member.
  static let memberByteCountMax = 64
  /// The score −0 in a command or a listpack.
  static var negativeZero: Element {
    let text: StaticString = "-0"
    return Element(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
  /// Members of the largest set.
  private static let memberCountMax = 128

  /// A member, borrowed, with its score as a number and as text.
  private struct Entry {
    var score: Double
    var scoreText: Element
    var member: UnsafeRawBufferPointer

    /// Servers order by score, then by the bytes of the member.
    static func precedes(_ one: Entry, _ other: Entry) -> Bool {
      if one.score != other.score { return one.score < other.score }
      return one.member.lexicographicallyPrecedes(other.member)
    }
  }

  private var entries: [Entry] = []

  /// Whether one member more would be too many.
  var isFull: Bool { entries.count >= Self.memberCountMax }

  /// Whether no member is there twice, which could bring the server down.
  var hasDistinctMembers: Bool {
    Set(entries.map { Array($0.member) }).count == entries.count
  }

  /// Takes the scores and members of a `ZADD` in the making.
  ///
  /// - Returns: false where they fill the set, or one of them is too long.
  mutating func take(_ batch: borrowing ArgumentBatch) -> Bool {
    guard batch.itemCount < Self.memberCountMax else { return false }
    var offset = 0
    while let score = batch.argument(at: &offset), let member = batch.argument(at: &offset) {
      guard member.count <= Self.memberByteCountMax else { return false }
      let text = score.withBytes { String(decoding: $0, as: UTF8.self) }
      guard let value = Double(text) else { return false }
      take(value, score, member)
    }
    return true
  }

  /// Takes a member with the score −0.
  mutating func take(negativeZero member: Element) {
    take(-0.0, Self.negativeZero, member)
  }

  private mutating func take(_ score: Double, _ scoreText: Element, _ member: Element) {
    let bytes = UnsafeRawBufferPointer(start: member.start, count: member.count)
    entries.append(Entry(score: score, scoreText: scoreText, member: bytes))
  }

  /// The body of a value of type `typeByte`: a listpack of members and scores in ascending order.
  func body() -> [UInt8] {
    var listpack = ListpackWriter()
    for entry in entries.sorted(by: Entry.precedes) {
      if let start = entry.member.baseAddress {
        listpack.append(Element(start: start, count: entry.member.count))
      }
      listpack.append(entry.scoreText)
    }
    return ByteWriter.stringBody(listpack.finish())
  }
}
