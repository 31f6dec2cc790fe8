/// Tells the version of a vector set's nodes from the parts of its module value.
///
/// A node is strings (its element, its attribute, its vector), then a number n and n integers. The
/// second of these holds the version in its bits 24…31. What stands before the first node has no
/// string that a number follows.
///
/// Source: format.md section 4.1; servers before Redis 8.0.4 load version 0 only.
struct VectorSetNodes {
  /// Where the integer with the version stands behind the last string of a node.
  private static let versionPlace = 3

  private var integersBehindString: Int?
  /// The highest version of all nodes.
  private(set) var version = 0

  /// Takes the next part.
  mutating func take(_ part: ModulePart) {
    switch part {
    case .string: integersBehindString = 0
    case .unsigned(let value):
      guard let count = integersBehindString else { return }
      integersBehindString = count &+ 1
      if count + 1 == Self.versionPlace { version = max(version, Int(value >> 24 & 0xff)) }
    default: break
    }
  }
}
