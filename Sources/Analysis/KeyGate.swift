import ByteKit
import RDB
import RedisModel
import Synchronization

/// What the chunks of a run share that walks the selected keys of one or more files.
public final class KeyGateState: Sendable {
  private struct State {
    /// Keys that may still pass; `nil` for any number.
    var keysLeft: Int?
    var trouble: String?
  }

  private let state: Mutex<State>
  /// Whether there is a limit on the number of keys. The pass then takes one thread.
  public let isLimited: Bool

  /// - Parameter limit: the number of keys after which to stop; `nil` for all.
  public init(limit: Int?) {
    state = Mutex(State(keysLeft: limit))
    isLimited = limit != nil
  }

  /// Whether as many keys as wanted have passed.
  public var isDone: Bool { state.withLock { $0.keysLeft == 0 } }

  /// Why the run cannot go on, though the data may be sound; `nil` while it can.
  public var trouble: String? { state.withLock { $0.trouble } }

  /// Counts a key that passed.
  func countKey() { state.withLock { if let left = $0.keysLeft { $0.keysLeft = left - 1 } } }

  /// Notes why the run cannot go on; the first reason stays.
  public func fail(_ reason: String) { state.withLock { $0.trouble = $0.trouble ?? reason } }
}

/// Lets the selected keys of one chunk pass, up to the limit.
public struct KeyGate {
  private let state: KeyGateState
  @usableFromInline let selector: KeySelector
  private let isLimited: Bool

  /// Applies `selection`.
  public init(_ selection: KeySelection, _ state: KeyGateState) {
    self.state = state
    selector = KeySelector(selection)
    isLimited = state.isLimited
  }

  /// What can be said of a key before its value has been read.
  ///
  /// - Throws: `RDBError.Kind.stopped` where that cannot be told; `KeyGateState.trouble` says why.
  @inlinable @inline(__always)
  public func decide(_ header: KeyHeader) throws(RDBError) -> KeySelector.Decision {
    selector.isEverything ? .yes : try decideByHeader(header)
  }

  @usableFromInline
  func decideByHeader(_ header: KeyHeader) throws(RDBError) -> KeySelector.Decision {
    do throws(BytePatternError) {
      return try selector.decide(header)
    } catch {
      state.fail(
        "the regular expression of --regex cannot be decided for key "
          + "\(PrintableText.quoted(header.key)) of db \(header.database): \(error)"
      )
      throw RDBError(.stopped, at: header.offset, "stopped")
    }
  }

  /// Whether a key whose decision was left open is selected.
  ///
  /// - Parameters:
  ///   - elements: the elements of its value, 1 for a string.
  ///   - byteCount: the bytes of its value as the file stores them.
  public func accepts(elements: Int, byteCount: Int) -> Bool {
    selector.accepts(elements: elements, byteCount: byteCount)
  }

  /// Counts a key that passed.
  ///
  /// - Parameter offset: behind its value.
  /// - Throws: `RDBError.Kind.stopped` after the last one that was wanted.
  @inline(__always)
  public func keyPassed(_ offset: Int) throws(RDBError) {
    if isLimited { try count(offset) }
  }

  private func count(_ offset: Int) throws(RDBError) {
    state.countKey()
    if state.isDone { throw RDBError(.stopped, at: offset, "enough") }
  }
}
