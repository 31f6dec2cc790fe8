import ByteKit
import RedisCodecs
import RedisModel

/// Answers made of stored values.
extension Keyspace {
  /// The error for an expiry that is not positive or too large.
  func invalidExpiry(_ command: Bytes) -> CommandError {
    let name = command.text.lowercased()
    if dialect.quotesExpire { return .text("ERR invalid expire time in '\(name)' command") }
    // Redis 2.6 names SETEX whatever the command.
    return .text("ERR invalid expire time in \(dialect.age < .since28 ? "SETEX" : name)")
  }

  /// The decimal text of an integer, valid until the next one.
  @inline(__always)
  func integerText(_ value: Int64) -> Bytes {
    Bytes(start: scratch, count: DecimalText.write(value, to: scratch))
  }

  /// The text of a double as answers have it, valid until the next number.
  public func doubleText(_ value: Double) -> Bytes {
    Bytes(
      start: scratch,
      count: DoubleText.write(value, shortest: dialect.printsShortest, to: scratch))
  }

  /// Answers with an element.
  @inline(__always)
  mutating func answer(_ element: Element) {
    if let start = element.start {
      reply.bulk(Bytes(start: start, count: element.count))
    } else {
      reply.bulk(integerText(element.integer))
    }
  }

  /// Answers with a double, as a string.
  mutating func answer(_ value: Double) { reply.bulk(doubleText(value)) }
}
