import ByteKit

/// Turns what libyaml says about a text into what its author should write instead.
struct YAMLAdvice {
  let text: YAMLText
  /// libyaml's words.
  let problem: String
  /// What libyaml was reading.
  let context: String?
  /// Where it gave up, as an offset into the text's bytes.
  let offset: Int
  /// Where what it was reading began.
  let contextOffset: Int?

  /// A character that YAML excludes.
  static func readerError(
    _ problem: String, character: Int32, at position: YAMLPosition
  ) -> YAMLError {
    let code = character < 0 ? "" : " U+" + String(character, radix: 16, uppercase: true)
    return YAMLError(
      .encoding, "\(problem):\(code) has no place in YAML; in double quotes write an escape",
      at: position)
  }

  /// The error.
  var error: YAMLError {
    if let character = text.restOfLine(from: min(offset, text.bytes.count)).first,
      character == 0x09, problem.contains("start any token") || problem.contains("tab")
    {
      return YAMLError(
        .tab, "a tab cannot indent: use blanks", at: text.position(ofOffset: offset))
    }
    for place in [offset, contextOffset].compactMap({ $0 }) {
      if let advice = adviceAboutValue(at: place) { return advice }
    }
    var message = context.map { "\($0): \(problem)" } ?? problem
    if message.contains("mapping values are not allowed") {
      message = "a ': ' stands inside a value: quote the value, or start a new line"
    } else if message.contains("could not find expected ':'") {
      message = "this line is no 'key: value': a ':' is missing, or the line is not indented enough"
    } else if message.contains("unexpected end of stream") {
      message = "the text ends inside a quoted value: the closing quote is missing"
    } else if message.contains("block mapping") || message.contains("block collection") {
      message = "the indentation does not fit: entries of one map or list start in one column"
    }
    return YAMLError(
      .syntax, PrintableText.line(message),
      at: text.position(ofOffset: min(offset, text.bytes.count))
    )
  }

  /// What to say when the value of the line at `place` starts with a character that means
  /// something else to YAML.
  private func adviceAboutValue(at place: Int) -> YAMLError? {
    let position = text.position(ofOffset: min(place, text.bytes.count))
    let line = Array(text.line(position.line))
    guard let start = valueStart(in: line, before: position.column) else { return nil }
    let meanings: [UInt8: String] = [
      UInt8(ascii: "*"): "'*' starts an alias", UInt8(ascii: "&"): "'&' starts an anchor",
      UInt8(ascii: "@"): "'@' cannot start a plain value",
      UInt8(ascii: "`"): "'`' cannot start a plain value",
      UInt8(ascii: "%"): "'%' cannot start a plain value",
      UInt8(ascii: ">"): "'>' starts a folded block", UInt8(ascii: "|"): "'|' starts a block",
      UInt8(ascii: "{"): "'{' starts a map", UInt8(ascii: "["): "'[' starts a list",
      UInt8(ascii: "!"): "'!' starts a tag",
      UInt8(ascii: "\""): "text follows the closing quote",
      UInt8(ascii: "'"): "text follows the closing quote",
    ]
    guard let meaning = meanings[line[start]] else { return nil }
    let isQuote = line[start] == UInt8(ascii: "\"") || line[start] == UInt8(ascii: "'")
    if isQuote && !problem.contains("did not find expected") { return nil }
    var advice = "quote values that start with \(Character(Unicode.Scalar(line[start])))"
    if isQuote { advice = "put quotes around the whole value" }
    if problem.contains("',' or") {
      advice = "a ',' or the closing bracket is missing; else \(advice)"
    }
    return YAMLError(
      .syntax, "\(meaning): \(advice)",
      at: text.position(ofOffset: place - (position.column - 1) + start))
  }

  /// Where the value of a line starts: behind its last `key: ` or `- ` in front of `column`.
  private func valueStart(in line: [UInt8], before column: Int) -> Int? {
    var index = line.firstIndex { $0 != 0x20 } ?? line.endIndex
    while index + 1 < line.count, line[index] == UInt8(ascii: "-"), line[index + 1] == 0x20 {
      index = line[(index + 1)...].firstIndex { $0 != 0x20 } ?? line.endIndex
    }
    var keyEnd = index
    while keyEnd < line.count, line[keyEnd] > 0x20, line[keyEnd] != UInt8(ascii: ":") {
      keyEnd += 1
    }
    if keyEnd + 1 < line.count, line[keyEnd] == UInt8(ascii: ":"), line[keyEnd + 1] == 0x20 {
      index = line[(keyEnd + 1)...].firstIndex { $0 != 0x20 } ?? line.endIndex
    }
    return index < line.endIndex ? index : nil
  }
}
