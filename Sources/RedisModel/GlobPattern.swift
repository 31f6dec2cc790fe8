/// The glob of KEYS and SCAN, over bytes.
///
/// `*` any bytes, `?` one byte, `[abc]`, `[a-c]` and `[^abc]` one of a set, `\x` the byte x itself.
/// As in the servers, a `]` ends a set even as its first byte, a reversed range counts as the right
/// one, a set that is never closed ends with the pattern, and a `\` at the end is itself.
public struct GlobPattern: Sendable {
  @usableFromInline
  enum Step: Sendable {
    case byte(UInt8)
    case any
    case star
    case oneOf(ByteSet)
  }

  @usableFromInline let steps: [Step]

  /// The pattern as it was given.
  public let source: [UInt8]

  /// Compiles `source`; every sequence of bytes is a pattern.
  public init(_ source: some Sequence<UInt8>) {
    self.source = Array(source)
    var rest = self.source[...]
    var steps: [Step] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "*"):
        if case .star = steps.last { continue }
        steps.append(.star)
      case UInt8(ascii: "?"): steps.append(.any)
      case UInt8(ascii: "["): steps.append(.oneOf(GlobPattern.set(&rest)))
      case UInt8(ascii: "\\"): steps.append(.byte(rest.popFirst() ?? byte))
      default: steps.append(.byte(byte))
      }
    }
    self.steps = steps
  }

  /// Whether the whole of `bytes` matches.
  ///
  /// - Complexity: the product of both lengths at worst: only the last star is ever widened, as
  ///   widening an earlier one cannot help where the later one could not.
  @inlinable
  public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    var step = 0
    var afterStar = -1
    var starEnd = 0
    while position < bytes.count {
      if step < steps.count {
        if case .star = steps[step] {
          step &+= 1
          afterStar = step
          starEnd = position
          continue
        }
        if accepts(steps[step], bytes[position]) {
          step &+= 1
          position &+= 1
          continue
        }
      }
      guard afterStar >= 0 else { return false }
      starEnd &+= 1
      position = starEnd
      step = afterStar
    }
    if step < steps.count, case .star = steps[step] { step &+= 1 }
    return step == steps.count
  }

  @inlinable @inline(__always)
  func accepts(_ step: Step, _ byte: UInt8) -> Bool {
    switch step {
    case .byte(let expected): expected == byte
    case .any, .star: true
    case .oneOf(let set): set.contains(byte)
    }
  }

  /// Takes the rest of a set behind its `[`, up to its `]` or the end.
  private static func set(_ rest: inout ArraySlice<UInt8>) -> ByteSet {
    var set = ByteSet()
    let inverted = rest.first == UInt8(ascii: "^")
    if inverted { rest.removeFirst() }
    while let byte = rest.popFirst(), byte != UInt8(ascii: "]") {
      if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
        set.insert(escaped)
      } else if let last = rest.dropFirst().first, rest.first == UInt8(ascii: "-") {
        rest.removeFirst(2)
        for member in min(byte, last)...max(byte, last) { set.insert(member) }
      } else {
        set.insert(byte)
      }
    }
    if inverted { set.invert() }
    return set
  }
}
