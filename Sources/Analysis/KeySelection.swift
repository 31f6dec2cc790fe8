import RDB
import RedisModel

/// Which keys a command walks: what the selection flags say, which all such commands share.
///
/// A property that is empty or `nil` lets every key pass.
public struct KeySelection: Sendable {
  /// The databases; empty for all.
  public var databases: [Int] = []
  /// The types; empty for all.
  public var kinds: [RDBValueKind] = []
  /// A key matches one of these; empty for all.
  public var globs: [GlobPattern] = []
  /// A key matches none of these.
  public var excludedGlobs: [GlobPattern] = []
  /// A key contains a match of this.
  public var pattern: BytePattern?
  /// A key's slot is one of these.
  public var slots: SlotSet?
  /// What the expiry must be.
  public var expiry: ExpiryFilter?
  /// The bytes of the value in the file.
  public var byteCounts: ClosedRange<Int>?
  /// The elements of the value.
  public var elementCounts: ClosedRange<Int>?
  /// Unix milliseconds: what counts as expired.
  public var nowMs: Int64

  /// Every key.
  public init(nowMs: Int64) { self.nowMs = nowMs }

  /// Whether the size of a value has a say.
  public var needsValueSize: Bool { byteCounts != nil || elementCounts != nil }

  /// Whether every key passes.
  public var isEverything: Bool {
    databases.isEmpty && kinds.isEmpty && globs.isEmpty && excludedGlobs.isEmpty && pattern == nil
      && slots == nil && expiry == nil && !needsValueSize
  }
}

/// Applies a selection; each thread has one of its own.
public final class KeySelector {
  /// What is known of a key before its value has been read.
  public enum Decision: Equatable, Sendable {
    /// It is not selected.
    case no
    /// It is selected.
    case yes
    /// The size of its value decides.
    case undecided
  }

  /// Whether every key passes: what most runs ask for, and then nothing needs to be looked at.
  @usableFromInline let isEverything: Bool
  private let selection: KeySelection
  private let matcher: BytePattern.Matcher?

  /// Applies `selection`.
  public init(_ selection: KeySelection) {
    self.selection = selection
    isEverything = selection.isEverything
    matcher = selection.pattern?.matcher()
  }

  /// What can be said before the value has been read, the cheapest question first.
  ///
  /// - Throws: where the regular expression reached one of its limits, so that nothing can be said.
  @inlinable @inline(__always)
  public func decide(_ header: KeyHeader) throws(BytePatternError) -> Decision {
    isEverything ? .yes : try decideByHeader(header)
  }

  @usableFromInline
  func decideByHeader(_ header: KeyHeader) throws(BytePatternError) -> Decision {
    if !selection.databases.isEmpty, !selection.databases.contains(header.database) { return .no }
    if !selection.kinds.isEmpty, !selection.kinds.contains(header.type.kind) { return .no }
    if let expiry = selection.expiry,
      !expiry.accepts(header.expireAtMs, nowMs: selection.nowMs)
    {
      return .no
    }
    guard acceptsName(header.key) else { return .no }
    if let matcher, try !matcher.matches(header.key) { return .no }
    return selection.needsValueSize ? .undecided : .yes
  }

  private func acceptsName(_ key: UnsafeRawBufferPointer) -> Bool {
    if !selection.globs.isEmpty, !selection.globs.contains(where: { $0.matches(key) }) {
      return false
    }
    if selection.excludedGlobs.contains(where: { $0.matches(key) }) { return false }
    return selection.slots?.contains(HashSlot.of(key)) ?? true
  }

  /// Whether a key whose decision was left open is selected.
  ///
  /// - Parameters:
  ///   - elements: the elements of its value, 1 for a string.
  ///   - byteCount: the bytes of its value as the file stores them.
  public func accepts(elements: Int, byteCount: Int) -> Bool {
    selection.byteCounts?.contains(byteCount) ?? true
      && selection.elementCounts?.contains(elements) ?? true
  }
}
