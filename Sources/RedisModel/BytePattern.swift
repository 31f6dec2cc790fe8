import CPCRE2

/// A regular expression over bytes that could not be compiled, or gave up on an input.
public struct BytePatternError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: Equatable, Sendable {
    /// The pattern is wrong at this offset, bytes.
    case pattern(offset: Int)
    /// The pattern took more steps, nesting or memory than allowed on an input: no answer.
    case limit
  }

  /// What went wrong.
  public let kind: Kind
  /// PCRE2's own words.
  public let message: String

  /// One line about the pattern, without the pattern itself.
  public var description: String {
    switch kind {
    case .pattern(let offset): "at offset \(offset): \(message)"
    case .limit: "the pattern gave up: \(message)"
    }
  }
}

/// A regular expression of PCRE2 over bytes: no UTF, no locale.
///
/// The compiled form is shared freely; each thread matches through a `Matcher` of its own.
public final class BytePattern: @unchecked Sendable {
  // Unchecked: the code is not changed after `init`, and PCRE2 allows its use by many threads.
  fileprivate let code: OpaquePointer

  /// The pattern as it was given.
  public let source: String

  /// Compiles `source`, to machine code where PCRE2 can.
  public init(_ source: String) throws(BytePatternError) {
    var number: Int32 = 0
    var offset = 0
    var text = source
    let compiled = text.withUTF8 { bytes in
      pcre2_compile_8(
        bytes.baseAddress, bytes.count, PCRE2_NEVER_UTF, &number, &offset, nil)
    }
    guard let compiled else {
      throw BytePatternError(kind: .pattern(offset: offset), message: Self.message(number))
    }
    // Without machine code the interpreter matches; both answer alike.
    pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE)
    code = compiled
    self.source = source
  }

  deinit { pcre2_code_free_8(code) }

  /// What a thread needs to match besides the pattern.
  public func matcher() -> Matcher { Matcher(self) }

  /// PCRE2's words for an error number.
  fileprivate static func message(_ number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
      let count = pcre2_get_error_message_8(number, buffer.baseAddress, buffer.count)
      return count < 0 ? "error \(number)" : String(decoding: buffer[..<Int(count)], as: UTF8.self)
    }
  }
}

extension BytePattern {
  /// Matches a pattern; not to be shared between threads.
  public final class Matcher {
    /// Steps allowed for one input: a tenth of a second or so.
    static let matchLimit: UInt32 = 1_000_000
    /// Nesting of backtracking points allowed.
    static let depthLimit: UInt32 = 50_000
    /// Memory allowed for backtracking, KiB.
    static let heapLimit: UInt32 = 20_000
    /// The stack of the machine code, bytes, at first and at most.
    static let stackByteCount = (first: 1 << 15, most: 1 << 20)

    /// The pattern.
    public let pattern: BytePattern
    private let data: OpaquePointer?
    private let context: OpaquePointer?
    private let stack: OpaquePointer?

    fileprivate init(_ pattern: BytePattern) {
      self.pattern = pattern
      // Whether it matches is all that is asked: one pair of offsets.
      data = pcre2_match_data_create_8(1, nil)
      context = pcre2_match_context_create_8(nil)
      stack = pcre2_jit_stack_create_8(Self.stackByteCount.first, Self.stackByteCount.most, nil)
      pcre2_set_match_limit_8(context, Self.matchLimit)
      pcre2_set_depth_limit_8(context, Self.depthLimit)
      pcre2_set_heap_limit_8(context, Self.heapLimit)
      pcre2_jit_stack_assign_8(context, nil, stack.map { UnsafeMutableRawPointer($0) })
    }

    deinit {
      pcre2_match_data_free_8(data)
      pcre2_match_context_free_8(context)
      pcre2_jit_stack_free_8(stack)
    }

    /// Whether the pattern matches anywhere in `bytes`.
    ///
    /// - Throws: where it hits a limit: that is no answer.
    public func matches(_ bytes: UnsafeRawBufferPointer) throws(BytePatternError) -> Bool {
      let subject = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
      let result = pcre2_match_8(pattern.code, subject, bytes.count, 0, 0, data, context)
      if result >= 0 { return true }
      if result == PCRE2_ERROR_NOMATCH { return false }
      throw BytePatternError(kind: .limit, message: BytePattern.message(result))
    }
  }
}
