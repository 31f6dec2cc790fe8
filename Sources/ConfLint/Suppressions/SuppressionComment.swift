/// What a comment of a configuration file says to the linter.
///
/// `# redisops:ignore MEM003 SEC001 until=2027-01-31 -- cache is warmed by hand` for the next
/// setting, `# redisops:ignore-file …` for the whole file, `# redisops:workload=cache role=primary`
/// for facts that hold for this file.
public struct SuppressionComment: Hashable, Sendable {
  /// How far it reaches.
  public enum Reach: Hashable, Sendable {
    /// The line of this number.
    case line(Int)
    /// All of the file.
    case file
  }

  /// How far it reaches.
  public var reach: Reach
  /// Ids, slugs or prefixes of the rules.
  public var rules: [String]
  /// The last day on which it counts, `2027-01-31`.
  public var until: String?
  /// Why the findings may stay.
  public var reason: String?
  /// The line of the comment, from 1.
  public var line: Int
  /// The first column of the word `redisops`, from 1.
  public var column: Int
  /// The column behind the comment.
  public var endColumn: Int
}

/// The comments of a file that speak to the linter.
public struct LinterComments: Hashable, Sendable {
  /// Comments that suppress findings, in order.
  public private(set) var suppressions: [SuppressionComment] = []
  /// Facts that hold for the file, by name, in order.
  public private(set) var facts: [(name: String, value: String, line: Int)] = []
  /// Comments that begin with `redisops:` and cannot be read: line, column, end and what is wrong.
  public private(set) var broken: [Broken] = []

  /// A comment that cannot be read.
  public struct Broken: Hashable, Sendable {
    /// The line, from 1.
    public var line: Int
    /// The first column of the word `redisops`, from 1.
    public var column: Int
    /// The column behind the comment.
    public var endColumn: Int
    /// What is wrong.
    public var message: String
  }

  private static let mark = Array("redisops:".utf8)

  /// Reads all comments of a file: lines whose first mark that is not blank is `#`.
  public init(_ bytes: [UInt8]) {
    var waiting: [SuppressionComment] = []
    var number = 0
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      number += 1
      let line = bytes[start..<end]
      start = end + 1
      guard let first = line.firstIndex(where: { !Self.isBlank($0) }) else { continue }
      if line[first] == UInt8(ascii: "#") {
        read(line[first...], line, number, &waiting)
      } else {
        settle(&waiting, on: number)
      }
    }
    settle(&waiting, on: number + 1)
  }

  /// Equal in all that a comment says.
  public static func == (left: LinterComments, right: LinterComments) -> Bool {
    left.suppressions == right.suppressions && left.broken == right.broken
      && left.facts.elementsEqual(right.facts) { $0 == $1 }
  }

  /// Facts are left out: tuples have no hash.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(suppressions)
    hasher.combine(broken)
  }

  /// Adds a suppression that stands elsewhere.
  mutating func add(_ comment: SuppressionComment) { suppressions.append(comment) }

  /// Adds something that cannot be read.
  mutating func addBroken(line: Int, _ message: String) {
    broken.append(Broken(line: line, column: 1, endColumn: 2, message: message))
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private mutating func settle(_ waiting: inout [SuppressionComment], on line: Int) {
    for var comment in waiting {
      comment.reach = .line(line)
      suppressions.append(comment)
    }
    waiting = []
  }

  private mutating func read(
    _ comment: ArraySlice<UInt8>, _ line: ArraySlice<UInt8>, _ number: Int,
    _ waiting: inout [SuppressionComment]
  ) {
    var rest = comment.drop { $0 == UInt8(ascii: "#") || Self.isBlank($0) }
    guard rest.starts(with: Self.mark) else { return }
    let column = rest.startIndex - line.startIndex + 1
    while let last = rest.last, Self.isBlank(last) { rest.removeLast() }
    let endColumn = rest.endIndex - line.startIndex + 1
    let text = String(decoding: rest.dropFirst(Self.mark.count), as: UTF8.self)
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    func fail(_ message: String) {
      broken.append(
        Broken(line: number, column: column, endColumn: endColumn, message: message))
    }
    guard let verb = words.first else { return fail("nothing follows 'redisops:'") }
    if verb == "ignore" || verb == "ignore-file" {
      var comment = SuppressionComment(
        reach: .file, rules: [], line: number, column: column, endColumn: endColumn)
      guard Self.read(words.dropFirst(), into: &comment) else {
        return fail("expected 'redisops:\(verb) RULE… [until=YYYY-MM-DD] -- reason'")
      }
      if verb == "ignore" { waiting.append(comment) } else { suppressions.append(comment) }
      return
    }
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        return fail("expected 'redisops:ignore', 'redisops:ignore-file' or 'redisops:FACT=VALUE'")
      }
      facts.append(
        (String(word[..<equals]), String(word[word.index(after: equals)...]), number))
    }
  }

  /// The rules, the date and the reason; false when there is no rule, or a date that is none.
  private static func read(
    _ words: ArraySlice<String>, into comment: inout SuppressionComment
  ) -> Bool {
    var rest = words
    while let word = rest.popFirst() {
      if word == "--" {
        let reason = rest.joined(separator: " ")
        comment.reason = reason.isEmpty ? nil : reason
        break
      }
      if word.hasPrefix("until=") {
        let date = String(word.dropFirst("until=".count))
        guard CalendarDay.isDay(date) else { return false }
        comment.until = date
      } else {
        comment.rules += word.split(separator: ",").map(String.init)
      }
    }
    return !comment.rules.isEmpty
  }
}

/// Days as policies and comments write them: `2027-01-31`.
public enum CalendarDay {
  /// Whether `text` is a day that exists, in this form.
  public static func isDay(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else {
      return false
    }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      (1...12).contains(month), day >= 1
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return day <= days[month - 1]
  }
}
