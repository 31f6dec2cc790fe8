/// Ranges of indexes as commands state them.
enum IndexRange {
  /// The part of 0..<count from `start` to `end`, both included; those below zero count from the
  /// end.
  static func clamped(_ start: Int64, _ end: Int64, count: Int) -> Range<Int> {
    let count = Int64(count)
    let first = max(0, start < 0 ? start &+ count : start)
    let last = min(count - 1, end < 0 ? end &+ count : end)
    guard first <= last, first < count else { return 0..<0 }
    return Int(first)..<Int(last + 1)
  }

  /// The same for the bytes or bits of a string, where an end before the first one is the first one
  /// unless both stand in the wrong order.
  static func ofText(_ start: Int64, _ end: Int64, count: Int) -> Range<Int> {
    if start < 0, end < 0, start > end { return 0..<0 }
    return clamped(start, end < 0 ? max(0, end &+ Int64(count)) : end, count: count)
  }
}
