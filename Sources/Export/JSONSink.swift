import ByteKit
import RDB
import RedisCodecs
import RedisModel

/// How a snapshot stores a string.
public enum StringEncoding: Sendable {
  /// Plain bytes.
  case raw
  /// An integer.
  case int
  /// LZF.
  case lzf

  /// The name in reports.
  public var name: StaticString {
    switch self {
    case .raw: "raw"
    case .int: "int"
    case .lzf: "lzf"
    }
  }
}

/// Writes each key as a JSON object: one per line, or all in one array.
///
/// A key is `beginKey`, the events of its value from the reader, `endKey`. Values stream through:
/// what the file stores in another order than the object has (field TTLs) waits in a `SpillArena`.
public struct JSONSink: ~Copyable {
  /// What stands between the objects.
  public enum Layout: Sendable {
    /// One object per line (NDJSON).
    case lines
    /// One JSON array.
    case array
    /// The items of a JSON array whose brackets are written elsewhere, a comma and a newline before
    /// each: what several sinks that share an array write.
    case items
  }

  var output: RecordOutput
  var held = HeldText()
  /// Whether the next item of the innermost list needs a comma.
  var needsComma = false
  var stage = Stage.plain
  /// Calls that the thing announced last (stream entry, consumer, cron keys) still expects.
  var announced = 0
  /// The fields of the present hash so far, and those among them whose expiry is past.
  var fieldCount = 0
  var dueFieldCount = 0
  /// Unix milliseconds: what counts as past for fields.
  let nowMs: Int64
  private let layout: Layout
  private let hasValues: Bool
  private var kind = RDBValueKind.string
  private var seenEncoding: StringEncoding?
  private var isEmpty = true
  private var isExpired = false

  /// Where in a value of several parts the sink is.
  enum Stage {
    /// In a value of one part.
    case plain
    /// In a stream's entries.
    case entries
    /// Between a stream's groups.
    case groups
    /// In a group's consumers.
    case consumers
    /// In a group's pending entries.
    case pending
    /// In a group's NACK zone.
    case nack
    /// In a stream's idempotent producers.
    case producers
    /// Behind everything that a stream has.
    case finished
    /// In a cron job's keys.
    case cronKeys
    /// In a cron job's arguments.
    case arguments
  }

  /// - Parameters:
  ///   - layout: lines or one array.
  ///   - hasValues: false leaves `value` out; the caller skips the values then.
  ///   - nowMs: Unix milliseconds: a hash all of whose fields expire before is marked as expired,
  ///     as a loading primary drops it.
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the text, in order; the bytes are valid during the call only.
  public init(
    layout: Layout = .lines, hasValues: Bool = true, nowMs: Int64 = .min,
    capacity: Int = 1 << 16, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    output = RecordOutput(capacity: capacity, drain: drain)
    self.layout = layout
    self.hasValues = hasValues
    self.nowMs = nowMs
  }

  /// The `errno` of a temporary file that could not be made or grown; `isStopped` is true then.
  public var failure: Int32? { held.failure }

  /// A key begins; the events of its value follow unless the sink leaves values out.
  ///
  /// - Parameters:
  ///   - header: what stands before the value.
  ///   - slot: its hash slot, where that is wanted.
  ///   - isExpired: whether its expiry is past.
  public mutating func beginKey(_ header: KeyHeader, slot: Int?, isExpired: Bool) {
    output.beginRecord()
    kind = header.type.kind
    seenEncoding = nil
    self.isExpired = isExpired
    fieldCount = 0
    dueFieldCount = 0
    switch layout {
    case .lines: break
    case .array: output.writer.write(isEmpty ? "[\n" : ",\n")
    case .items: output.writer.write(",\n")
    }
    writeAttributes(of: header, slot: slot, isExpired: isExpired)
    guard hasValues else { return }
    output.writer.write(",\"value\":")
    needsComma = false
    stage = .plain
    announced = 0
    switch kind {
    case .list, .set, .zset, .pathHash: output.writer.write(UInt8(ascii: "["))
    case .hash: output.writer.write(UInt8(ascii: "{"))
    case .stream:
      output.writer.write("{\"entries\":[")
      stage = .entries
    case .string, .array, .module, .gcra, .cron: break
    }
  }

  /// The key is complete.
  ///
  /// - Parameter stringEncoding: how a string is stored; where it is `nil`, what the value itself
  ///   told (`raw` or `int`).
  public mutating func endKey(stringEncoding: StringEncoding? = nil) {
    if hasValues { closeValue() }
    if kind == .string, let encoding = stringEncoding ?? seenEncoding {
      output.writer.write(",\"encoding\":\"")
      output.writer.write(encoding.name)
      output.writer.write(UInt8(ascii: "\""))
    }
    if dueFieldCount > 0, dueFieldCount == fieldCount, !isExpired {
      output.writer.write(",\"expired\":true")
    }
    if !held.isEmpty {
      output.writer.write(",\"fieldExpireAtMs\":{")
      held.move(to: &output.writer)
      output.writer.write(UInt8(ascii: "}"))
    }
    output.writer.write(UInt8(ascii: "}"))
    if layout == .lines { output.writer.write(UInt8(ascii: "\n")) }
    isEmpty = false
  }

  /// The value could not be read to its end.
  ///
  /// - Returns: whether the key left no trace; otherwise a part of its object has been written, and
  ///   the line is ended.
  @discardableResult
  public mutating func abandonKey() -> Bool {
    held.clear()
    if output.takeBackRecord() { return true }
    if layout == .lines { output.writer.write(UInt8(ascii: "\n")) }
    isEmpty = false
    return false
  }

  /// Ends the array and hands everything to `drain`.
  public mutating func finish() {
    if layout == .array { output.writer.write(isEmpty ? "[]\n" : "\n]\n") }
    output.writer.flush()
  }

  private mutating func writeAttributes(of header: KeyHeader, slot: Int?, isExpired: Bool) {
    output.writer.write("{\"db\":")
    output.writer.write(decimal: header.database)
    output.writer.write(",\"key\":")
    output.writer.writeJSON(bytes: header.key)
    output.writer.write(",\"type\":\"")
    output.writer.write(header.type.kind.label)
    if kind != .string {
      output.writer.write("\",\"encoding\":\"")
      output.writer.write(header.type.encodingName)
    }
    output.writer.write("\",\"rdbType\":")
    output.writer.write(decimal: Int(header.type.byte))
    if let expireAtMs = header.expireAtMs {
      output.writer.write(",\"expireAtMs\":")
      output.writer.write(decimal: expireAtMs)
    }
    if isExpired { output.writer.write(",\"expired\":true") }
    if let idleSeconds = header.idleSeconds {
      output.writer.write(",\"idleSeconds\":")
      output.writer.write(decimal: idleSeconds)
    }
    if let lfu = header.lfu {
      output.writer.write(",\"lfu\":")
      output.writer.write(decimal: Int(lfu))
    }
    if let slot {
      output.writer.write(",\"slot\":")
      output.writer.write(decimal: slot)
    }
    if !header.metadata.isEmpty { output.writer.writeJSON(header.metadata) }
  }

  private mutating func closeValue() {
    switch kind {
    case .list, .set, .zset, .pathHash: output.writer.write(UInt8(ascii: "]"))
    case .hash: output.writer.write(UInt8(ascii: "}"))
    case .array, .module: output.writer.write("]}")
    case .cron:
      if stage != .arguments { output.writer.write("],\"arguments\":[") }
      output.writer.write("]}")
    case .stream: output.writer.write(stage == .finished ? "}" : "]}")
    case .string, .gcra: break
    }
  }

  /// Notes how the value of a string key showed itself.
  mutating func note(_ value: Element) {
    seenEncoding = value.start == nil ? .int : .raw
  }

  /// Writes a comma unless the next item is the first of its list.
  @inline(__always)
  mutating func separate() {
    if needsComma { output.writer.write(UInt8(ascii: ",")) } else { needsComma = true }
  }
}

extension RDBValueKind {
  /// The name that reports print, without `String`.
  var label: StaticString {
    switch self {
    case .string: "string"
    case .list: "list"
    case .set: "set"
    case .zset: "zset"
    case .hash: "hash"
    case .stream: "stream"
    case .array: "array"
    case .module: "module"
    case .pathHash: "pathhash"
    case .gcra: "gcra"
    case .cron: "cron"
    }
  }
}
