import ByteKit

/// A table for people: columns aligned, two spaces between them, no lines.
///
/// Each cell is made safe for a terminal, whatever it holds. When the table is wider than it may
/// be, the flexible columns lose the middle of their longest cells.
public struct TextTable {
  /// On which side the cells of a column stand.
  public enum Alignment: Sendable {
    /// Words.
    case left
    /// Numbers.
    case right
  }

  /// What a column is like.
  public struct Column: Sendable {
    let title: String
    let alignment: Alignment
    let isFlexible: Bool

    /// A column of words.
    public static func text(_ title: String) -> Column {
      Column(title: title, alignment: .left, isFlexible: false)
    }

    /// A column of numbers.
    public static func number(_ title: String) -> Column {
      Column(title: title, alignment: .right, isFlexible: false)
    }

    /// A column of keys or other long words, which gives way when room is scarce.
    public static func flexible(_ title: String) -> Column {
      Column(title: title, alignment: .left, isFlexible: true)
    }
  }

  /// A flexible column never gets narrower than this or its title.
  private static let flexibleWidthMin = 12
  /// Between two columns.
  private static let gap = 2

  private let columns: [Column]
  private var rows: [[String]] = []

  /// A table without rows.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Whether there is nothing to show.
  public var isEmpty: Bool { rows.isEmpty }

  /// Appends a row; cells that are missing at the end are empty, those beyond the last column are
  /// dropped.
  public mutating func append(_ cells: [String]) {
    rows.append(
      columns.indices.map { $0 < cells.count ? PrintableText.line(cells[$0]) : "" })
  }

  /// The whole table, each line with its newline and without blanks at its end.
  ///
  /// - Parameters:
  ///   - width: the columns there are; nil means as many as it takes.
  ///   - style: how the head is set off.
  public func text(width: Int? = nil, style: TextStyle = .plain) -> String {
    let widths = fittedWidths(to: width)
    var result = style.bold(line(columns.map(\.title), widths)) + "\n"
    for row in rows { result += line(row, widths) + "\n" }
    return result
  }

  /// What each column gets: its longest cell, flexible ones less when all do not fit.
  private func fittedWidths(to limit: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      rows.reduce(TextWidth.columns(of: columns[index].title)) {
        max($0, TextWidth.columns(of: $1[index]))
      }
    }
    guard let limit else { return widths }
    var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - limit
    while excess > 0 {
      // The widest one that can still give; to the level of the next one or by what is missing.
      let candidates = columns.indices.filter {
        columns[$0].isFlexible && widths[$0] > minimum(of: $0)
      }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      let others = candidates.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
      let floor = max(minimum(of: widest), min(others, widths[widest] - 1))
      let step = min(excess, widths[widest] - floor)
      widths[widest] -= step
      excess -= step
    }
    return widths
  }

  private func minimum(of index: Int) -> Int {
    max(Self.flexibleWidthMin, TextWidth.columns(of: columns[index].title))
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var result = ""
    for (index, cell) in cells.enumerated() {
      let text =
        columns[index].isFlexible ? TextWidth.truncatingMiddle(cell, to: widths[index]) : cell
      let padding = String(
        repeating: " ", count: max(0, widths[index] - TextWidth.columns(of: text)))
      if index > 0 { result += String(repeating: " ", count: Self.gap) }
      result += columns[index].alignment == .right ? padding + text : text + padding
    }
    while result.utf8.last == UInt8(ascii: " ") { result.removeLast() }
    return result
  }
}
