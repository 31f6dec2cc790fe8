import ByteKit

/// What a server answers, in the second version of its protocol.
public enum RESPReply: Equatable, Sendable {
  /// A line, such as OK.
  case status(String)
  /// An error.
  case error(String)
  /// A number.
  case integer(Int64)
  /// Bytes; `nil` for none.
  case bulk([UInt8]?)
  /// Several answers; `nil` for none.
  case array([RESPReply]?)

  /// The bytes, if it has some.
  public var bytes: [UInt8]? {
    switch self {
    case .bulk(let bytes): bytes
    case .status(let text): Array(text.utf8)
    case .error, .integer, .array: nil
    }
  }
}

/// Reads answers from a server, each whole, within limits.
public struct RESPReplyReader {
  /// A longer string is none that a server has.
  public static let bulkByteCountMax = 1 << 30
  /// A longer answer is none to any question that is asked here.
  static let arrayCountMax = 1 << 20
  private static let depthMax = 8
  private static let lineByteCountMax = 64 << 10
  private static let pieceByteCount = 64 << 10

  private let source: any ByteSource
  private var held: [UInt8] = []
  private var start = 0

  /// Reads from `source`.
  public init(_ source: any ByteSource) { self.source = source }

  /// The next answer.
  ///
  /// - Throws: where it does not come, or is none.
  public mutating func next() throws(InputError) -> RESPReply { try next(depth: 0) }

  private mutating func next(depth: Int) throws(InputError) -> RESPReply {
    let line = try line()
    let text = String(decoding: line.dropFirst(), as: UTF8.self)
    switch line.first {
    case UInt8(ascii: "+"): return .status(text)
    case UInt8(ascii: "-"): return .error(text)
    case UInt8(ascii: ":"):
      guard let number = Int64(text) else { throw Self.trouble("a number that is none") }
      return .integer(number)
    case UInt8(ascii: "$"):
      guard let count = try count(text, Self.bulkByteCountMax) else { return .bulk(nil) }
      return .bulk(try bytes(count))
    case UInt8(ascii: "*"):
      guard let count = try count(text, Self.arrayCountMax) else { return .array(nil) }
      guard depth < Self.depthMax else { throw Self.trouble("an answer that nests too deep") }
      var items: [RESPReply] = []
      for _ in 0..<count { items.append(try next(depth: depth + 1)) }
      return .array(items)
    default: throw Self.trouble("bytes that are no answer of a Redis or Valkey server")
    }
  }

  private static func trouble(_ what: String) -> InputError {
    InputError(.system, at: 0, "the server sent \(what)")
  }

  /// A length; `nil` for -1.
  private func count(_ text: String, _ most: Int) throws(InputError) -> Int? {
    guard let count = Int(text), count >= -1, count <= most else {
      throw Self.trouble("a length of '\(PrintableText.line(String(text.prefix(20))))'")
    }
    return count < 0 ? nil : count
  }

  /// Everything up to CR LF, which is passed over.
  private mutating func line() throws(InputError) -> [UInt8] {
    var looked = start
    while true {
      if let end = held[looked...].firstIndex(of: 0x0A) {
        let line = Array(held[start..<end])
        start = end + 1
        return line.last == 0x0D ? line.dropLast() : line
      }
      guard held.count - start < Self.lineByteCountMax else {
        throw Self.trouble("a line without an end")
      }
      let count = held.count - start
      try fill()
      looked = start + count
    }
  }

  private mutating func bytes(_ count: Int) throws(InputError) -> [UInt8] {
    while held.count - start < count + 2 { try fill() }
    let bytes = Array(held[start..<(start + count)])
    start += count + 2
    return bytes
  }

  /// Gets more; what was given out goes.
  private mutating func fill() throws(InputError) {
    if start > 0 {
      held.removeSubrange(..<start)
      start = 0
    }
    var failure: InputError?
    let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceByteCount) { room, filled in
      do throws(InputError) {
        filled = try source.read(into: UnsafeMutableRawBufferPointer(room))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard !piece.isEmpty else { throw Self.trouble("nothing more: it closed the connection") }
    held += piece
  }
}
