/// LCS key key [LEN] [IDX] [MINMATCHLEN n] [WITHMATCHLEN].
enum LongestCommonCommand {
  /// The most cells of the table that is filled; servers stop at what memory they may take.
  private static let cellCountMax = 1 << 24

  private struct Options {
    var tellsLength = false
    var tellsPlaces = false
    var withLengths = false
    var lengthMin: Int64 = 0
  }

  /// A stretch that both strings have.
  private struct Match {
    var left: ClosedRange<Int>
    var right: ClosedRange<Int>
  }

  /// Executes it.
  static func lcs(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let wrong = CommandError.message("ERR The specified keys must contain string values")
    var texts: [[UInt8]] = []
    for index in 1...2 {
      let handle = space.find(arguments[index])
      if let handle, handle.form.type != .string { throw wrong }
      texts.append(handle.map { Array(space.text(of: $0)) } ?? [])
    }
    let options = try options(arguments)
    let (left, right) = (texts[0], texts[1])
    let (cells, overflow) = (left.count + 1).multipliedReportingOverflow(by: right.count + 1)
    guard !overflow, cells <= cellCountMax else {
      throw .unsupported("LCS of strings so long")
    }
    let table = lengths(left, right)
    let length = Int(table[cells - 1])
    if options.tellsLength, !options.tellsPlaces { return space.reply.integer(length) }
    let (common, matches) = walk(left, right, table)
    guard options.tellsPlaces else { return common.withUnsafeBytes { space.reply.bulk($0) } }
    let told = matches.filter { $0.left.count >= options.lengthMin }
    space.reply.array(4)
    space.reply.bulk(("matches" as StaticString).bytes)
    space.reply.array(told.count)
    for match in told {
      space.reply.array(options.withLengths ? 3 : 2)
      for range in [match.left, match.right] {
        space.reply.array(2)
        space.reply.integer(range.lowerBound)
        space.reply.integer(range.upperBound)
      }
      if options.withLengths { space.reply.integer(match.left.count) }
    }
    space.reply.bulk(("len" as StaticString).bytes)
    space.reply.integer(length)
  }

  private static func options(_ arguments: Arguments) throws(CommandError) -> Options {
    var (options, index) = (Options(), 3)
    while index < arguments.count {
      if arguments.isWord(index, "IDX") {
        options.tellsPlaces = true
      } else if arguments.isWord(index, "LEN") {
        options.tellsLength = true
      } else if arguments.isWord(index, "WITHMATCHLEN") {
        options.withLengths = true
      } else if arguments.isWord(index, "MINMATCHLEN"), index + 1 < arguments.count {
        options.lengthMin = max(0, try arguments.integer(index + 1))
        index += 1
      } else {
        throw .syntax
      }
      index += 1
    }
    if options.tellsPlaces, options.tellsLength {
      throw .message(
        "ERR If you want both the length and indexes, please just use IDX.")
    }
    return options
  }

  /// The length of the longest common subsequence of each two beginnings, row by row.
  private static func lengths(_ left: [UInt8], _ right: [UInt8]) -> [UInt32] {
    let width = right.count + 1
    var table = [UInt32](repeating: 0, count: (left.count + 1) * width)
    for row in 0..<left.count {
      for column in 0..<right.count {
        let place = (row + 1) * width + column + 1
        table[place] =
          left[row] == right[column]
          ? table[place - width - 1] + 1 : max(table[place - width], table[place - 1])
      }
    }
    return table
  }

  /// The subsequence, and the stretches that it is made of, the last one first.
  private static func walk(
    _ left: [UInt8], _ right: [UInt8], _ table: [UInt32]
  ) -> ([UInt8], [Match]) {
    let width = right.count + 1
    var (row, column) = (left.count, right.count)
    var (common, matches): ([UInt8], [Match]) = ([], [])
    while row > 0, column > 0 {
      if left[row - 1] == right[column - 1] {
        common.append(left[row - 1])
        let (first, second) = (row - 1, column - 1)
        if let last = matches.last, last.left.lowerBound == row, last.right.lowerBound == column {
          matches[matches.count - 1] = Match(
            left: first...last.left.upperBound, right: second...last.right.upperBound)
        } else {
          matches.append(Match(left: first...first, right: second...second))
        }
        row -= 1
        column -= 1
      } else if table[(row - 1) * width + column] > table[row * width + column - 1] {
        row -= 1
      } else {
        column -= 1
      }
    }
    return (common.reversed(), matches)
  }
}
