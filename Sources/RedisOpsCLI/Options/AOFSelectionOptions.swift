import ArgumentParser
import RedisModel

/// Which commands of an append-only file a command walks.
struct AOFSelectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Only commands at or behind this place.", valueName: "place"),
    transform: { try AOFPlace($0) })
  var from: AOFPlace?

  @Option(
    help: ArgumentHelp(
      "Only commands up to this place: before an offset, up to and with a number or a time.",
      valueName: "place"),
    transform: { try AOFPlace($0) })
  var to: AOFPlace?

  @Option(
    name: [.customLong("key"), .customLong("match")],
    help: ArgumentHelp(
      "Only commands with a key that matches a glob as in KEYS; repeatable.", valueName: "glob"))
  var globs: [String] = []

  @Option(
    name: .customLong("command"),
    help: ArgumentHelp("Only commands of these names, in either case.", valueName: "name,…"))
  var names: [String] = []

  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("Only commands in these databases.", valueName: "n,…"),
    transform: SelectionOptions.databases)
  var databases: [[Int]] = []

  @Option(help: ArgumentHelp("Stop after so many commands.", valueName: "n"))
  var limit: Int?

  /// Whether anything is left out.
  var isSelective: Bool {
    from != nil || to != nil || !globs.isEmpty || !names.isEmpty || !databases.isEmpty
      || limit != nil
  }

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit takes 0 or more, not \(limit).") }
  }
}

/// A place in the commands of a set, as people write it.
enum AOFPlace: Equatable {
  /// The command of this number, from 1.
  case command(Int)
  /// Unix milliseconds.
  case time(Int64)
  /// An offset in a file; without a name, in the last one.
  case offset(Int, file: String?)

  private static let form =
    "a place such as #100, 2026-11-21T12:00:00Z, @1795262400, 4096, 0x1f3a or FILE@0x1f3a"

  init(_ text: String) throws(TextInputError) {
    guard let place = try Self.parse(text) else {
      throw TextInputError(found: text, expected: Self.form)
    }
    self = place
  }

  private static func parse(_ text: String) throws(TextInputError) -> AOFPlace? {
    if text.hasPrefix("#") {
      return Int(text.dropFirst()).flatMap { $0 > 0 ? .command($0) : nil }
    }
    if text.hasPrefix("@") { return .time(try TimeText.parse(String(text.dropFirst()))) }
    if let offset = offset(text[...]) { return .offset(offset, file: nil) }
    if let mark = text.lastIndex(of: "@"), let offset = offset(text[text.index(after: mark)...]) {
      return .offset(offset, file: String(text[..<mark]))
    }
    return (try? TimeText.parse(text)).map { .time($0) }
  }

  /// Digits, or hexadecimal digits behind `0x`.
  private static func offset(_ text: Substring) -> Int? {
    let isHex = text.hasPrefix("0x")
    guard let value = isHex ? Int(text.dropFirst(2), radix: 16) : Int(text), value >= 0,
      text.first != "+", !isHex || text.dropFirst(2).first != "+"
    else { return nil }
    return value
  }
}
