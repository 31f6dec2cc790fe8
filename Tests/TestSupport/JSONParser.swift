/// A strict reader of JSON (RFC 8259) that shares nothing with the writers under test.
struct JSONParser {
  private let bytes: [UInt8]
  private var offset = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() throws -> JSONValue {
    let value = try value()
    skipSpace()
    guard offset == bytes.count else { throw failure("the end") }
    return value
  }

  private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func failure(_ expected: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: offset, expected: expected)
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0a).contains(byte) || byte == 0x0d {
      offset += 1
    }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard accept(character) else { throw failure("'\(character)'") }
  }

  private mutating func value() throws -> JSONValue {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[offset...].starts(with: text.utf8) else { throw failure(text) }
    offset += text.utf8.count
    return value
  }

  private mutating func object() throws -> JSONValue {
    try expect("{")
    var members: [JSONValue.Member] = []
    if accept("}") { return .object(members) }
    repeat {
      skipSpace()
      let name = try string()
      try expect(":")
      members.append(.init(name: name, value: try value()))
    } while accept(",")
    try expect("}")
    return .object(members)
  }

  private mutating func array() throws -> JSONValue {
    try expect("[")
    var elements: [JSONValue] = []
    if accept("]") { return .array(elements) }
    repeat { elements.append(try value()) } while accept(",")
    try expect("]")
    return .array(elements)
  }

  private mutating func digits() throws {
    guard let byte = current, (0x30...0x39).contains(byte) else { throw failure("a digit") }
    while let byte = current, (0x30...0x39).contains(byte) { offset += 1 }
  }

  private mutating func number() throws -> String {
    let start = offset
    if current == UInt8(ascii: "-") { offset += 1 }
    let leadingZero = current == UInt8(ascii: "0")
    let integerStart = offset
    try digits()
    if leadingZero, offset - integerStart > 1 { throw failure("no leading zero") }
    if current == UInt8(ascii: ".") {
      offset += 1
      try digits()
    }
    if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if let sign = current, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
      try digits()
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func string() throws -> String {
    guard current == UInt8(ascii: "\"") else { throw failure("a string") }
    offset += 1
    var text: [UInt8] = []
    while let byte = current {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let checked = String(validating: text, as: UTF8.self) else {
          throw failure("valid UTF-8 before this place")
        }
        return checked
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case 0..<0x20: throw failure("no control character")
      default: text.append(byte)
      }
    }
    throw failure("the end of a string")
  }

  private mutating func escape() throws -> [UInt8] {
    guard let byte = current else { throw failure("an escape") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw failure("an escape")
    }
  }

  private mutating func unicodeEscape() throws -> [UInt8] {
    var units = [try codeUnit()]
    if UTF16.isLeadSurrogate(units[0]) {
      guard accept("\\"), accept("u") else { throw failure("a low surrogate") }
      units.append(try codeUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw failure("a pair of surrogates before this place")
    }
    return Array(text.utf8)
  }

  private mutating func codeUnit() throws -> UInt16 {
    guard offset + 4 <= bytes.count,
      bytes[offset..<offset + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
    else { throw failure("four hex digits") }
    offset += 4
    return unit
  }
}
