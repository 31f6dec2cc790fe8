import Engine

/// Answers that chance, the clock or the order of a hash table decide: what a script that is
/// replayed makes of them need not be what its server made.
enum UncertainAnswer {
  /// What the script has seen, or done: the name of the command.
  enum Reason: Equatable {
    /// It has read something, and may go on to write by it.
    case read(String)
    /// It has written something.
    case written(String)
  }

  private static let alwaysUncertain: Set<String> = [
    "SRANDMEMBER", "RANDOMKEY", "TIME", "SCAN", "SSCAN", "HSCAN", "ZSCAN", "HRANDFIELD",
    "ZRANDMEMBER", "LASTSAVE",
  ]
  private static let ofTables: Set<String> = [
    "SMEMBERS", "SINTER", "SUNION", "SDIFF", "KEYS", "HGETALL", "HKEYS", "HVALS",
  ]
  /// Encodings that keep the same order everywhere.
  private static let ordered: Set<String> = ["intset", "ziplist", "listpack", "zipmap"]
  private static let headByteCount = 9
  private static let (nullTag, nullArrayTag, arrayTag): (UInt8, UInt8, UInt8) = (4, 5, 6)

  /// Why an answer is not to be relied on; `nil` where it is.
  ///
  /// - Parameters:
  ///   - parts: the answer, as `ReplyBuffer` keeps it.
  ///   - isSorted: the server sorts answers of sets, and so did we.
  ///   - space: the data; its answer is replaced.
  static func reason(
    _ arguments: Arguments, _ parts: Bytes, isSorted: Bool,
    on space: UnsafeMutablePointer<Keyspace>
  ) -> Reason? {
    let name = String(decoding: arguments[0], as: UTF8.self).uppercased()
    guard parts.count >= headByteCount, parts[0] != nullTag, parts[0] != nullArrayTag else {
      return nil
    }
    if name == "SPOP" { return .written(name) }
    if alwaysUncertain.contains(name) { return .read(name) }
    guard ofTables.contains(name), !isSorted, parts[0] == arrayTag else { return nil }
    let count = parts.loadUnaligned(fromByteOffset: 1, as: Int64.self)
    guard count > (name == "HGETALL" ? 2 : 1) else { return nil }
    let isOfOneKey = name == "SMEMBERS" || name.hasPrefix("H")
    if isOfOneKey, ordered.contains(encoding(of: arguments[1], on: space)) { return nil }
    return .read(name)
  }

  private static func encoding(
    of key: Bytes, on space: UnsafeMutablePointer<Keyspace>
  ) -> String {
    let words: [StaticString] = ["OBJECT", "ENCODING"]
    let parts =
      words.map { Bytes(start: $0.utf8Start, count: $0.utf8CodeUnitCount) } + [key]
    return parts.withUnsafeBufferPointer { parts in
      guard let start = parts.baseAddress else { return "" }
      let arguments = Arguments(start: start, count: parts.count)
      guard case .known(_, let index) = space.pointee.scriptedCommand(arguments),
        space.pointee.call(index, arguments), case .bulk(let text) = space.pointee.reply.value
      else { return "" }
      return String(decoding: text, as: UTF8.self)
    }
  }
}
