import ByteKit

/// What an expression yielded.
enum ExpressionValue: Hashable, Sendable {
  case bool(Bool)
  case quantity(ExactNumber, Dimension)
  case text([UInt8])
  case list([ExpressionValue])
  case record(ExpressionRecord)
  /// Not to be had, and why.
  case unknown([UnknownCause])

  static let yes = ExpressionValue.bool(true)
  static let no = ExpressionValue.bool(false)

  /// A plain number.
  static func number(_ value: some BinaryInteger) -> ExpressionValue {
    .quantity(ExactNumber(value), .number)
  }

  /// A text.
  static func text(_ text: some StringProtocol) -> ExpressionValue { .text(Array(text.utf8)) }

  /// The causes, if it is not known.
  var causes: [UnknownCause]? {
    if case .unknown(let causes) = self { return causes }
    return nil
  }

  /// The truth value; nil for unknown and everything else.
  var truth: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }
}

/// Why a value is not known.
enum UnknownCause: Hashable, Sendable {
  /// The fact was not supplied: its name.
  case fact(String)
  /// The target does not know the directive: its name.
  case directive(String)
  /// An entry has no such part: its name.
  case part(String)
  /// A number became too large, or was divided by 0.
  case arithmetic
  /// A pattern took too many steps, or the expression did.
  case limit
  /// A value has another type than its directive usually has.
  case type
}

/// A record: what its fields hold.
struct ExpressionRecord: Hashable, Sendable {
  /// Its kind.
  let kind: RecordKind
  /// The number under which the reading knows it: the user's, the entry's.
  let index: Int
  /// The fields that are known.
  let fields: [String: ExpressionValue]

  /// A field; unknown if this record lacks it.
  func field(_ name: String) -> ExpressionValue {
    fields[name] ?? .unknown([.part(name)])
  }
}

extension ExpressionValue {
  /// The value in a message: `8gb`, `300s`, `yes`, `900s 1, 300s 10`.
  var description: String {
    switch self {
    case .bool(let value): return value ? "yes" : "no"
    case .quantity(let number, let dimension): return QuantityText.text(number, dimension)
    case .text(let bytes): return bytes.isEmpty ? "\"\"" : PrintableText.plain(bytes)
    case .list(let elements):
      if elements.isEmpty { return "none" }
      return elements.map { element in
        if case .list(let inner) = element {
          return inner.map(\.description).joined(separator: " ")
        }
        return element.description
      }.joined(separator: ", ")
    case .record(let record): return (record.fields["name"] ?? .text("")).description
    case .unknown: return "unknown"
    }
  }
}

/// Quantities as they are written in policies, messages and configuration files.
enum QuantityText {
  private static let sizes: [(String, Int128)] = [
    ("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10),
  ]
  private static let times: [(String, Int128)] = [
    ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000),
    ("ms", 1000), ("us", 1),
  ]

  /// `8gb`, `1500b`, `300s`, `5%`, `10mb/s`, `12`.
  static func text(_ number: ExactNumber, _ dimension: Dimension) -> String {
    switch dimension {
    case .number: return number.description
    case .percent: return "\(number)%"
    case .bytes: return size(number)
    case .rate: return size(number) + "/s"
    case .duration:
      guard let whole = number.whole, whole != 0 else {
        return "\(number == .zero ? "0s" : "\(number)us")"
      }
      // Seconds read better than minutes up to an hour or so; nobody counts 5400s in hours.
      let fitting = times.first { whole % $0.1 == 0 && ($0.1 <= 1_000_000 || whole / $0.1 >= 10) }
      guard let fitting else { return "\(whole)us" }
      return "\(whole / fitting.1)\(fitting.0)"
    }
  }

  private static func size(_ number: ExactNumber) -> String {
    guard let whole = number.whole, whole != 0 else {
      return number == .zero ? "0" : "\(number) bytes"
    }
    if let fitting = sizes.first(where: { whole % $0.1 == 0 }) {
      return "\(whole / fitting.1)\(fitting.0)"
    }
    return "\(whole)b"
  }

  /// A quantity as configuration text: sizes with a unit, durations in `unit` microseconds.
  static func configurationText(
    _ number: ExactNumber, _ dimension: Dimension, unit: Int128
  ) -> String? {
    switch dimension {
    case .bytes: return number.whole.map { size(ExactNumber($0)) }
    case .duration:
      let count = ExactNumber(1, over: unit).flatMap { number.multiplied(by: $0) }
      return count?.whole.map { String($0) }
    case .percent: return number.whole.map { "\($0)%" }
    case .number: return number.whole.map { String($0) } ?? number.description
    case .rate: return nil
    }
  }
}
