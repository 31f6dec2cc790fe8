import ByteKit
import RESP
import RedisModel
import Replay

/// The data of a server that runs, asked for and never changed.
struct LiveDataset {
  /// By how much moments of expiry may differ: servers tell what remains, and asking takes time.
  static let expiryToleranceMs: Int64 = 2000
  /// Keys that are asked for at once.
  private static let batchCount = 100

  private let address: ServerAddress
  private let options: LoadOptions
  private var session: ServerSession?
  private var version: ServerVersion?

  /// The data of the server at `address`, which are to be held as `options` say.
  init(_ address: ServerAddress, _ options: LoadOptions) {
    self.address = address
    self.options = options
  }

  private func trouble(_ what: String) -> InputError { InputError(.system, at: 0, what) }

  private mutating func ask(
    _ questions: [ServerSession.Question]
  ) throws(InputError) -> [RESPReply] {
    if session == nil { session = try ServerSession(address) }
    guard var asked = session else { return [] }
    defer { session = asked }
    return try asked.ask(questions)
  }

  /// A member of INFO.
  private mutating func info(_ section: String) throws(InputError) -> [String: String] {
    let reply = try ask([.info(section)]).first
    if case .error(let message) = reply {
      throw trouble("the server does not answer INFO: \(message)")
    }
    let text = String(decoding: reply?.bytes ?? [], as: UTF8.self)
    let members = text.split(whereSeparator: \.isNewline).compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
    return Dictionary(members) { first, _ in first }
  }

  private mutating func serverVersion() throws(InputError) -> ServerVersion {
    if let version { return version }
    let members = try info("server")
    let text =
      members["valkey_version"].map { "valkey:\($0)" }
      ?? members["redis_version"].map { "redis:\($0)" }
    guard let text, let found = try? ServerVersion(target: text) else {
      throw trouble("the server does not say which version it is")
    }
    version = found
    return found
  }

  /// DEBUG DIGEST; `nil` where it is not allowed, or would be computed otherwise by `target`.
  mutating func digest(asComputedBy target: ServerVersion) throws(InputError) -> Digest160? {
    guard DigestRules(try serverVersion()) == DigestRules(target) else { return nil }
    guard case .status(let text) = try ask([.digest]).first else { return nil }
    return Digest160(text)
  }

  /// All keys, read one by one.
  mutating func copy() throws(InputError) -> DatasetLoader {
    let loader = DatasetLoader(options, payloadsOf: try serverVersion())
    let numbers = try info("keyspace").keys.compactMap {
      $0.hasPrefix("db") ? Int($0.dropFirst(2)) : nil
    }
    for number in numbers.sorted() {
      if case .error(let message) = try ask([.select(number)]).first {
        throw trouble("the server does not choose database \(number): \(message)")
      }
      try copy(database: number, to: loader)
    }
    loader.finish()
    return loader
  }

  private mutating func copy(
    database: Int, to loader: borrowing DatasetLoader
  ) throws(InputError) {
    var cursor = Array("0".utf8)
    repeat {
      let reply = try ask([.scan(cursor: cursor, count: Self.batchCount)]).first
      guard case .array(let parts?) = reply, parts.count == 2, let next = parts[0].bytes,
        case .array(let keys?) = parts[1]
      else {
        guard case .error(let message) = reply else { throw trouble("the answer to SCAN is odd") }
        throw trouble("the server does not answer SCAN: \(message)")
      }
      let names = keys.compactMap(\.bytes)
      for start in stride(from: 0, to: names.count, by: Self.batchCount) {
        let some = names[start..<min(names.count, start + Self.batchCount)]
        try copy(Array(some), database: database, to: loader)
      }
      cursor = next
    } while cursor != Array("0".utf8)
  }

  private mutating func copy(
    _ names: [[UInt8]], database: Int, to loader: borrowing DatasetLoader
  ) throws(InputError) {
    let elapsed = Clock.nowMs - options.nowMs
    let replies = try ask(names.flatMap { [.dump($0), .expiry($0)] })
    for (index, name) in names.enumerated() where 2 * index + 1 < replies.count {
      // SCAN may give a key twice, and one that is gone has no payload.
      let isKnown = name.withUnsafeBytes { name in
        loader.withKeyspace { $0.hasKey(name, database: database) }
      }
      if isKnown { continue }
      switch (replies[2 * index], replies[2 * index + 1]) {
      case (.bulk(nil), _): continue
      case (.bulk(let payload?), .integer(let time)):
        let remaining = time < 0 ? nil : time + elapsed
        let gap = loader.restore(name, payload, remainingMs: remaining, database: database)
        if let gap {
          throw trouble("the key \(PrintableText.quoted(name)) cannot be held here: \(gap)")
        }
      case (.error(let message), _), (_, .error(let message)):
        throw trouble("the server does not answer DUMP and PTTL: \(message)")
      default: throw trouble("the answer to DUMP or PTTL is odd")
      }
    }
  }
}
