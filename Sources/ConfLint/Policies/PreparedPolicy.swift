import YAMLTree

/// Reads the program's own policies as the generator prepared them: the tree of the file without
/// the rules' documentation, one node a line, children behind their parent, keys as nodes of their
/// own. A line is a letter for the kind, the line and the column in the file, and the text of a
/// scalar, which has no line breaks, or the number of children.
struct PreparedPolicy {
  private let text: UnsafeBufferPointer<UInt8>
  private var at = 0
  private var count = 0

  /// The tree.
  ///
  /// Places count lines and columns as the file does. Nodes end where they start, and offsets only
  /// say which node comes first.
  static func tree(_ text: StaticString) -> YAMLNode? {
    text.withUTF8Buffer {
      var reader = PreparedPolicy(text: $0)
      return reader.node()
    }
  }

  private init(text: UnsafeBufferPointer<UInt8>) {
    self.text = text
  }

  private mutating func node() -> YAMLNode? {
    guard at < text.count else { return nil }
    let kind = text[at]
    at += 1
    count += 1
    let start = YAMLPosition(line: number(), column: number(), offset: count)
    let content: YAMLNode.Content
    switch kind {
    case UInt8(ascii: "m"):
      var entries: [YAMLEntry] = []
      let length = number()
      entries.reserveCapacity(length)
      for _ in 0..<length {
        guard let key = node(), let scalar = key.scalar, let value = node() else { return nil }
        entries.append(
          YAMLEntry(key: scalar, keyStart: key.start, keyEnd: key.end, value: value))
      }
      content = .mapping(entries)
    case UInt8(ascii: "s"):
      var items: [YAMLNode] = []
      let length = number()
      items.reserveCapacity(length)
      for _ in 0..<length {
        guard let item = node() else { return nil }
        items.append(item)
      }
      content = .sequence(items)
    default:
      content = .scalar(YAMLScalar(line(), style: Self.style(kind)))
    }
    return YAMLNode(content, start: start, end: start)
  }

  private static func style(_ kind: UInt8) -> YAMLScalar.Style {
    switch kind {
    case UInt8(ascii: "'"): .singleQuoted
    case UInt8(ascii: "\""): .doubleQuoted
    case UInt8(ascii: "|"): .literal
    case UInt8(ascii: ">"): .folded
    default: .plain
    }
  }

  /// The number up to the next blank or line break, which goes with it.
  private mutating func number() -> Int {
    var value = 0
    while at < text.count, (48...57).contains(text[at]) {
      value = value &* 10 &+ Int(text[at] &- 48)
      at += 1
    }
    at += 1
    return value
  }

  /// The rest of the line.
  private mutating func line() -> String {
    let start = at
    while at < text.count, text[at] != UInt8(ascii: "\n") { at += 1 }
    defer { at += 1 }
    return String(decoding: UnsafeBufferPointer(rebasing: text[start..<at]), as: UTF8.self)
  }
}
