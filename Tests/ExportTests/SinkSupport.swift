import RedisCodecs
import RedisModel

@testable import RDB

/// Gathers what a sink drains.
final class Output {
  private(set) var bytes: [UInt8] = []

  func take(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

  /// The bytes as text; invalid UTF-8 shows as U+FFFD.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes as RESP requests, arguments as text; `nil` where they are none.
  var commands: [[String]]? {
    requests?.map { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// The bytes as RESP requests; `nil` where they are none.
  var requests: [[[UInt8]]]? {
    var rest = bytes[...]
    func length(_ mark: Character) -> Int? {
      guard rest.first == mark.asciiValue, let end = rest.firstIndex(of: 13) else { return nil }
      let digits = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
      guard let value = Int(digits), String(value) == digits else { return nil }
      rest = rest[(end + 2)...]
      return value
    }
    var commands: [[[UInt8]]] = []
    while !rest.isEmpty {
      guard let count = length("*") else { return nil }
      var command: [[UInt8]] = []
      for _ in 0..<count {
        guard let size = length("$"), rest.count >= size + 2 else { return nil }
        command.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
        guard rest.starts(with: [13, 10]) else { return nil }
        rest = rest.dropFirst(2)
      }
      commands.append(command)
    }
    return commands
  }

  /// The requests as lines, arguments parted by spaces.
  var lines: [String]? { commands?.map { $0.joined(separator: " ") } }
}

extension Element {
  /// An element of literal text.
  init(_ text: StaticString) {
    self.init(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}

extension StreamID {
  /// An id from two small numbers.
  init(_ milliseconds: UInt64, _ sequence: UInt64 = 0) {
    self.init(milliseconds: milliseconds, sequence: sequence)
  }
}

extension KeyHeader {
  /// A header for a key of literal text, or `nil` where the family has no such type.
  init?(
    _ key: StaticString, _ byte: UInt8, family: RDBFamily = .redis, database: Int = 0,
    expireAtMs: Int64? = nil, idleSeconds: UInt64? = nil, lfu: UInt8? = nil,
    metadata: [KeyMetadata] = []
  ) {
    guard let type = RDBType(byte: byte, family: family) else { return nil }
    self.init(
      database: database,
      key: UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount),
      type: type, expireAtMs: expireAtMs, idleSeconds: idleSeconds, lfu: lfu,
      metadataOwner: metadata.isEmpty ? nil : .passRetained(KeyMetadataBox(metadata)), offset: 0,
      valueOffset: 0)
  }
}
