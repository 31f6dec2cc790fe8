/// A set of cluster slots: 16384 bits.
public struct SlotSet: Sendable {
  static let form = "slots 0-16383 such as 0-5460,10923"

  @usableFromInline var words: InlineArray<256, UInt64> = .init(repeating: 0)

  /// The empty set.
  public init() {}

  /// Reads slots and ranges of slots: `0-5460,10923`.
  ///
  /// - Throws: for any other form, slots past 16383, and reversed ranges.
  public init(_ text: String) throws(TextInputError) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      let slots = ends.compactMap { end in
        end.utf8.allSatisfy { (48...57).contains($0) } ? Int(end) : nil
      }
      guard slots.count == ends.count, (1...2).contains(slots.count) else {
        throw TextInputError(found: text, expected: SlotSet.form)
      }
      let (first, last) = (slots[0], slots[slots.count - 1])
      guard last < HashSlot.count, first < HashSlot.count else {
        throw TextInputError(
          found: text, expected: SlotSet.form, reason: "\(max(first, last)) is no slot")
      }
      guard first <= last else {
        throw TextInputError(
          found: text, expected: SlotSet.form, reason: "the range \(part) is reversed")
      }
      insert(first...last)
    }
  }

  /// Whether `slot`, 0…16383, is in the set.
  @inlinable
  public func contains(_ slot: Int) -> Bool {
    words[slot &>> 6] &>> UInt64(slot & 63) & 1 != 0
  }

  /// Puts the slots of `range` in, all 0…16383.
  public mutating func insert(_ range: ClosedRange<Int>) {
    for slot in range { words[slot &>> 6] |= 1 &<< UInt64(slot & 63) }
  }

  /// The number of slots.
  public var count: Int { words.indices.reduce(0) { $0 + words[$1].nonzeroBitCount } }
}
