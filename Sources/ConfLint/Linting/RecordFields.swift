import RedisConf

/// Text of a configuration as a value of its directive's type.
enum DirectiveText {
  /// The value; unknown when a server without checks took something else.
  static func value(_ text: String, _ type: DirectiveType) -> ExpressionValue {
    switch type.type {
    case .bool: return .bool(text.lowercased() == "yes")
    case .quantity(.bytes):
      if text.hasSuffix("%"), let share = Int(text.dropLast()) {
        return .quantity(ExactNumber(share), .percent)
      }
      return bytes(text)
    case .quantity(.duration):
      return Int128(text).map { .quantity(ExactNumber($0 * type.unit), .duration) }
        ?? .unknown([.type])
    case .quantity:
      let radix = type.isOctal ? 8 : 10
      return Int128(text.isEmpty ? "0" : text, radix: radix).map { .number($0) }
        ?? .unknown([.type])
    default: return .text(text)
    }
  }

  /// A size.
  static func bytes(_ text: String) -> ExpressionValue {
    ConfNumber.bytes(text).map { .quantity(ExactNumber($0), .bytes) } ?? .unknown([.type])
  }
}

/// The fields of records.
enum RecordFields {
  static func user(_ user: ConfUser) -> [String: ExpressionValue] {
    [
      "name": .text(user.name), "rules": .list(user.rules.map { .text($0) }),
      "enabled": .bool(user.isOn), "on": .bool(user.isOn), "nopass": .bool(user.needsNoPassword),
      "passwords": .number(user.passwordCount), "text": .text(user.name),
    ]
  }

  /// The fields of one address; a line without any, which no server takes, has none.
  static func bind(_ arguments: [String]) -> [String: ExpressionValue] {
    guard let address = arguments.first.map({ Array($0.utf8) }) else { return [:] }
    return [
      "address": .bool(AddressClass.isAddress(address)),
      "optional": .bool(address.first == UInt8(ascii: "-")),
      "wildcard": .bool(AddressClass.isWildcard(address)),
      "loopback": .bool(AddressClass.isLoopback(address)),
    ]
  }

  static func save(_ arguments: [String]) -> [String: ExpressionValue] {
    let numbers = arguments.flatMap { $0.split(separator: " ") }.compactMap { Int($0) }
    guard numbers.count >= 2 else { return [:] }
    return ["seconds": seconds(numbers[0]), "changes": .number(numbers[1])]
  }

  static func buffer(_ arguments: [String]) -> [String: ExpressionValue] {
    guard arguments.count >= 4 else {
      return arguments.first.map { ["class": .text($0)] } ?? [:]
    }
    return [
      "class": .text(arguments[0]), "hard": DirectiveText.bytes(arguments[1]),
      "soft": DirectiveText.bytes(arguments[2]),
      "seconds": Int(arguments[3]).map { seconds($0) } ?? .unknown([.type]),
    ]
  }

  static func defaultBuffer(_ name: String) -> [String: ExpressionValue] {
    switch name {
    case "replica": buffer(["replica", "256mb", "64mb", "60"])
    case "pubsub": buffer(["pubsub", "32mb", "8mb", "60"])
    default: buffer([name, "0", "0", "0"])
    }
  }

  /// - Parameter options: what other lines set for the same name.
  static func monitor(
    _ arguments: [String], _ options: [String: String]
  ) -> [String: ExpressionValue] {
    guard arguments.count >= 5 else {
      return arguments.count > 1 ? ["name": .text(arguments[1])] : [:]
    }
    let name = arguments[1]
    func milliseconds(_ verb: String, _ standard: Int) -> ExpressionValue {
      let value = options[verb].map { Int($0) ?? 0 } ?? standard
      return .quantity(ExactNumber(Int128(value) * 1000), .duration)
    }
    let downAfter = milliseconds("down-after-milliseconds", 30_000)
    return [
      "name": .text(name), "host": .text(arguments[2]), "port": .number(Int(arguments[3]) ?? 0),
      "quorum": .number(Int(arguments[4]) ?? 0), "down_after": downAfter,
      "down_after_milliseconds": downAfter,
      "failover_timeout": milliseconds("failover-timeout", 180_000),
      "parallel_syncs": .number(options["parallel-syncs"].map { Int($0) ?? 0 } ?? 1),
      "auth_pass": .bool(options["auth-pass"] != nil),
      "auth_user": .text(options["auth-user"] ?? ""),
      "notification_script": .text(options["notification-script"] ?? ""),
      "reconfig_script": .text(options["client-reconfig-script"] ?? ""),
    ]
  }

  private static func seconds(_ value: Int) -> ExpressionValue {
    .quantity(ExactNumber(Int128(value) * 1_000_000), .duration)
  }
}
