/// What the checker must know about a directive.
struct DirectiveType: Sendable {
  /// The name under which the catalogue has it.
  let name: String
  /// The type of its value.
  let type: ValueType
  /// The words that some server accepts; empty if it takes other values too.
  let words: [String]
  /// Microseconds in the unit of its value; 1 for others.
  let unit: Int128
  /// Whether it reads base 8.
  let isOctal: Bool
  /// Whether its value must not be shown.
  let isSensitive: Bool
  /// Whether each line adds to those before.
  let isRepeating: Bool
}

/// The directives that expressions may name.
protocol DirectiveTypes: Sendable {
  /// The directive of that name, in any spelling.
  func type(of name: String) -> DirectiveType?
  /// All names, for "did you mean".
  var names: [String] { get }
}

/// What an expression may refer to besides facts and directives.
struct ExpressionNames {
  /// The directives.
  let directives: any DirectiveTypes
  /// Parameters with their values.
  var parameters: [String: ExpressionValue] = [:]
  /// Groups of words.
  var groups: [String: [String]] = [:]
  /// The type of `it`; nil outside `for-each`.
  var it: ValueType?
}

/// The word of a list that was most likely meant.
public enum NearestWord {
  /// Longer words are not compared: their author pasted something.
  private static let lengthMax = 64

  /// The word of `candidates` that is at most about a third of its letters away from `word`.
  public static func find(_ word: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().utf8)
    guard wanted.count <= lengthMax, !wanted.isEmpty else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().utf8)
      let allowed = max(1, (max(wanted.count, letters.count) + 1) / 3)
      guard letters.count <= lengthMax, abs(letters.count - wanted.count) <= allowed else {
        continue
      }
      let distance = distance(wanted, letters)
      guard distance <= allowed, distance < best?.distance ?? .max else { continue }
      best = (candidate, distance)
    }
    return best?.word
  }

  /// `; did you mean 'x'?` or nothing.
  public static func advice(_ word: String, in candidates: some Sequence<String>) -> String {
    find(word, in: candidates).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// The number of letters to insert, delete, replace, or swap with their neighbour.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var before: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(last[column + 1], current[column]) + 1
        cost = min(cost, last[column] + (letter == other ? 0 : 1))
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          cost = min(cost, before[column - 1] + 1)
        }
        current.append(cost)
      }
      (before, last) = (last, current)
    }
    return last[right.count]
  }
}
