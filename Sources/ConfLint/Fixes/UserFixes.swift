import Findings

/// REP019: the commands that a replica sends.
enum ReplicationUserFix: ComputedFix {
  static let id = "REP019"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    let name = input.scope.answer(.directive, "masteruser").description
    return input.line(ofUser: name).map {
      input.adding("+psync +replconf +ping", to: $0, "allow what replicas send")
    }
  }
}

/// SEC006: nobody is the default user.
enum DefaultUserFix: ComputedFix {
  static let id = "SEC006"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    guard let entry = input.entry else { return nil }
    let range = entry.valueRange
    return Fix(
      "switch the default user off", isSafe: false,
      edits: [
        Fix.Edit(
          file: entry.location.file, offset: range.lowerBound,
          byteCount: range.upperBound - range.lowerBound, replacement: "default off")
      ])
  }
}

/// SEC007: the default user is off beside named users.
enum DefaultUserOffFix: ComputedFix {
  static let id = "SEC007"
  private static let summary = "switch the default user off"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    guard let entry = input.line(ofUser: "default"), let (file, words) = input.words(entry) else {
      // A line of its own; beside an ACL file servers take no user lines.
      guard input.scope.kind == .acl || input.scope.reading.aclDocument == nil else { return nil }
      let end = input.scope.end
      return Fix(
        summary, isSafe: false,
        edits: [
          Fix.Edit(
            file: input.scope.file, offset: end.offset, byteCount: 0,
            replacement: (end.isLineStart ? "" : end.lineBreak) + "user default off"
              + end.lineBreak)
        ])
    }
    let switches = words.dropFirst(2).filter { file.bytes[$0].loweredText == "on" }
    guard !switches.isEmpty else { return input.adding("off", to: entry, summary) }
    return file.fix(summary, isSafe: false, switches.map { ($0, "off") })
  }
}

/// SEC013: channels named as the keys are.
enum ChannelPatternFix: ComputedFix {
  static let id = "SEC013"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    guard let entry = input.entry,
      let index = input.scope.reading.userIndex(entry.record.field("name").description)
    else { return nil }
    var patterns: [String] = []
    for key in input.scope.reading.users[index].keys {
      let pattern = "&" + (key.firstIndex(of: "~").map { key[key.index(after: $0)...] } ?? key[...])
      if !patterns.contains(pattern) { patterns.append(pattern) }
    }
    // Quotes and blanks would need another look at the line.
    guard patterns.allSatisfy({ $0.utf8.allSatisfy { $0.isPlainWord } }) else { return nil }
    if patterns.isEmpty || patterns.contains("&*") {
      return input.adding("&*", to: entry, "name the channels")
    }
    return input.adding(
      "resetchannels " + patterns.joined(separator: " "), to: entry, "name the channels")
  }
}

/// SEC016: without the commands that no application needs.
enum DangerousCommandsFix: ComputedFix {
  static let id = "SEC016"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    guard let entry = input.entry, case .list(let rules) = entry.record.field("rules") else {
      return nil
    }
    // Where the rules end so already, a selector allows what is dangerous.
    if rules.suffix(2).map(\.description) == ["-@dangerous", "-keys"] { return nil }
    return input.adding("-@dangerous -keys", to: entry, "take dangerous commands away")
  }
}

extension ComputedFixInput {
  /// The last line of a user.
  fileprivate func line(ofUser name: String) -> LintEntry? {
    scope.entries(of: "user").last { $0.record.field("name").description == name }
  }
}

extension UInt8 {
  /// Whether it is a printable character that no quoting touches.
  fileprivate var isPlainWord: Bool {
    (0x21..<0x7F).contains(self) && self != UInt8(ascii: "\"") && self != UInt8(ascii: "'")
      && self != UInt8(ascii: "\\")
  }
}
