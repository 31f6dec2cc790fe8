/// How many keys there are of some sort, and how much they hold.
public struct KeyTally: Equatable, Sendable {
  /// Keys.
  public var keys = 0
  /// Keys that have an expiry.
  public var expires = 0
  /// Elements of their values, 1 for a string.
  public var elements = 0
  /// Bytes of their values as the file stores them.
  public var valueByteCount = 0
  /// Bytes of their whole records: attributes, type, key and value.
  public var recordByteCount = 0

  /// Nothing.
  public init() {}

  /// Adds what was counted elsewhere. Element counts come from the file and may be absurd.
  @inline(__always)
  mutating func add(_ other: KeyTally) {
    keys &+= other.keys
    expires &+= other.expires
    elements = elements.addingReportingOverflow(other.elements).partialValue
    valueByteCount &+= other.valueByteCount
    recordByteCount &+= other.recordByteCount
  }
}
