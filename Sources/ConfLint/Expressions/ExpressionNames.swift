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
      let count = candidate.utf8.count
      let allowed = min(max(1, (max(wanted.count, count) + 1) / 3), (best?.distance ?? .max) - 1)
      guard count <= lengthMax, abs(count - wanted.count) <= allowed else { continue }
      let letters = candidate.utf8.map(\.lowered)
      guard let distance = distance(wanted, letters, limit: allowed) else { continue }
      best = (candidate, distance)
    }
    return best?.word
  }

  /// `; did you mean 'x'?` or nothing.
  public static func advice(_ word: String, in candidates: some Sequence<String>) -> String {
    find(word, in: candidates).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// The number of letters to insert, delete, replace, or swap with their neighbour; nil if it is
  /// above `limit`.
  private static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int? {
    let width = right.count + 1
    // A file may have a thousand unknown words, each to be compared with all names.
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * width) { room -> Int? in
      var (before, last, current) = (0, width, 2 * width)
      for column in 0..<width { room.initializeElement(at: last + column, to: column) }
      for (row, letter) in left.enumerated() {
        room[current] = row + 1
        var least = row + 1
        for column in 0..<right.count {
          let other = right[column]
          var cost = min(room[last + column + 1], room[current + column]) + 1
          cost = min(cost, room[last + column] + (letter == other ? 0 : 1))
          if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
            cost = min(cost, room[before + column - 1] + 1)
          }
          room[current + column + 1] = cost
          least = min(least, cost)
        }
        // Costs grow from row to row, but a swap spans two.
        if least > limit + 1 { return nil }
        (before, last, current) = (last, current, before)
      }
      let distance = room[last + right.count]
      return distance <= limit ? distance : nil
    }
  }
}
