import ByteKit
import RDB
import RedisCodecs
import RedisModel

/// Mixes one value after the other into the digest that a server makes of it (`DEBUG DIGEST`).
///
/// Expected cost: two SHA-1 blocks for each short string, some 80 ns.
/// Source: digest.md of the fact sheet; checked against the answers of 22 servers.
public struct DigestSink: ~Copyable, ValueSink {
  /// Why a value's digest cannot be told.
  public enum Gap: Equatable, Sendable {
    /// Its share is known to its module only.
    case module(ModuleName)
    /// No server that is known says how the type is digested.
    case type(RDBValueKind)
  }

  private static let vectorSetName = "vectorset"

  private let rules: DigestRules
  private let dropFieldsBeforeMs: Int64?
  private var digest = Digest160.zero
  private var isList = false
  private var vectors = VectorSetDigest()
  private var moduleName: ModuleName?
  private let text = ScoreBuffer()

  /// Elements that were mixed in.
  public private(set) var elementCount = 0
  /// Fields left out because they were due.
  public private(set) var droppedFieldCount = 0
  /// Why the digest is not what a server has.
  public private(set) var gap: Gap?

  /// - Parameters:
  ///   - rules: those of the server whose digest is wanted.
  ///   - dropFieldsBeforeMs: hash fields due before this moment are left out, as a loading primary
  ///     does; `nil` keeps all.
  public init(rules: DigestRules, dropFieldsBeforeMs: Int64?) {
    self.rules = rules
    self.dropFieldsBeforeMs = dropFieldsBeforeMs
  }

  /// Begins a value of `kind`.
  ///
  /// - Parameter key: the key's name where it takes part, as in the data set's digest; `nil` for
  ///   the digest of the value alone, which is what DEBUG DIGEST-VALUE prints.
  public mutating func begin(_ kind: RDBValueKind, key: UnsafeRawBufferPointer?) {
    elementCount = 0
    droppedFieldCount = 0
    gap = nil
    moduleName = nil
    isList = kind == .list
    digest = .zero
    if let key { digest.mixIn(key) }
    guard let number = Self.typeNumber(kind) else {
      gap = .type(kind)
      return
    }
    digest.mixIn(bigEndian: number)
  }

  /// The value's digest.
  public mutating func finish(hasExpiry: Bool) -> Digest160 {
    if let moduleName {
      if moduleName.description == Self.vectorSetName, let share = vectors.result {
        digest.xorIn(share)
      } else {
        gap = .module(moduleName)
      }
    }
    if hasExpiry { digest.xor(with: .keyExpiryMark) }
    return digest
  }

  private static func typeNumber(_ kind: RDBValueKind) -> UInt32? {
    switch kind {
    case .string: 0
    case .list: 1
    case .set: 2
    case .zset: 3
    case .hash: 4
    case .module: 5
    case .stream: 6
    case .array, .pathHash, .gcra, .cron: nil
    }
  }

  // MARK: events

  /// Mixes a string in.
  public mutating func string(_ value: Element) {
    elementCount = 1
    value.withBytes { digest.mixIn($0) }
  }

  /// Mixes an element of a list or a member of a set in.
  public mutating func element(_ value: Element) {
    elementCount &+= 1
    if isList {
      value.withBytes { digest.mixIn($0) }
    } else {
      value.withBytes { digest.xorIn($0) }
    }
  }

  /// Mixes a member of a sorted set in.
  public mutating func member(_ member: Element, score: Double) {
    elementCount &+= 1
    var pair = Digest160.zero
    member.withBytes { pair.mixIn($0) }
    pair.mixIn(text.write(score, rules.scoreText))
    digest.xorIn(pair)
  }

  /// Mixes a field of a hash in, unless it is due.
  public mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    if let expireAtMs, let dropFieldsBeforeMs, expireAtMs < dropFieldsBeforeMs {
      droppedFieldCount &+= 1
      return
    }
    elementCount &+= 1
    var pair = Digest160.zero
    field.withBytes { pair.mixIn($0) }
    value.withBytes { pair.mixIn($0) }
    if expireAtMs != nil && rules.marksFieldExpiry { pair.xor(with: .fieldExpiryMark) }
    digest.xorIn(pair)
  }

  /// Counts a field of a path hash, whose digest nobody knows.
  public mutating func pathField(path: Element, field: Element, value: Element) {
    elementCount &+= 1
  }

  /// Counts an element of an array, whose digest nobody knows.
  public mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) {
    elementCount &+= 1
  }

  /// Counts a rate limiter, whose digest nobody knows.
  public mutating func gcra(_ arrivalTime: UInt64) { elementCount = 1 }

  /// Mixes the id of a stream entry in: `<ms>.<seq>`.
  public mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    elementCount &+= 1
    digest.mixIn(text.write(id))
  }

  /// Mixes a field of a stream entry in.
  public mutating func streamField(_ field: Element, _ value: Element) {
    field.withBytes { digest.mixIn($0) }
    value.withBytes { digest.mixIn($0) }
  }

  /// Begins a module value.
  public mutating func module(name: ModuleName, version: Int) {
    moduleName = name
    vectors.begin()
  }

  /// Takes a part of a module value.
  public mutating func modulePart(_ part: ModulePart) {
    elementCount &+= 1
    vectors.take(part)
  }
}

/// Room for the short texts that are made on the way: scores and stream ids.
private struct ScoreBuffer: ~Copyable {
  private let start = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)

  deinit { start.deallocate() }

  /// The text of a score.
  func write(_ score: Double, _ form: ScoreText) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: form.write(score, to: start))
  }

  /// The text of an id, with a dot in the middle.
  func write(_ id: StreamID) -> UnsafeRawBufferPointer {
    var count = DecimalText.write(id.milliseconds, to: start)
    start.storeBytes(of: UInt8(ascii: "."), toByteOffset: count, as: UInt8.self)
    count += 1 + DecimalText.write(id.sequence, to: start + (count + 1))
    return UnsafeRawBufferPointer(start: start, count: count)
  }
}
