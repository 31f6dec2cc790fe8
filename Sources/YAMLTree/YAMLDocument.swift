/// The way from a YAML text to a tree.
public enum YAMLDocument {
  /// Reads the one document of `bytes`: UTF-8, YAML 1.2 syntax, with or without a byte order mark,
  /// lines ended by LF, CRLF or CR.
  ///
  /// Aliases stand for a copy of their node, and `<<` in a mapping adds the entries of a mapping or
  /// of several that the mapping does not have itself. What has no place in a file of settings is
  /// refused: tags, further documents, keys that are no words, the same key twice.
  ///
  /// - Throws: at the first thing that is wrong, within `YAMLLimits`.
  public static func parse(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode {
    let text = try YAMLText(bytes)
    var events = try YAMLEvents(text)
    defer { events.close() }
    var builder = YAMLBuilder(text)
    while let event = try events.next() {
      try builder.take(event)
    }
    guard let root = builder.root else {
      throw YAMLError(
        .documents, "there is no document: the file is empty or has only comments",
        at: text.position(ofOffset: 0))
    }
    return root
  }
}
