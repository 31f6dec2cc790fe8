import RedisModel

/// What a server says to one line.
struct ConfVerdict {
  /// Why a value is refused.
  struct Trouble {
    var kind: ConfRefusal.Kind
    var reason: String
    /// The number of the argument it is about, from 0.
    var argument: Int?
  }

  let catalogue: DirectiveCatalogue
  let target: ServerVersion
  let server: Int
  /// From 6.0 on a table with types and bounds decides; before that each line has code of its own.
  let isStrict: Bool

  init(_ target: ServerVersion, _ catalogue: DirectiveCatalogue) {
    self.catalogue = catalogue
    self.target = target
    server = catalogue.server(for: target)
    isStrict = target.product == .valkey || target.major >= 6
  }

  /// Nil when the server takes the line.
  func trouble(_ name: String, _ arguments: [[UInt8]]) -> Trouble? {
    guard let (directive, spelling) = catalogue.find(name) else {
      return Trouble(kind: .unknownName, reason: "there is no directive '\(name)'")
    }
    guard spelling.servers & (1 << UInt32(server)) != 0,
      let variant = directive.variant(server: server)
        ?? directive.variants.first(where: { $0.servers != 0 })
    else { return absence(name, spelling) }
    if let trouble = countTrouble(name, variant, arguments.count) { return trouble }
    switch variant.kind {
    case .special: return specialTrouble(directive.name, arguments)
    case .ignored: return nil
    case .string: return textTrouble(directive.name, arguments)
    default: break
    }
    guard isStrict else { return nil }
    if variant.kind == .enumeration { return wordTrouble(directive, variant, arguments) }
    return arguments.first.flatMap { valueTrouble(directive, variant, $0) }
  }

  private func absence(_ name: String, _ spelling: DirectiveSpelling) -> Trouble {
    let product = target.product.rawValue
    if let gone = spelling.gone.first(where: { $0.hasPrefix("\(product):") }),
      isReached(gone.dropFirst(product.count + 1))
    {
      return Trouble(
        kind: .removed,
        reason: "'\(name)' is gone since \(gone.dropFirst(product.count + 1))")
    }
    if let since = spelling.since.first(where: { $0.hasPrefix("\(product):") }) {
      return Trouble(
        kind: .otherVersion,
        reason: "'\(name)' came with \(since.dropFirst(product.count + 1))")
    }
    let other = target.product == .redis ? "Valkey" : "Redis"
    return Trouble(kind: .otherVersion, reason: "'\(name)' exists in \(other) only")
  }

  private func isReached(_ text: Substring) -> Bool {
    guard let version = try? ServerVersion(target: "\(target.product.rawValue):\(text)") else {
      return true
    }
    return target >= version
  }

  private func countTrouble(
    _ name: String, _ variant: DirectiveVariant, _ count: Int
  ) -> Trouble? {
    let isMulti = variant.flags.contains("multi-arg") || variant.kind == .special
    var low = variant.argumentCountMin ?? (isMulti ? 0 : 1)
    var high = variant.argumentCountMax ?? (isMulti || variant.argumentCountMin != nil ? .max : 1)
    if name == "replicaof" || name == "slaveof" { (low, high) = isStrict ? (1, 2) : (2, 2) }
    if name == "include" || name == "dir" { (low, high) = (1, 1) }
    guard count < low || count > high else { return nil }
    let wanted =
      low == high ? "\(low)" : high == .max ? "\(low) or more" : "\(low) to \(high)"
    return Trouble(
      kind: .argumentCount,
      reason: "'\(name)' takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(count)",
      argument: count > high ? high : nil)
  }

  private func wordTrouble(
    _ directive: Directive, _ variant: DirectiveVariant, _ arguments: [[UInt8]]
  ) -> Trouble? {
    var values = arguments.map { String(decoding: $0, as: UTF8.self).lowercased() }
    if variant.combinesWords {
      values = values.flatMap { $0.split(separator: " ").map(String.init) }
      if values.contains("save"), values.contains("nosave") {
        return Trouble(kind: .valueKind, reason: "save and nosave exclude each other")
      }
      if values.isEmpty {
        return Trouble(
          kind: .valueKind, reason: "expected one of \(variant.words.joined(separator: ", "))")
      }
    }
    for (index, value) in values.enumerated() where !variant.words.contains(value) {
      let isKnown = directive.variants.contains { $0.words.contains(value) }
      return Trouble(
        kind: isKnown ? .word : .valueKind,
        reason: "'\(value)' is none of \(variant.words.joined(separator: ", "))",
        argument: min(index, arguments.count - 1))
    }
    return nil
  }

  private func valueTrouble(
    _ directive: Directive, _ variant: DirectiveVariant, _ value: [UInt8]
  ) -> Trouble? {
    let text = String(decoding: value, as: UTF8.self)
    let number: Int128
    switch variant.kind {
    case .boolean:
      if ["yes", "no"].contains(text.lowercased()) { return nil }
      return Trouble(kind: .valueKind, reason: "'\(text)' is neither yes nor no", argument: 0)
    case .memory:
      if variant.takesPercent, text.hasSuffix("%") {
        guard let share = ConfNumber.integer(text.dropLast()) else {
          return Trouble(kind: .valueKind, reason: "'\(text)' is no percentage", argument: 0)
        }
        number = -share
      } else {
        guard let bytes = ConfNumber.bytes(text, clamps: !target.isAtLeast(.valkey, 9, 1)) else {
          return Trouble(
            kind: .valueKind,
            reason: "'\(text)' is no size: a whole number and b, k, kb, m, mb, g or gb", argument: 0
          )
        }
        number = bytes
      }
    case .octal:
      guard
        let mode = ConfNumber.octal(text, isStrict: target.product == .valkey || target.major >= 7)
      else {
        return Trouble(kind: .valueKind, reason: "'\(text)' is no octal number", argument: 0)
      }
      number = mode
      if variant.minimum == nil, mode < 0 || mode > 0o777 {
        return Trouble(kind: .bounds, reason: "\(text) lies outside 0 to 777", argument: 0)
      }
    default:
      guard let integer = ConfNumber.integer(text[...]) else {
        return Trouble(kind: .valueKind, reason: "'\(text)' is no whole number", argument: 0)
      }
      number = integer
    }
    // 6.x takes what does not fit for the largest number.
    let isClamped =
      variant.kind == .memory && number > 0 && (target.product == .redis && target.major < 7)
    if let low = variant.minimum, let high = variant.maximum,
      number < low || (number > high && !isClamped)
    {
      return Trouble(
        kind: .bounds, reason: "\(text) lies outside \(low) to \(high)", argument: 0)
    }
    return nil
  }
}

/// Numbers as servers from 6.0 on read them.
public enum ConfNumber {
  /// A whole number of 64 bits without sign `+`, blanks or leading zeros.
  public static func integer(_ text: Substring) -> Int128? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text
    guard !digits.isEmpty, digits.utf8.count <= 20,
      digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      digits == "0" || !digits.hasPrefix("0"), let value = Int128(text)
    else { return nil }
    return value >= Int128(Int64.min) && value <= Int128(UInt64.max) ? value : nil
  }

  /// A size; an empty text is 0, and what does not fit into 64 bits is the largest number.
  ///
  /// - Parameter clamps: false to refuse what does not fit.
  public static func bytes(_ text: String, clamps: Bool = true) -> Int128? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count).lowercased()
    let factors: [String: Int128] = [
      "": 1, "b": 1, "k": 1000, "kb": 1024, "m": 1_000_000, "mb": 1 << 20, "g": 1_000_000_000,
      "gb": 1 << 30,
    ]
    guard let factor = factors[unit] else { return nil }
    let largest = Int128(UInt64.max)
    if digits.isEmpty { return unit.isEmpty || unit == "b" ? 0 : 0 }
    guard digits.utf8.count <= 30, let value = Int128(digits) else { return clamps ? largest : nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: factor)
    if overflow || product > largest { return clamps ? largest : nil }
    return product
  }

  /// A number to the base 8; up to 6.2 what follows it is passed over.
  static func octal(_ text: String, isStrict: Bool) -> Int128? {
    if text.isEmpty { return 0 }
    let isNegative = text.hasPrefix("-")
    let rest = isNegative ? text.dropFirst() : text[...]
    let digits = rest.prefix { "01234567".contains($0) }
    if isStrict, digits.count != rest.count { return nil }
    return Int128(digits.isEmpty ? "0" : digits.prefix(20), radix: 8).map { isNegative ? -$0 : $0 }
  }
}
