/// What a server answers, as a tree.
public enum ReplyValue: Equatable, Sendable {
  /// `+OK` and the like.
  case status(String)
  /// An error, with its code in front.
  case error(String)
  /// An integer.
  case integer(Int64)
  /// A string.
  case bulk([UInt8])
  /// No string.
  case null
  /// No array; RESP2 knows two kinds of nothing.
  case nullArray
  /// An array.
  case array([ReplyValue])
}

/// The answer to one command, in the making: a run of tagged parts, arrays with their count in
/// front.
///
/// Nothing is kept of it where nobody asks, as in a replay, but errors and their number.
public struct ReplyBuffer {
  /// What a part is. The numbers are those of answers that scripts give and get.
  private enum Tag: UInt8 {
    case status, error, integer, bulk, null, nullArray, array
  }

  /// Whether only errors are kept.
  public var keepsOnlyErrors = false
  /// Errors since `removeAll`, those within a transaction's answer too.
  public private(set) var errorCount = 0
  /// The last error.
  public private(set) var lastError = ""
  private var bytes: [UInt8] = []

  /// No answer.
  public init() {}

  /// Forgets the answer.
  mutating func removeAll() {
    if !bytes.isEmpty { bytes.removeAll(keepingCapacity: true) }
    errorCount = 0
  }

  /// Calls `body` with the parts as they are kept: a tag, 8 bytes in the machine's order, and for
  /// texts as many bytes as these say.
  public func withParts<R>(_ body: (Bytes) -> R) -> R { bytes.withUnsafeBytes(body) }

  /// Appends parts that are whole, as `withParts` has them.
  public mutating func append(parts: Bytes) {
    if !keepsOnlyErrors { bytes.append(contentsOf: parts) }
  }

  /// The answer as a tree; `nil` where there is none.
  public var value: ReplyValue? {
    var offset = 0
    return read(&offset)
  }

  private func read(_ offset: inout Int) -> ReplyValue? {
    guard offset + 9 <= bytes.count, let tag = Tag(rawValue: bytes[offset]) else { return nil }
    let word = bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: offset + 1, as: Int64.self)
    }
    offset += 9
    switch tag {
    case .integer: return .integer(word)
    case .null: return .null
    case .nullArray: return .nullArray
    case .array:
      var elements: [ReplyValue] = []
      for _ in 0..<word {
        guard let element = read(&offset) else { return nil }
        elements.append(element)
      }
      return .array(elements)
    case .status, .error, .bulk:
      let text = Array(bytes[offset..<(offset + Int(word))])
      offset += Int(word)
      if tag == .bulk { return .bulk(text) }
      let string = String(decoding: text, as: UTF8.self)
      return tag == .status ? .status(string) : .error(string)
    }
  }

  // MARK: writing

  @inline(never)
  private mutating func put(_ tag: Tag, _ word: Int64, _ text: Bytes = Bytes(start: nil, count: 0))
  {
    bytes.append(tag.rawValue)
    withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text)
  }

  /// `+OK`.
  @inline(__always)
  public mutating func ok() { status("OK") }

  /// A status.
  @inline(__always)
  public mutating func status(_ text: StaticString) {
    if keepsOnlyErrors { return }
    put(.status, Int64(text.utf8CodeUnitCount), text.bytes)
  }

  /// A status made of data.
  public mutating func status(text: String) {
    if keepsOnlyErrors { return }
    var text = text
    text.withUTF8 { put(.status, Int64($0.count), Bytes($0)) }
  }

  /// An integer.
  @inline(__always)
  public mutating func integer(_ value: Int64) {
    if keepsOnlyErrors { return }
    put(.integer, value)
  }

  /// An integer.
  @inline(__always)
  public mutating func integer(_ value: Int) { integer(Int64(value)) }

  /// 1 or 0.
  @inline(__always)
  mutating func flag(_ value: Bool) { integer(value ? 1 : 0) }

  /// A string.
  @inline(__always)
  public mutating func bulk(_ text: Bytes) {
    if keepsOnlyErrors { return }
    put(.bulk, Int64(text.count), text)
  }

  /// No string.
  @inline(__always)
  public mutating func null() {
    if keepsOnlyErrors { return }
    put(.null, 0)
  }

  /// No array.
  @inline(__always)
  public mutating func nullArray() {
    if keepsOnlyErrors { return }
    put(.nullArray, 0)
  }

  /// The head of an array; `count` parts follow.
  @inline(__always)
  public mutating func array(_ count: Int) {
    if keepsOnlyErrors { return }
    put(.array, Int64(count))
  }

  /// An error, in place of what was written since `mark`.
  public mutating func error(_ text: String, since mark: Int = 0) {
    errorCount += 1
    lastError = text
    bytes.removeLast(bytes.count - mark)
    if keepsOnlyErrors { return }
    var text = text
    text.withUTF8 { put(.error, Int64($0.count), Bytes($0)) }
  }

  /// Where the next part begins.
  public var mark: Int { bytes.count }
}
