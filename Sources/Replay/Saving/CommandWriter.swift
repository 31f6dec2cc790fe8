import ByteKit
import Engine
import Export
import RDB
import RedisCodecs
import RedisModel

/// Writes commands that rebuild keys, as a server's rewrite without a preamble does: at most 64
/// items each.
///
/// A payload (RESTORE) takes the place of commands where these would lose something that counts:
/// the sign of a zero score from Redis 7.0 on, pending entries that are nobody's or whose entries
/// are gone, counters of idempotent producers, and values that only snapshots carry. When consumers
/// were seen and active is lost, as with the servers' rewrite.
struct CommandWriter: KeyWriting, ~Copyable {
  /// Items (elements, pairs) in one command.
  static let itemCountMax = 64

  var output: ByteWriter
  let dialect: CommandDialect
  private let payloads: PayloadWriter
  /// What had no place, and how often.
  var leftOut: [String: Int] = [:]
  /// The key that is being written.
  var key = Bytes(start: nil, count: 0)

  /// A writer of commands for a server.
  ///
  /// - Parameter drain: takes the bytes, in order; they are valid during the call only.
  init(_ target: ServerVersion, drain: @escaping (Bytes) -> Void) {
    dialect = CommandDialect(target)
    payloads = PayloadWriter(target)
    output = ByteWriter(capacity: 1 << 18, drain: drain)
  }

  /// Writes a function library.
  mutating func function(_ code: [UInt8]) {
    output.write("*3\r\n$8\r\nFUNCTION\r\n$4\r\nLOAD\r\n")
    output.writeBulk(code)
  }

  mutating func begin(_ database: Int, of space: borrowing Keyspace) {
    output.write("*2\r\n$6\r\nSELECT\r\n")
    output.writeBulk(decimal: Int64(database))
  }

  /// Hands everything on.
  mutating func finish() { output.flush() }

  mutating func write(_ key: Bytes, _ expiry: Int64?, _ value: KeptValue) -> String? {
    self.key = key
    if value.type == .stream {
      SavedType.addLosses(of: value.stream, to: dialect.target, &leftOut)
    }
    if needsPayload(value) { return restore(value, expiry) }
    switch value.type {
    case .string:
      output.write("*3\r\n$3\r\nSET\r\n")
      output.writeBulk(key)
      value.withString { output.writeBulk($0) }
    case .list: elements(of: value, "$5\r\nRPUSH\r\n")
    case .set: elements(of: value, "$4\r\nSADD\r\n")
    case .zset: members(of: value)
    case .hash:
      let expires = value.earliestFieldExpiry != nil
      if expires, dialect.fieldExpiry == .unknown {
        return SavedType.obstacle(value, dialect.target)
      }
      if expires { expiringFields(of: value) } else { fields(of: value) }
    case .stream:
      guard dialect.hasStreams else {
        return SavedType.obstacle(value, dialect.target)
      }
      stream(value.stream)
    case .module: return restore(value, expiry)
    }
    if let expiry { writeExpiry(expiry) }
    return nil
  }

  /// Whether commands would lose a part of the value that a payload keeps.
  private func needsPayload(_ value: KeptValue) -> Bool {
    switch value.type {
    case .zset where dialect.hasFunctions:
      var found = false
      value.forEachMember { _, score in
        found = score == 0 && score.sign == .minus
        return score <= 0 && !found
      }
      return found
    case .stream where dialect.hasStreams:
      return value.stream.hasPendingWithoutEntry
        || dialect.hasProducers && losesCounts(value.stream.producers)
    default: return false
    }
  }

  /// Whether commands would count the messages of producers otherwise.
  private func losesCounts(_ producers: KeptProducers?) -> Bool {
    guard let producers else { return false }
    return producers.duplicates > 0 || producers.added != UInt64(producers.messageCount)
  }

  private mutating func restore(_ value: KeptValue, _ expiry: Int64?) -> String? {
    guard dialect.hasMilliseconds, let payload = payloads.payload(of: value) else {
      return SavedType.obstacle(value, dialect.target)
    }
    let statesExpiry = dialect.hasStreams
    output.writeArrayHeader(statesExpiry ? 5 : 4)
    output.write("$7\r\nRESTORE\r\n")
    output.writeBulk(key)
    output.writeBulk(decimal: statesExpiry ? expiry ?? 0 : 0)
    output.writeBulk(payload)
    if statesExpiry { output.write("$6\r\nABSTTL\r\n") } else if let expiry { writeExpiry(expiry) }
    return nil
  }

  private mutating func writeExpiry(_ milliseconds: Int64) {
    if dialect.hasMilliseconds {
      output.write("*3\r\n$9\r\nPEXPIREAT\r\n")
      output.writeBulk(key)
      output.writeBulk(decimal: milliseconds)
    } else {
      output.write("*3\r\n$8\r\nEXPIREAT\r\n")
      output.writeBulk(key)
      output.writeBulk(decimal: milliseconds / 1000 + (milliseconds % 1000 > 0 ? 1 : 0))
    }
  }

  /// Begins a command where the next item opens one.
  ///
  /// - Parameters:
  ///   - done: items written so far.
  ///   - count: items of the whole value.
  ///   - width: arguments of an item.
  ///   - most: items of one command.
  private mutating func open(
    _ word: StaticString, done: Int, count: Int, width: Int, most: Int = itemCountMax
  ) {
    guard done % most == 0 else { return }
    output.writeArrayHeader(2 + width * min(most, count - done))
    output.write(word)
    output.writeBulk(key)
  }

  private var pushCountMax: Int { dialect.hasVariadicPushes ? Self.itemCountMax : 1 }

  private mutating func elements(of value: KeptValue, _ word: StaticString) {
    var done = 0
    let count = value.count
    value.forEachElement { element in
      open(word, done: done, count: count, width: 1, most: pushCountMax)
      output.writeBulk(element)
      done += 1
    }
  }

  private mutating func members(of value: KeptValue) {
    var done = 0
    let count = value.count
    value.forEachMember { member, score in
      open("$4\r\nZADD\r\n", done: done, count: count, width: 2, most: pushCountMax)
      write(score)
      output.writeBulk(member)
      done += 1
      return true
    }
  }

  private mutating func write(_ score: Double) {
    if dialect.printsShortest { return ScoreArgument.with(score) { output.writeBulk($0) } }
    withUnsafeTemporaryAllocation(byteCount: ScoreText.byteCountMax, alignment: 8) { room in
      guard let start = room.baseAddress else { return }
      let count = ScoreText.printf17g.write(score, to: start)
      output.writeBulk(Bytes(start: start, count: count))
    }
  }

  private mutating func fields(of value: KeptValue) {
    var done = 0
    let count = value.count
    value.forEachField { field, text, _ in
      open("$5\r\nHMSET\r\n", done: done, count: count, width: 2)
      output.writeBulk(field)
      output.writeBulk(text)
      done += 1
    }
  }

  /// Fields one by one, as servers do where some of them expire.
  private mutating func expiringFields(of value: KeptValue) {
    value.forEachField { field, text, expiry in
      if let expiry, dialect.fieldExpiry == .atOnce {
        output.write("*8\r\n$6\r\nHSETEX\r\n")
        output.writeBulk(key)
        output.write("$4\r\nPXAT\r\n")
        output.writeBulk(decimal: expiry)
        output.write("$6\r\nFIELDS\r\n$1\r\n1\r\n")
        output.writeBulk(field)
        return output.writeBulk(text)
      }
      output.write("*4\r\n$5\r\nHMSET\r\n")
      output.writeBulk(key)
      output.writeBulk(field)
      output.writeBulk(text)
      guard let expiry else { return }
      output.write("*6\r\n$10\r\nHPEXPIREAT\r\n")
      output.writeBulk(key)
      output.writeBulk(decimal: expiry)
      output.write("$6\r\nFIELDS\r\n$1\r\n1\r\n")
      output.writeBulk(field)
    }
  }
}
