import RESP

// Reading a manifest as servers do; commands.md of the fact sheet, section 5.
extension AOFManifest {
  /// Reads the bytes of a manifest.
  public init(parsing bytes: [UInt8]) {
    self.init([])
    var offset = 0
    var line = 0
    while offset < bytes.count {
      line += 1
      let rest = bytes[offset...]
      let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
      if let message = take(rest[..<end], line: line) {
        problems.append(Problem(line: line, offset: offset, message: message))
      }
      offset = end
    }
    if line == 0 {
      problems.append(Problem(line: 1, offset: 0, message: "the manifest is empty"))
    } else if entries.isEmpty, problems.isEmpty {
      problems.append(
        Problem(
          line: line, offset: 0, message: "the manifest names no file: servers start empty",
          startsEmpty: true))
    }
  }

  /// Whether `bytes` begin as a manifest: the first line that is no comment names a file.
  static func looksLikeManifest(_ bytes: [UInt8]) -> Bool {
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    where line.first != UInt8(ascii: "#") {
      let words = QuotedText.words(Array(line)) ?? []
      let keys = stride(from: 0, to: words.count, by: 2).map { lowercased(words[$0]) }
      return words.count >= 4 && keys.contains("file") && keys.contains("seq")
    }
    return false
  }

  /// Takes one line, its line end included. What is wrong with it, or `nil`.
  private mutating func take(_ line: ArraySlice<UInt8>, line number: Int) -> String? {
    // Of a longer comment servers take the rest for a line of its own.
    guard line.count <= Self.lineByteCountMax else {
      return "a line of \(line.count) bytes; servers take \(Self.lineByteCountMax)"
    }
    if line.first == UInt8(ascii: "#") { return nil }
    // What follows a zero byte is not seen by servers, the line end neither.
    if line.contains(0) { return "a zero byte" }
    guard line.last == 0x0A else { return "the last line has no line end" }
    guard let words = QuotedText.words(Array(line)) else {
      return "a quote that is not closed, or text right behind one"
    }
    guard !words.isEmpty else { return "a blank line" }
    guard words.count >= 6, words.count.isMultiple(of: 2) else {
      return
        "\(words.count) words; pairs of key and value are expected, file, seq and type at least"
    }
    return take(words, line: number)
  }

  private mutating func take(_ words: [[UInt8]], line: Int) -> String? {
    var name: String?
    var sequence: Int64 = 0
    var role: UInt8?
    var startOffset: Int64?
    var endOffset: Int64?
    for index in stride(from: 0, to: words.count, by: 2) {
      let value = words[index + 1]
      switch Self.lowercased(words[index]) {
      case "file": name = String(decoding: value, as: UTF8.self)
      case "seq": sequence = Self.number(value)
      case "type": role = value.first
      case "startoffset": startOffset = Self.number(value)
      case "endoffset": endOffset = Self.number(value)
      default: break
      }
    }
    guard let name, !name.isEmpty else { return "no file is named" }
    guard !name.contains("/"), !name.contains("\\") else {
      return "a path where the name of a file beside the manifest is expected"
    }
    guard sequence != 0 else { return "no sequence number, or 0; they start at 1" }
    guard let letter = role else { return "no type" }
    guard let role = AOFRole(rawValue: letter) else {
      return "a file of unknown type; there are b (base), h (history) and i (incremental)"
    }
    let entry = Entry(
      name: name, sequence: sequence, role: role, startOffset: startOffset, endOffset: endOffset,
      line: line)
    if let message = conflict(entry) { return message }
    entries.append(entry)
    return nil
  }

  /// What is wrong with `entry` behind those before it.
  private func conflict(_ entry: Entry) -> String? {
    switch entry.role {
    case .base:
      return base.map { "a second base; the first one is in line \($0.line)" }
    case .incremental:
      guard let last = incremental.last, last.sequence >= entry.sequence else { return nil }
      return "sequence number \(entry.sequence) behind \(last.sequence) of line \(last.line); they "
        + "must rise"
    case .history:
      return nil
    }
  }

  private static func lowercased(_ word: [UInt8]) -> String {
    String(decoding: word, as: UTF8.self).lowercased()
  }

  /// A number as the C library reads it.
  private static func number(_ word: [UInt8]) -> Int64 {
    word.withUnsafeBytes { Int64(LooseNumber($0).value) }
  }
}
