import Findings

/// A configuration within a YAML file: a block of a ConfigMap or of Helm values, or the arguments
/// of `command:` in a compose file or a pod.
///
/// Found line by line and not through a YAML reader, because charts are templates and manifests
/// hold several documents.
public struct EmbeddedConf: Hashable, Sendable {
  /// A line of the configuration and its place in the YAML file.
  public struct Origin: Hashable, Sendable {
    /// The line in the YAML file, from 1.
    public var line: Int
    /// What to add to a column.
    public var columnShift: Int
    /// The words that stand on lines of their own, from left to right: arguments in a list.
    public var words: [Word] = []

    /// A word with its place.
    public struct Word: Hashable, Sendable {
      /// The column in the configuration's line from which on this holds.
      public var column: Int
      /// The line in the YAML file, from 1.
      public var line: Int
      /// What to add to a column.
      public var columnShift: Int
    }
  }

  /// The key that holds it: `redis.conf`, `command`.
  public let key: String
  /// What it is.
  public let kind: ConfFileKind
  /// The configuration alone.
  public let bytes: [UInt8]
  /// Where its lines come from, by line.
  public let origins: [Origin]

  /// The place in the YAML file that a place in the configuration stands for.
  public func place(_ location: Location) -> Location {
    var result = location
    guard let line = location.line, origins.indices.contains(line - 1) else {
      result.line = origins.first?.line
      result.column = nil
      result.endColumn = nil
      return result
    }
    let origin = origins[line - 1]
    let column = location.column ?? 1
    let word = origin.words.last { $0.column <= column }
    let shift = word?.columnShift ?? origin.columnShift
    result.line = word?.line ?? origin.line
    result.column = location.column.map { $0 + shift }
    result.endColumn = location.endColumn.map { $0 + shift }
    return result
  }

  /// All configurations in the text of a YAML file.
  public static func all(in yaml: [UInt8]) -> [EmbeddedConf] {
    var scan = EmbeddedScan(yaml)
    return scan.run()
  }

  /// Whether a file of that name is looked through for configurations.
  public static func isYAMLName(_ path: String) -> Bool {
    path.hasSuffix(".yaml") || path.hasSuffix(".yml")
  }
}

/// The walk over the lines of a YAML file.
private struct EmbeddedScan {
  private let bytes: [UInt8]
  private let lines: [SourceLine]
  private var index = 0
  private var result: [EmbeddedConf] = []

  /// Keys of Helm charts whose blocks are configurations.
  private static let chartKeys: Set<String> = [
    "commonconfiguration", "configuration", "masterconfiguration", "primaryconfiguration",
    "replicaconfiguration", "redisconfig", "valkeyconfig", "extraconfig", "customconfig",
    "redisconf", "valkeyconf",
  ]

  init(_ yaml: [UInt8]) {
    bytes = yaml
    lines = yaml.sourceLines
  }

  mutating func run() -> [EmbeddedConf] {
    while index < lines.count {
      guard let entry = entry(at: index) else {
        index += 1
        continue
      }
      if let kind = blockKind(entry.key), entry.value.hasPrefix("|") {
        block(entry.key, kind, indent: entry.indent)
      } else if entry.key == "command" || entry.key == "args" || entry.key == "entrypoint" {
        command(entry)
      } else {
        index += 1
      }
    }
    return result
  }

  private struct Entry {
    var key: String
    var value: String
    var indent: Int
    /// The first byte of the value.
    var valueStart: Int
  }

  /// `KEY: VALUE`, also behind the dash of a list.
  private func entry(at number: Int) -> Entry? {
    let range = lines[number].range
    var start = range.lowerBound
    while start < range.upperBound, bytes[start] == 0x20 || bytes[start] == UInt8(ascii: "-") {
      start += 1
    }
    guard start < range.upperBound, bytes[start] != UInt8(ascii: "#"),
      let colon = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: ":")), colon > start,
      colon + 1 == range.upperBound || bytes[colon + 1].isConfBlank
    else { return nil }
    let key = bytes[start..<colon].text.filter { $0 != "\"" && $0 != "'" }
    guard !key.contains(" ") else { return nil }
    var value = colon + 1
    while value < range.upperBound, bytes[value].isConfBlank { value += 1 }
    var end = range.upperBound
    while end > value, bytes[end - 1].isConfBlank { end -= 1 }
    return Entry(
      key: key, value: bytes[value..<end].text, indent: start - range.lowerBound,
      valueStart: value)
  }

  private func blockKind(_ key: String) -> ConfFileKind? {
    let lowered = key.lowercased()
    if lowered.hasSuffix(".acl") { return .acl }
    if lowered.hasSuffix(".conf") {
      let words = ["redis", "valkey", "sentinel", "master", "replica", "primary", "node"]
      guard words.contains(where: lowered.contains) else { return nil }
      return lowered.contains("sentinel") ? .sentinel : .conf
    }
    return Self.chartKeys.contains(lowered) ? .conf : nil
  }

  /// The lines of a block scalar, without their indentation.
  private mutating func block(_ key: String, _ kind: ConfFileKind, indent: Int) {
    index += 1
    var content: [UInt8] = []
    var origins: [EmbeddedConf.Origin] = []
    var depth: Int?
    while index < lines.count {
      let range = lines[index].range
      let blanks = bytes[range].prefix { $0 == 0x20 }.count
      let isBlank = bytes[range].allSatisfy(\.isConfBlank)
      if !isBlank, blanks <= indent { break }
      if depth == nil, !isBlank { depth = blanks }
      let cut = min(depth ?? blanks, blanks)
      content += bytes[(range.lowerBound + cut)..<range.upperBound]
      content.append(0x0A)
      origins.append(EmbeddedConf.Origin(line: lines[index].number, columnShift: cut))
      index += 1
    }
    // Chart keys hold other things too, and a template alone says nothing.
    let isConf = kind != .conf || !Self.chartKeys.contains(key.lowercased())
    guard isConf || ConfSniffer.mayBeMisspelt(content) else { return }
    result.append(EmbeddedConf(key: key, kind: kind, bytes: content, origins: origins))
  }

  /// A word of a command line and where it stands.
  private struct Word {
    var text: String
    var line: Int
    var column: Int
  }

  private mutating func command(_ entry: Entry) {
    var words: [Word] = []
    let line = lines[index]
    let column = entry.valueStart - line.range.lowerBound + 1
    if entry.value.isEmpty {
      index += 1
      while index < lines.count, let item = item(at: index, indent: entry.indent) {
        words.append(item)
        index += 1
      }
    } else if entry.value.hasPrefix("[") {
      words = flowItems(entry, line, column)
      index += 1
    } else {
      let end = entry.valueStart + entry.value.utf8.count
      words = plainWords(entry.valueStart..<end, line)
      index += 1
    }
    add(words, key: entry.key)
  }

  /// `- VALUE`.
  private func item(at number: Int, indent: Int) -> Word? {
    let range = lines[number].range
    let dash = bytes[range].firstIndex { $0 != 0x20 } ?? range.upperBound
    guard dash + 1 < range.upperBound, bytes[dash] == UInt8(ascii: "-"), bytes[dash + 1] == 0x20,
      dash - range.lowerBound >= indent
    else { return nil }
    var start = dash + 1
    while start < range.upperBound, bytes[start].isConfBlank { start += 1 }
    var end = range.upperBound
    while end > start, bytes[end - 1].isConfBlank { end -= 1 }
    return word(start..<end, lines[number])
  }

  private func word(_ range: Range<Int>, _ line: SourceLine) -> Word {
    var text = bytes[range].text
    var start = range.lowerBound
    if let quote = text.first, quote == "\"" || quote == "'", text.count >= 2, text.last == quote {
      text = String(text.dropFirst().dropLast())
      start += 1
    }
    return Word(text: text, line: line.number, column: start - line.range.lowerBound + 1)
  }

  private func flowItems(_ entry: Entry, _ line: SourceLine, _ column: Int) -> [Word] {
    var words: [Word] = []
    var start = entry.valueStart + 1
    let end = entry.valueStart + entry.value.utf8.count
    var quote: UInt8?
    func take(_ stop: Int) {
      var (from, to) = (start, stop)
      while from < to, bytes[from].isConfBlank { from += 1 }
      while to > from, bytes[to - 1].isConfBlank { to -= 1 }
      if from < to { words.append(word(from..<to, line)) }
    }
    for position in start..<max(start, end) {
      let byte = bytes[position]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
        take(position)
        start = position + 1
      }
    }
    return words
  }

  private func plainWords(_ range: Range<Int>, _ line: SourceLine) -> [Word] {
    WordScan.words(bytes, in: range).map { word($0, line) }
  }

  /// `redis-server [FILE] --NAME VALUE…` as lines of a configuration.
  private mutating func add(_ words: [Word], key: String) {
    guard
      let start = words.firstIndex(where: { word in
        let name = word.text.split(separator: "/").last ?? ""
        return ["redis-server", "valkey-server", "redis-sentinel", "valkey-sentinel"]
          .contains(String(name))
      }) ?? (key == "args" && words.first?.text.hasPrefix("--") == true ? -1 : nil)
    else { return }
    var content: [UInt8] = []
    var origins: [EmbeddedConf.Origin] = []
    var isSentinel = start >= 0 && words[start].text.hasSuffix("-sentinel")
    for word in words[(start + 1)...] {
      let parts = word.text.split(separator: " ").map(String.init)
      let first = parts.first ?? ""
      if first == "--sentinel" {
        isSentinel = true
      } else if first.hasPrefix("--"), first.count > 2 {
        if !content.isEmpty { content.append(0x0A) }
        let line = [String(first.dropFirst(2))] + parts.dropFirst()
        content += line.joined(separator: " ").utf8
        origins.append(EmbeddedConf.Origin(line: word.line, columnShift: word.column + 1))
      } else if !content.isEmpty {
        // An empty argument is one too.
        content.append(0x20)
        let lineStart = content.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = content.count - lineStart + 1
        let quoted = Quoting.argument(Array(word.text.utf8))
        let isPlain = quoted == word.text
        origins[origins.count - 1].words.append(
          EmbeddedConf.Origin.Word(
            column: column, line: word.line, columnShift: word.column - column - (isPlain ? 0 : 1)))
        content += quoted.utf8
      }
    }
    guard !content.isEmpty else { return }
    content.append(0x0A)
    result.append(
      EmbeddedConf(
        key: key, kind: isSentinel ? .sentinel : .conf, bytes: content, origins: origins))
  }
}
