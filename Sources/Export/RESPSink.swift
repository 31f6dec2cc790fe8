import ByteKit
import RDB
import RedisCodecs
import RedisModel

/// Writes commands that rebuild each key on an empty server, ready for `redis-cli --pipe`.
///
/// A key is `beginKey`, which says what the caller does next, the events of its value, `endKey`.
/// Collections go out in commands of limited size as they stream by. Streams wait for their end in
/// `SpillArena`s, because what their groups refer to decides how their entries are made (see
/// `RESPSink+Streams.swift`). What commands cannot carry over is counted in `leftOut`; access
/// times, LFU counters, encodings, the sign of a zero score in a small sorted set and the times
/// when consumers were seen are not counted, for the replay makes its own.
public struct RESPSink: ~Copyable {
  /// What the caller does with the value of a key that begins.
  public enum Route: Sendable {
    /// Walk the value into this sink, then call `endKey`.
    case commands
    /// Call `restore` with the value's raw body, or `leaveOut`; then go on.
    case payload
    /// Skip the value and go on.
    case leaveOut
  }

  /// What is left to do at the end of a key.
  public enum Outcome: Sendable {
    /// Nothing.
    case done
    /// Call `restore` with the value's raw body: no command has been written.
    case needsPayload
  }

  var output: RecordOutput
  var stream = HeldStream()
  let target: RESPTarget
  /// The bytes of the present key, borrowed from its header.
  var key = UnsafeRawBufferPointer(start: nil, count: 0)
  /// What could not be carried over.
  public private(set) var leftOut = LeftOut()
  private let nowMs: Int64
  private let itemCountMax: Int
  var batch = ArgumentBatch()
  private var fieldExpiries = TaggedFields()
  /// Members with the score −0 that `ZADD` must not bring into a compact set.
  var negativeZeros = TaggedFields()
  private var selected: Int?
  private var database = 0
  private var type: RDBType?
  private var kind = RDBValueKind.string
  private var expireAtMs: Int64?
  /// Whether a command has gone out that makes the present key.
  var hasWritten = false

  /// - Parameters:
  ///   - target: the server that will take the commands.
  ///   - nowMs: Unix milliseconds; keys and fields that expire before are left out.
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the commands, in order; the bytes are valid during the call only.
  public init(
    target: RESPTarget, nowMs: Int64, capacity: Int = 1 << 17,
    drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    output = RecordOutput(capacity: capacity, drain: drain)
    self.target = target
    self.nowMs = nowMs
    itemCountMax = target.hasVariadicPushes ? ArgumentBatch.itemCountMax : 1
  }

  /// The `errno` of a temporary file that could not be made or grown; `isStopped` is true then.
  public private(set) var failure: Int32?

  /// Whether the reader should give up.
  public var isStopped: Bool {
    failure != nil || kind == .stream && stream.failure != nil
  }

  /// Writes a function library: the source with its `#!` line.
  public mutating func function(code: UnsafeRawBufferPointer) {
    guard target.hasFunctions else {
      return leftOut.note(.script, database: 0, key: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    output.writer.write("*4\r\n$8\r\nFUNCTION\r\n$4\r\nLOAD\r\n$7\r\nREPLACE\r\n")
    output.writer.writeBulk(code)
  }

  /// Writes a script of the cache (AUX field `lua`).
  public mutating func script(code: UnsafeRawBufferPointer) {
    guard target.hasMilliseconds else {
      return leftOut.note(.script, database: 0, key: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    output.writer.write("*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n")
    output.writer.writeBulk(code)
  }

  /// A key begins; the header's key stays valid until `endKey`.
  public mutating func beginKey(_ header: KeyHeader) -> Route {
    database = header.database
    key = header.key
    type = header.type
    kind = header.type.kind
    expireAtMs = header.expireAtMs
    hasWritten = false
    if header.isExpired(atMs: nowMs) {
      note(.expiredKey)
      return .leaveOut
    }
    if !header.metadata.isEmpty { note(.keyMetadata) }
    switch kind {
    case .string, .list, .set, .zset, .hash: break
    case .stream:
      guard target.hasStreams else {
        note(.stream)
        return .leaveOut
      }
      stream.begin()
    case .array, .module, .pathHash, .gcra, .cron:
      guard target.payloadVersion(for: header.type) != nil else {
        note(LeftOut.Reason(kind))
        return .leaveOut
      }
      select()
      return .payload
    }
    select()
    return .commands
  }

  /// The value is complete.
  ///
  /// - Parameter hasPayload: whether the caller could call `restore` for this key: some states of
  ///   streams travel in payloads only.
  public mutating func endKey(hasPayload: Bool = false) -> Outcome {
    if !negativeZeros.isEmpty {
      failure = failure ?? negativeZeros.failure
      restoreCompactSet()
      flushNegativeZeros()
    }
    flushBatch()
    if kind == .stream {
      failure = failure ?? stream.failure
      if hasPayload, stream.wantsPayload, let type, target.payloadVersion(for: type) != nil {
        stream.begin()
        return .needsPayload
      }
      writeStream()
      hasWritten = true
    }
    if hasWritten, kind != .string || !target.hasSetPXAT { writeExpiry() }
    return .done
  }

  /// Rebuilds the present key from the raw body of its value, as the file holds it.
  ///
  /// A module's value is left out only where the target certainly lacks the module.
  public mutating func restore(body: UnsafeRawBufferPointer) {
    guard let type, let version = target.payloadVersion(for: type),
      kind != .module || target.hasVectorSets || !Self.isVectorSet(body)
    else { return leaveOut() }
    let isAbsolute = target.hasStreams
    output.writer.writeArrayHeader(isAbsolute ? 5 : 4)
    output.writer.writeBulk("RESTORE")
    output.writer.writeBulk(key)
    output.writer.writeBulk(decimal: isAbsolute ? expireAtMs ?? 0 : 0)
    output.writer.writePayload(type: type.byte, body: body, version: version)
    if isAbsolute {
      output.writer.writeBulk("ABSTTL")
    } else {
      writeExpiry()
    }
  }

  /// The payload that `beginKey` or `endKey` asked for cannot be had.
  public mutating func leaveOut() { note(LeftOut.Reason(kind)) }

  /// The value could not be read to its end: what has been written of the key is taken back, or
  /// deleted by a command where it has left the buffer.
  public mutating func abandonKey() {
    failure = failure ?? stream.failure ?? negativeZeros.failure
    batch.removeAll()
    fieldExpiries.removeAll()
    negativeZeros.removeAll()
    stream.begin()
    guard !output.takeBackRecord() else { return }
    output.writer.write("*2\r\n$3\r\nDEL\r\n")
    output.writer.writeBulk(key)
  }

  /// What was written and drained for the last key, the choice of its database included, has been
  /// thrown away by the caller.
  ///
  /// - Parameter leftOut: what had been left out before that key.
  public mutating func keyWasDropped(leftOut: LeftOut) {
    selected = nil
    self.leftOut = leftOut
  }

  /// Hands everything to `drain`.
  public mutating func finish() { output.writer.flush() }

  /// Counts something of the present key as left out.
  mutating func note(_ reason: LeftOut.Reason) {
    leftOut.note(reason, database: database, key: key)
  }

  /// Whether a module value begins with the id of `vectorset`: 0x81, then 64 bits, big endian.
  private static func isVectorSet(_ body: UnsafeRawBufferPointer) -> Bool {
    guard body.count >= 9, body[0] == 0x81 else { return false }
    let id = UInt64(bigEndian: body.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    return ModuleName(id: id).description == "vectorset"
  }

  /// Chooses the database where it differs, and marks where the key's commands begin.
  private mutating func select() {
    if selected != database {
      selected = database
      output.writer.write("*2\r\n$6\r\nSELECT\r\n")
      output.writer.writeBulk(decimal: Int64(database))
    }
    output.beginRecord()
  }

  private mutating func writeExpiry() {
    guard let expireAtMs else { return }
    if target.hasMilliseconds {
      output.writer.write("*3\r\n$9\r\nPEXPIREAT\r\n")
      output.writer.writeBulk(key)
      output.writer.writeBulk(decimal: expireAtMs)
    } else {
      // Seconds, rounded up: a key lives a moment longer rather than shorter.
      let seconds = expireAtMs / 1000 + (expireAtMs % 1000 > 0 ? 1 : 0)
      output.writer.write("*3\r\n$8\r\nEXPIREAT\r\n")
      output.writer.writeBulk(key)
      output.writer.writeBulk(decimal: seconds)
    }
  }
}

// Strings and collections.
extension RESPSink: ValueSink {
  /// Writes `SET`, with the expiry where the target takes both at once.
  public mutating func string(_ value: Element) {
    hasWritten = true
    if let expireAtMs, target.hasSetPXAT {
      output.writer.write("*5\r\n$3\r\nSET\r\n")
      output.writer.writeBulk(key)
      output.writer.writeBulk(value)
      output.writer.write("$4\r\nPXAT\r\n")
      output.writer.writeBulk(decimal: expireAtMs)
    } else {
      output.writer.write("*3\r\n$3\r\nSET\r\n")
      output.writer.writeBulk(key)
      output.writer.writeBulk(value)
    }
  }

  /// Adds an element to the `RPUSH` or `SADD` in the making.
  public mutating func element(_ value: Element) {
    guard makeRoom(ArgumentBatch.byteCountMax(of: value)) else {
      writeCommandHead(argumentCount: 1)
      return output.writer.writeBulk(value)
    }
    batch.beginItem()
    batch.append(value)
  }

  /// Adds a member to the `ZADD` in the making.
  public mutating func member(_ member: Element, score: Double) {
    guard !score.isNaN else { return note(.nanScore) }
    if score == 0, score.sign == .minus, target.losesNegativeZero,
      member.count <= CompactSet.memberByteCountMax
    {
      return negativeZeros.append(member, tag: 0)
    }
    ScoreArgument.with(score) { text in
      let needed = ArgumentBatch.byteCountMax(of: text) &+ ArgumentBatch.byteCountMax(of: member)
      writePair(text, member, byteCount: needed)
    }
  }

  /// Adds a field to the `HSET` in the making; a field that has expired is left out.
  public mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    if let expireAtMs {
      if expireAtMs < nowMs { return note(.expiredField) }
      if !target.hasFieldExpiry { note(.fieldExpiry) }
    }
    let needed = ArgumentBatch.byteCountMax(of: field) &+ ArgumentBatch.byteCountMax(of: value)
    writePair(field, value, byteCount: needed)
    guard let expireAtMs, target.hasFieldExpiry else { return }
    if batch.isEmpty {
      // The pair has gone out already, being large.
      writeFieldExpiryHead(expireAtMs, fieldCount: 1)
      output.writer.writeBulk(field)
    } else {
      fieldExpiries.append(field, tag: expireAtMs)
    }
  }

  @inline(__always)
  private mutating func writePair(_ first: Element, _ second: Element, byteCount: Int) {
    guard makeRoom(byteCount) else {
      writeCommandHead(argumentCount: 2)
      output.writer.writeBulk(first)
      return output.writer.writeBulk(second)
    }
    batch.beginItem()
    batch.append(first)
    batch.append(second)
  }

  /// Sees to it that the batch has room for an item; false if it never will.
  @inline(__always)
  private mutating func makeRoom(_ byteCount: Int) -> Bool {
    if batch.itemCount < itemCountMax, batch.hasRoom(byteCount) { return true }
    flushBatch()
    return batch.hasRoom(byteCount)
  }

  /// Writes the gathered items as one command, and the expiries of fields among them.
  private mutating func flushBatch() {
    guard !batch.isEmpty else { return }
    writeCommandHead(argumentCount: batch.argumentCount)
    output.writer.write(batch.bytes)
    batch.removeAll()
    while let run = fieldExpiries.nextRun() {
      writeFieldExpiryHead(run.tag, fieldCount: run.count)
      for _ in 0..<run.count { output.writer.writeBulk(fieldExpiries.nextField()) }
    }
    fieldExpiries.removeAll()
  }

  private mutating func flushNegativeZeros() {
    guard let run = negativeZeros.nextRun() else { return }
    let score = CompactSet.negativeZero
    for _ in 0..<run.count {
      let member = negativeZeros.nextField()
      let needed = ArgumentBatch.byteCountMax(of: score) &+ ArgumentBatch.byteCountMax(of: member)
      writePair(score, member, byteCount: needed)
    }
    negativeZeros.removeAll()
  }

  /// Writes the command that adds items to the present collection, up to its key.
  private mutating func writeCommandHead(argumentCount: Int) {
    hasWritten = true
    output.writer.writeArrayHeader(argumentCount &+ 2)
    switch kind {
    case .list: output.writer.write("$5\r\nRPUSH\r\n")
    case .set: output.writer.write("$4\r\nSADD\r\n")
    case .zset: output.writer.write("$4\r\nZADD\r\n")
    default: output.writer.write(target.hasVariadicHSET ? "$4\r\nHSET\r\n" : "$5\r\nHMSET\r\n")
    }
    output.writer.writeBulk(key)
  }

  private mutating func writeFieldExpiryHead(_ expireAtMs: Int64, fieldCount: Int) {
    output.writer.writeArrayHeader(fieldCount &+ 5)
    output.writer.write("$10\r\nHPEXPIREAT\r\n")
    output.writer.writeBulk(key)
    output.writer.writeBulk(decimal: expireAtMs)
    output.writer.write("$6\r\nFIELDS\r\n")
    output.writer.writeBulk(decimal: Int64(fieldCount))
  }
}
