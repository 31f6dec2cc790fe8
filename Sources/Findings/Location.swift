/// A place in a file: by line and column in text, by byte offset in binary files.
public struct Location: Hashable, Sendable {
  /// The path as the user named it.
  public var file: String
  /// The line, from 1.
  public var line: Int?
  /// The first column, from 1, in bytes.
  public var column: Int?
  /// The column behind the last one, from 1, in bytes.
  public var endColumn: Int?
  /// The byte offset from the start of the file.
  public var offset: Int64?

  /// A place in a text file, or a file as a whole.
  public init(file: String, line: Int? = nil, column: Int? = nil, endColumn: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.endColumn = endColumn
  }

  /// A place in a binary file.
  public init(file: String, offset: Int64) {
    self.file = file
    self.offset = offset
  }
}

extension Location: CustomStringConvertible {
  /// The place as compilers write it: `redis.conf:14:1`, `dump.rdb@0x1f3a`, or the file alone.
  public var description: String {
    if let line {
      return column.map { "\(file):\(line):\($0)" } ?? "\(file):\(line)"
    }
    return offset.map { "\(file)@0x\(String($0, radix: 16))" } ?? file
  }
}

extension Location: Comparable {
  /// By file, then line, offset and column; a file as a whole comes before its places.
  public static func < (left: Location, right: Location) -> Bool {
    if left.file != right.file { return left.file < right.file }
    let places = (left.line ?? 0, left.offset ?? -1, left.column ?? 0, left.endColumn ?? 0)
    return places < (right.line ?? 0, right.offset ?? -1, right.column ?? 0, right.endColumn ?? 0)
  }
}
