import Engine
import RedisModel

extension DatasetLoader {
  /// An empty keyspace that takes DUMP payloads of another server, key by key.
  ///
  /// - Parameters:
  ///   - options: how to hold the data.
  ///   - source: the server that the payloads come from.
  public init(_ options: LoadOptions, payloadsOf source: ServerVersion) {
    self.init(options)
    withKeyspace { $0.payloadCodec = PayloadReader(source) }
  }

  /// Restores a key.
  ///
  /// - Parameters:
  ///   - payload: what DUMP answered.
  ///   - remainingMs: how long after `nowMs` of the options the key expires, milliseconds; `nil`
  ///     for never.
  ///   - database: 0..<databaseCount.
  /// - Returns: why that is not possible; `nil` where it was done.
  public func restore(
    _ key: [UInt8], _ payload: [UInt8], remainingMs: Int64?, database: Int
  ) -> String? {
    // A time of 0 would mean never.
    let time = remainingMs.map { max(1, $0) } ?? 0
    let words = [Array("RESTORE".utf8), key, Array("\(time)".utf8), payload]
    var ranges: [Range<Int>] = []
    var bytes: [UInt8] = []
    for word in words {
      ranges.append(bytes.count..<(bytes.count + word.count))
      bytes += word
    }
    return bytes.withUnsafeBytes { bytes in
      let parts = ranges.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
      return parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return "no command" }
        return withKeyspace { space in
          guard space.select(database) else { return "there is no database \(database)" }
          switch space.execute(Arguments(start: start, count: parts.count)) {
          case .done: return nil
          case .failed, .unknown: return space.reply.lastError
          case .unsupported: return space.unsupportedPart ?? "its type"
          }
        }
      }
    }
  }
}
