/// What an expression yields, as far as the policy alone tells.
indirect enum ValueType: Hashable, Sendable {
  case bool
  /// A number with what it counts.
  case quantity(Dimension)
  case string
  /// Words of which several may hold at once: a workload, an environment.
  case words
  case list(ValueType)
  /// A list of fixed length with a type for each place: `[900s, 1]`.
  case tuple([ValueType])
  case record(RecordKind)
  /// Only the evaluation tells.
  case anything

  static let number = ValueType.quantity(.number)
  static let bytes = ValueType.quantity(.bytes)
  static let duration = ValueType.quantity(.duration)
  /// A point at which a snapshot is made: after so much time, if so many keys changed.
  static let savePoint = ValueType.tuple([.duration, .number])

  /// The type in messages.
  var name: String {
    switch self {
    case .bool: "yes or no"
    case .quantity(let dimension): dimension.name
    case .string: "text"
    case .words: "words"
    case .list(let element): element == .anything ? "a list" : "a list of \(element.name)"
    case .tuple(let elements): "[" + elements.map(\.name).joined(separator: ", ") + "]"
    case .record(let kind): "a \(kind.rawValue)"
    case .anything: "anything"
    }
  }

  /// The type that holds both, nil if there is none.
  func unified(with other: ValueType) -> ValueType? {
    if self == other { return self }
    switch (self, other) {
    case (.anything, _): return other
    case (_, .anything): return self
    case (.list(let left), .list(let right)):
      return left.unified(with: right).map { .list($0) }
    case (.tuple(let left), .tuple(let right)) where left.count == right.count:
      let both = zip(left, right).compactMap { $0.unified(with: $1) }
      return both.count == left.count ? .tuple(both) : nil
    case (.list(let element), .tuple(let elements)), (.tuple(let elements), .list(let element)):
      let all = elements.allSatisfy { $0.unified(with: element) != nil }
      return all ? .list(element) : nil
    case (.list, .words), (.words, .list): return .list(.string)
    default: return nil
    }
  }

  /// The type of the elements; nil if it is no list.
  var element: ValueType? {
    switch self {
    case .list(let element): return element
    case .words: return .string
    case .tuple(let elements):
      return elements.reduce(ValueType.anything as ValueType?) { $0?.unified(with: $1) }
    case .anything: return .anything
    default: return nil
    }
  }
}

/// What a number counts.
enum Dimension: Hashable, Sendable {
  /// Things, or nothing.
  case number
  /// Bytes.
  case bytes
  /// Time, in microseconds.
  case duration
  /// Hundredths.
  case percent
  /// Bytes per second.
  case rate

  var name: String {
    switch self {
    case .number: "a number"
    case .bytes: "bytes"
    case .duration: "a duration"
    case .percent: "a percentage"
    case .rate: "bytes per second"
    }
  }

  /// Microseconds in a second: rates are per second, durations in microseconds.
  static let microsecondsPerSecond = ExactNumber(1_000_000)

  /// What a product counts and by how much the plain product must be divided; nil for nonsense.
  static func product(_ left: Dimension, _ right: Dimension) -> (Dimension, ExactNumber)? {
    switch (left, right) {
    case (.number, let other), (let other, .number): (other, ExactNumber(1))
    case (.percent, .percent): nil
    case (.percent, let other), (let other, .percent): (other, ExactNumber(100))
    case (.rate, .duration), (.duration, .rate): (.bytes, microsecondsPerSecond)
    default: nil
    }
  }

  /// What a quotient counts and by what the plain quotient must be multiplied; nil for nonsense.
  static func quotient(_ left: Dimension, _ right: Dimension) -> (Dimension, ExactNumber)? {
    switch (left, right) {
    case (let same, let other) where same == other: (.number, ExactNumber(1))
    case (let counted, .number): (counted, ExactNumber(1))
    case (.bytes, .duration): (.rate, microsecondsPerSecond)
    case (.bytes, .rate): (.duration, microsecondsPerSecond)
    default: nil
    }
  }
}

/// Records that functions and `for-each` yield.
enum RecordKind: String, Hashable, Sendable {
  case user
  case save
  case buffer
  case rename
  case module
  case include
  case monitor
  case bind
  case entry

  /// The fields of the kind itself.
  private var ownFields: [String: ValueType] {
    switch self {
    case .user:
      [
        "rules": .list(.string), "enabled": .bool, "on": .bool, "nopass": .bool,
        "passwords": .number,
      ]
    case .save: ["seconds": .duration, "changes": .number]
    case .buffer: ["class": .string, "hard": .bytes, "soft": .bytes, "seconds": .duration]
    case .rename: ["from": .string, "to": .string]
    case .module, .include: ["path": .string]
    case .monitor:
      [
        "host": .string, "port": .number, "quorum": .number, "down_after": .duration,
        "down_after_milliseconds": .duration, "failover_timeout": .duration,
        "parallel_syncs": .number, "auth_pass": .bool, "auth_user": .string,
        "notification_script": .string, "reconfig_script": .string,
      ]
    case .bind: ["address": .bool, "optional": .bool, "wildcard": .bool, "loopback": .bool]
    case .entry: [:]
    }
  }

  /// All fields and their types.
  var fields: [String: ValueType] {
    var result: [String: ValueType] = [
      "name": .string, "text": .string, "argc": .number, "args": .list(.string), "line": .number,
      "index": .number,
    ]
    result.merge(ownFields) { _, own in own }
    return result
  }

  /// What `for-each: name` binds `it` to.
  init(forEach name: String) {
    self =
      switch name {
      case "user": .user
      case "save": .save
      case "client-output-buffer-limit": .buffer
      case "rename-command": .rename
      case "loadmodule": .module
      case "include": .include
      case "monitor": .monitor
      case "bind": .bind
      default: .entry
      }
  }
}
