import Analysis
import ArgumentParser
import RDB
import RedisModel

/// Which keys a command walks; the same flags everywhere.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("Only these databases.", valueName: "n,…"), transform: Self.databases)
  var databases: [[Int]] = []

  @Option(
    name: .customLong("type"),
    help: ArgumentHelp(
      "Only these types: \(RDBValueKind.allCases.map(\.name).joined(separator: ", ")).",
      valueName: "type,…"), transform: Self.kinds)
  var kinds: [[RDBValueKind]] = []

  @Option(
    name: .customLong("match"),
    help: ArgumentHelp("Only keys that match a glob as in KEYS; repeatable.", valueName: "glob"))
  var globs: [String] = []

  @Option(
    name: .customLong("not-match"),
    help: ArgumentHelp("No keys that match a glob; repeatable.", valueName: "glob"))
  var excludedGlobs: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only keys in which a PCRE2 pattern over bytes matches.", valueName: "pattern"),
    transform: { try BytePattern($0) })
  var regex: BytePattern?

  @Option(
    help: ArgumentHelp("Only keys of these cluster slots.", valueName: "a-b,c"),
    transform: { try SlotSet($0) })
  var slot: SlotSet?

  @Option(
    help: ArgumentHelp(
      "Only keys by expiry: none, any, expired, or time left as in '<7d' or '>24h'.",
      valueName: "ttl"),
    transform: Self.expiry)
  var ttl: ExpiryFilter?

  @Option(
    help: ArgumentHelp("Only values of at least so many bytes in the file.", valueName: "size"),
    transform: { try ByteSize.parse($0) })
  var minSize: Int?

  @Option(
    help: ArgumentHelp("Only values of at most so many bytes in the file.", valueName: "size"),
    transform: { try ByteSize.parse($0) })
  var maxSize: Int?

  @Option(help: ArgumentHelp("Only values of at least so many elements.", valueName: "n"))
  var minElements: Int?

  @Option(help: ArgumentHelp("Only values of at most so many elements.", valueName: "n"))
  var maxElements: Int?

  @Option(help: ArgumentHelp("Stop after so many keys.", valueName: "n"))
  var limit: Int?

  func validate() throws {
    for (name, value) in [
      ("--min-elements", minElements), ("--max-elements", maxElements), ("--limit", limit),
    ] {
      if let value, value < 0 { throw ValidationError("\(name) takes 0 or more, not \(value).") }
    }
    try Self.checkOrder("size", minSize, maxSize)
    try Self.checkOrder("elements", minElements, maxElements)
  }

  /// The selection that the flags describe.
  func selection(nowMs: Int64) -> KeySelection {
    var selection = KeySelection(nowMs: nowMs)
    selection.databases = databases.flatMap { $0 }
    selection.kinds = kinds.flatMap { $0 }
    selection.globs = globs.map { GlobPattern($0.utf8) }
    selection.excludedGlobs = excludedGlobs.map { GlobPattern($0.utf8) }
    selection.pattern = regex
    selection.slots = slot
    selection.expiry = ttl
    selection.byteCounts = Self.range(minSize, maxSize)
    selection.elementCounts = Self.range(minElements, maxElements)
    return selection
  }

  private static func range(_ least: Int?, _ most: Int?) -> ClosedRange<Int>? {
    least == nil && most == nil ? nil : (least ?? 0)...(most ?? .max)
  }

  private static func checkOrder(_ name: String, _ least: Int?, _ most: Int?) throws {
    if let least, let most, least > most {
      throw ValidationError("--min-\(name) \(least) is more than --max-\(name) \(most).")
    }
  }

  /// The numbers of databases in a list with commas.
  @Sendable
  static func databases(_ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let number = Int(part), number >= 0 else {
        throw ValidationError("'\(part)' is no database; they are numbers from 0, as in 0,3")
      }
      return number
    }
  }

  @Sendable
  private static func kinds(_ text: String) throws -> [RDBValueKind] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let kind = RDBValueKind(rawValue: part.lowercased()) else {
        let known = RDBValueKind.allCases.map(\.name).joined(separator: ", ")
        throw ValidationError("'\(part)' is no type; there are \(known)")
      }
      return kind
    }
  }

  @Sendable
  private static func expiry(_ text: String) throws -> ExpiryFilter {
    switch text {
    case "none": return .none
    case "any": return .any
    case "expired": return .expired
    default: break
    }
    guard let sign = text.first, sign == "<" || sign == ">" else {
      throw ValidationError("'\(text)' is none of none, any, expired, '<7d', '>24h'")
    }
    let span = try DurationText.parse(String(text.dropFirst()))
    return sign == "<" ? .within(span) : .after(span)
  }
}
