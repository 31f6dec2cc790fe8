/// Texts of the program's own policies, which are laid out alike: keys of rules stand four columns
/// in, and what belongs to a key stands further in below it.
enum BuiltinText {
  private static let keyColumn = 4
  /// Keys that only documentation asks for. They are more than half of the texts.
  private static let documentationKeys = ["rationale", "remedy", "sources", "docs", "tests"]
    .map { Array("\($0):".utf8) }

  /// The text with empty lines in place of the rules' documentation, so that everything else keeps
  /// its line.
  static func withoutDocumentation(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var isLeftOut = false
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      let line = text[start..<end]
      let column = line.prefix { $0 == UInt8(ascii: " ") }.count
      if column <= keyColumn, column < line.count {
        let rest = line.dropFirst(column)
        isLeftOut = column == keyColumn && documentationKeys.contains { rest.starts(with: $0) }
      }
      if !isLeftOut { result += line }
      if end < text.count { result.append(UInt8(ascii: "\n")) }
      start = end + 1
    }
    return result
  }
}
