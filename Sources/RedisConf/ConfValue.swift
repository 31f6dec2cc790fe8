import RedisModel

/// The numbers of directives, as one server takes them.
enum ConfValue {
  /// A number that a server took.
  enum Number: Equatable {
    /// 64 bits; whether they have a sign is the directive's.
    case bits(Int64)
    /// A share of `maxmemory`.
    case percent(Int64)
  }

  /// Why a number is refused, with the server's message.
  enum Failure: Error {
    case unreadable(String)
    case outside(Int128, Int128, String)
  }

  /// Reads `text` as the value of the directive `name`.
  static func number(
    _ text: String, _ name: String, _ variant: DirectiveVariant, _ verdict: ConfVerdict
  ) -> Result<Number, Failure> {
    guard verdict.isStrict else { return legacy(text, name, variant, verdict.server) }
    let value: Int64
    switch variant.kind {
    case .memory:
      if variant.takesPercent, text.hasSuffix("%") { return percent(text.dropLast()) }
      guard let size = size(text, variant, verdict) else {
        return .failure(
          .unreadable(
            variant.takesPercent
              ? "argument must be a memory or percent value" : "argument must be a memory value"))
      }
      value = size
    case .octal:
      let (mode, isWhole) = ConfNumber.octal(text)
      guard verdict.isSeven else {
        return (0...0o777).contains(mode)
          ? .success(.bits(mode))
          : .failure(.outside(0, 0o777, "Invalid socket file permissions"))
      }
      guard isWhole else {
        return .failure(.unreadable("argument couldn't be parsed as an octal number"))
      }
      value = mode
    default:
      guard let integer = ConfNumber.integer(text) else {
        return .failure(.unreadable("argument couldn't be parsed into an integer"))
      }
      value = integer
    }
    return checked(value, variant)
  }

  private static func checked(
    _ value: Int64, _ variant: DirectiveVariant
  ) -> Result<Number, Failure> {
    guard let low = variant.minimum, let high = variant.maximum else {
      return .success(.bits(value))
    }
    let number = variant.isUnsigned ? Int128(UInt64(bitPattern: value)) : Int128(value)
    guard number < low || number > high else { return .success(.bits(value)) }
    let isOctal = variant.kind == .octal
    let bounds =
      isOctal
      ? "\(String(low, radix: 8)) and \(String(high, radix: 8))" : "\(low) and \(high)"
    return .failure(.outside(low, high, "argument must be between \(bounds) inclusive"))
  }

  private static func percent(_ text: Substring) -> Result<Number, Failure> {
    guard let share = ConfNumber.integer(text), share >= 0 else {
      return .failure(.unreadable("argument must be a memory or percent value"))
    }
    guard share <= 100 else {
      return .failure(.outside(0, 100, "percentage argument must be less or equal to 100"))
    }
    return .success(.percent(share))
  }

  private static func size(
    _ text: String, _ variant: DirectiveVariant, _ verdict: ConfVerdict
  ) -> Int64? {
    // 6.0 has a size outside its table, with the code of the versions before.
    guard let minimum = variant.minimum else {
      return LegacyCheck.size(text, server: verdict.server)
    }
    let mayBeNegative = minimum < 0 && !variant.takesPercent
    if !verdict.isSeven || (mayBeNegative && text.hasPrefix("-")) {
      return ConfNumber.signedBytes(text).flatMap { $0 >= 0 || mayBeNegative ? $0 : nil }
    }
    return ConfNumber.bytes(text, clamps: !verdict.target.isAtLeast(.valkey, 9, 1))
      .map { Int64(truncatingIfNeeded: $0) }
  }

  private static func legacy(
    _ text: String, _ name: String, _ variant: DirectiveVariant, _ server: Int
  ) -> Result<Number, Failure> {
    if variant.kind == .octal {
      let mode = ConfNumber.octal(text).value
      return (0...0o777).contains(mode)
        ? .success(.bits(mode))
        : .failure(.outside(0, 0o777, "Invalid socket file permissions"))
    }
    if variant.kind == .memory, LegacyCheck.check(of: name, server: server) == nil {
      return .success(.bits(LegacyCheck.size(text, server: server)))
    }
    switch LegacyCheck.number(text, of: name, server: server) {
    case .success(let value): return .success(.bits(value))
    case .failure(let refused):
      let check = LegacyCheck.check(of: name, server: server)
      return .failure(
        .outside(
          Int128(check?.minimum ?? .min), Int128(check?.maximum ?? .max), refused.message))
    }
  }
}
