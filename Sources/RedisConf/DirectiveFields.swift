/// The fields of a row of the directive table, which become text only where they are asked for: the
/// table is read at each start of the program.
struct DirectiveFields {
  private let row: Slice<UnsafeBufferPointer<UInt8>>
  private var ranges: [Range<Int>] = []

  /// - Parameter row: the row without its line feed; it must outlive the fields.
  init(_ row: Slice<UnsafeBufferPointer<UInt8>>) {
    self.row = row
    ranges.reserveCapacity(16)
    var start = row.startIndex
    for index in row.indices where row[index] == UInt8(ascii: "\t") {
      ranges.append(start..<index)
      start = index + 1
    }
    ranges.append(start..<row.endIndex)
  }

  /// All fields as text.
  var all: [String] { ranges.indices.map { text($0) } }

  /// Whether a field is empty or beyond the end of the row.
  func isEmpty(_ index: Int) -> Bool { index >= ranges.count || ranges[index].isEmpty }

  /// A field as text; empty beyond the end of the row.
  func text(_ index: Int) -> String {
    isEmpty(index) ? "" : String(decoding: row[ranges[index]], as: UTF8.self)
  }

  /// A field as words between blanks.
  func words(_ index: Int) -> [String] {
    isEmpty(index)
      ? []
      : row[ranges[index]].split(separator: UInt8(ascii: " ")).map {
        String(decoding: $0, as: UTF8.self)
      }
  }

  /// A field as hexadecimal bits.
  func mask(_ index: Int) -> UInt32 { UInt32(text(index), radix: 16) ?? 0 }
}
