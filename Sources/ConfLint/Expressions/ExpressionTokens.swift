import ByteKit

/// What is wrong with an expression.
struct ExpressionError: Error, Equatable {
  /// What was found and what was expected.
  let message: String
  /// Where, in bytes from the start of the expression.
  let offset: Int

  init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }
}

/// A word or mark of an expression.
struct ExpressionToken {
  enum Kind: Equatable {
    case number(ExactNumber, Dimension)
    case string([UInt8])
    /// A name, or one of the words `and or not in matches true false`.
    case word(String)
    /// An operator or bracket.
    case mark(String)
    case end
  }

  let kind: Kind
  let offset: Int

  /// The token in messages.
  var name: String {
    switch kind {
    case .number: "a number"
    case .string(let bytes): "'\(PrintableText.plain(bytes))'"
    case .word(let word): "'\(word)'"
    case .mark(let mark): "'\(mark)'"
    case .end: "the end"
    }
  }
}

/// Cuts an expression into tokens.
struct ExpressionTokens {
  /// Bytes of an expression.
  static let byteCountMax = 4096

  private let bytes: [UInt8]
  private var position = 0

  /// - Throws: if the text is too long.
  init(_ text: String) throws(ExpressionError) {
    bytes = Array(text.utf8)
    guard bytes.count <= ExpressionTokens.byteCountMax else {
      throw ExpressionError(
        "the expression has \(bytes.count) bytes, at most \(ExpressionTokens.byteCountMax) "
          + "are read",
        at: 0)
    }
  }

  /// The next token; `.end` at the end, as often as it is asked for.
  mutating func next() throws(ExpressionError) -> ExpressionToken {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
    let start = position
    guard position < bytes.count else { return ExpressionToken(kind: .end, offset: start) }
    let kind: ExpressionToken.Kind
    switch bytes[position] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      kind = try number()
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      kind = .string(try string())
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      kind = .word(word())
    default:
      kind = .mark(try mark())
    }
    return ExpressionToken(kind: kind, offset: start)
  }

  private mutating func word() -> String {
    let start = position
    while position < bytes.count, ExpressionTokens.isWordByte(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == UInt8(ascii: "_")
  }

  private mutating func mark() throws(ExpressionError) -> String {
    let first = bytes[position]
    let second = position + 1 < bytes.count ? bytes[position + 1] : 0
    let isPair =
      second == UInt8(ascii: "=") && "=!<>".utf8.contains(first)
    if isPair {
      position += 2
      return String(decoding: [first, second], as: UTF8.self)
    }
    guard "<>+-*/()[],.".utf8.contains(first) else { throw unexpectedMark(first, second) }
    position += 1
    return String(decoding: [first], as: UTF8.self)
  }

  private func unexpectedMark(_ first: UInt8, _ second: UInt8) -> ExpressionError {
    let instead =
      switch (first, second) {
      case (UInt8(ascii: "="), _): "'=' compares nothing: write =="
      case (UInt8(ascii: "&"), _): "write 'and'"
      case (UInt8(ascii: "|"), _): "write 'or'"
      case (UInt8(ascii: "!"), _): "write 'not'"
      case (UInt8(ascii: "%"), _): "'%' follows a number, without a blank"
      case (UInt8(ascii: "{"), _), (UInt8(ascii: "}"), _): "braces belong into messages only"
      default:
        PrintableText.quoted(Array(bytes[position...].prefix(1))) + " has no meaning here"
      }
    return ExpressionError(instead, at: position)
  }

  private mutating func string() throws(ExpressionError) -> [UInt8] {
    let start = position
    let quote = bytes[position]
    position += 1
    var result: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == quote { return result }
      // Other backslashes stay, so that patterns need no second one.
      if byte == UInt8(ascii: "\\"), position < bytes.count,
        [quote, UInt8(ascii: "\\")].contains(bytes[position])
      {
        result.append(bytes[position])
        position += 1
      } else {
        result.append(byte)
      }
    }
    throw ExpressionError("the text in quotes does not end", at: start)
  }

  private mutating func number() throws(ExpressionError) -> ExpressionToken.Kind {
    let start = position
    while position < bytes.count,
      ExpressionTokens.isWordByte(bytes[position]) || bytes[position] == UInt8(ascii: "%")
        || isPoint(position)
    {
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    do {
      let quantity = try QuantityParser.parse(text, units: .expression)
      return .number(quantity.number, quantity.dimension)
    } catch {
      throw ExpressionError(error.message, at: start)
    }
  }

  private func isPoint(_ position: Int) -> Bool {
    bytes[position] == UInt8(ascii: ".") && position + 1 < bytes.count
      && (48...57).contains(bytes[position + 1])
  }
}
