/// A word of a user's input that does not read as what it should be: a target, a size, a time.
public struct TextInputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The word as it was given.
  public let found: String
  /// What it should be, with examples.
  public let expected: String
  /// What is wrong with it, if that is more than its form: `there is no Redis 7.3`.
  public let reason: String?

  /// An error about `found`.
  public init(found: String, expected: String, reason: String? = nil) {
    self.found = found
    self.expected = expected
    self.reason = reason
  }

  /// One line: what was found, what is wrong with it, and what was expected.
  public var description: String {
    let shown = found.isEmpty ? "nothing" : "'\(found)'"
    guard let reason else { return "found \(shown), expected \(expected)" }
    return "found \(shown): \(reason); expected \(expected)"
  }
}
