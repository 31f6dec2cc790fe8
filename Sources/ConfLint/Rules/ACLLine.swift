/// A line that defines a user, as it is written.
struct ACLLine {
  /// A rule of the user with its bytes in the file.
  struct Rule {
    /// The rule without quotes.
    var text: String
    /// Where it stands in the file, quotes included.
    var range: Range<Int>
  }

  /// The line.
  var line: SourceLine
  /// The name of the user.
  var name: String
  /// Where the name stands.
  var nameRange: Range<Int>
  /// The rules in order; a selector in parentheses is one.
  var rules: [Rule]

  /// The users of a file: all lines of an ACL file, the `user` lines of a configuration.
  static func all(in file: RuleFile) -> [ACLLine] {
    guard file.kind != .sentinel || file.lines.count < lineCountMax else { return [] }
    return file.lines.compactMap { line in
      file.isComment(line) ? nil : ACLLine(line, in: file)
    }
  }

  private static let lineCountMax = 1_000_000

  private init?(_ line: SourceLine, in file: RuleFile) {
    let words =
      file.kind == .acl
      ? ACLLine.plainWords(file.bytes, line.range) : WordScan.words(file.bytes, in: line.range)
    guard words.count >= 2, file.bytes[words[0]].loweredText == "user" else { return nil }
    func text(_ range: Range<Int>) -> String {
      var bytes = file.bytes[range]
      if file.kind != .acl, let quote = bytes.first, bytes.count >= 2, bytes.last == quote,
        quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
      {
        bytes = bytes.dropFirst().dropLast()
      }
      return bytes.text
    }
    self.line = line
    name = text(words[1])
    nameRange = words[1]
    rules = []
    var open: Range<Int>?
    for word in words.dropFirst(2) {
      let content = text(word)
      if let start = open {
        let whole = start.lowerBound..<word.upperBound
        open = content.hasSuffix(")") ? nil : whole
        if open == nil { rules.append(Rule(text: file.bytes[whole].text, range: whole)) }
      } else if content.hasPrefix("("), !content.hasSuffix(")") {
        open = word
      } else {
        rules.append(Rule(text: content, range: word))
      }
    }
    if let open { rules.append(Rule(text: file.bytes[open].text, range: open)) }
  }

  private static func plainWords(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start: Int?
    for index in range {
      if bytes[index].isConfBlank {
        if let first = start { result.append(first..<index) }
        start = nil
      } else if start == nil {
        start = index
      }
    }
    if let first = start { result.append(first..<range.upperBound) }
    return result
  }

  /// A place of this line.
  func columns(_ range: Range<Int>) -> Range<Int> {
    let start = line.range.lowerBound
    return range.lowerBound - start + 1..<range.upperBound - start + 1
  }
}

extension ACLLine.Rule {
  /// The rule in lower case, without the secret that it may carry.
  var shown: String {
    guard let mark = text.first, mark == ">" || mark == "<" || mark == "#" || mark == "!" else {
      return text
    }
    return "\(mark)***"
  }

  /// Whether it gives all commands.
  var givesAll: Bool { ["+@all", "allcommands"].contains(text.lowercased()) }
  /// Whether it takes all commands away.
  var takesAll: Bool { ["-@all", "nocommands"].contains(text.lowercased()) }
}
