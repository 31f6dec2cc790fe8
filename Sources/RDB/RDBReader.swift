import ByteKit
import RedisCodecs
import RedisModel

/// Reads a snapshot record by record.
///
/// `next()` gives one record; after a key the caller reads its value at the level that it needs:
/// `skipValue()` (raw), or `readValue(into:)` (element by element). The reader holds one element at
/// a time. It can begin in the middle of a file, at a `Checkpoint`, which is how several threads
/// share one.
///
/// Source: format.md of the fact sheet, section 1 and 19.
public struct RDBReader: ~Copyable {
  /// The window over the bytes.
  public var input: ByteInput
  /// The magic's family, whose tables give bytes their meaning.
  public let family: RDBFamily
  /// The version in the header.
  public let version: Int
  /// The database that the next keys belong to.
  public internal(set) var database: Int
  /// What is being read, for reports.
  public internal(set) var phase: RDBError.Phase = .record
  /// Where the record that is being read begins.
  public internal(set) var recordOffset: Int
  /// Rules that values break without being unreadable.
  public internal(set) var violations = RDBViolationList()
  /// Whether the string read last was stored compressed.
  public internal(set) var lastStringWasCompressed = false

  /// Takes compressed strings that nobody reads, to validate them some at a time; `nil` validates
  /// each where it is met.
  var lzfBatch: LZFBatch?

  private var opcodeCounter = InlineArray<256, Int>(repeating: 0)

  var templates: HashTemplates
  var header: KeyHeader?
  var metadata: KeyMetadataBox?
  var scratch = Scratch()
  var secondScratch = Scratch()
  var keyBuffer = Scratch()
  var streamFields: [Element] = []
  var pendingTable = PendingTable()

  /// Where a reader can begin: between two records.
  public struct Checkpoint: Equatable, Sendable {
    /// The absolute offset of the next record.
    public var offset: Int
    /// The database selected there.
    public var database: Int
    var templates: HashTemplates
    let family: RDBFamily
    let version: Int
  }

  /// Begins between two records.
  ///
  /// - Parameter input: positioned at the checkpoint's offset.
  public init(resuming checkpoint: Checkpoint, input: consuming ByteInput) {
    family = checkpoint.family
    version = checkpoint.version
    database = checkpoint.database
    templates = checkpoint.templates
    recordOffset = checkpoint.offset
    self.input = input
  }

  init(_ input: consuming ByteInput, family: RDBFamily, version: Int) {
    self.family = family
    self.version = version
    database = 0
    templates = HashTemplates()
    recordOffset = input.offset
    self.input = input
  }

  /// How often each opcode was met, by its byte.
  public var opcodeCounts: [Int] { opcodeCounter.indices.map { opcodeCounter[$0] } }

  /// Where the reader stands, after a whole record.
  public var checkpoint: Checkpoint {
    Checkpoint(
      offset: input.offset, database: database, templates: templates, family: family,
      version: version)
  }

  /// The next record.
  ///
  /// The value of a key must be read or skipped before the next call.
  public mutating func next() throws(RDBError) -> RDBRecord {
    var attributes = Attributes()
    phase = .record
    recordOffset = input.offset
    while true {
      let offset = input.offset
      let byte = try readByte()
      if let type = RDBType(byte: byte, family: family) {
        return .key(try readKey(type, attributes))
      }
      phase = .opcode
      opcodeCounter[Int(byte)] &+= 1
      guard try readAttribute(byte, &attributes) else {
        guard let record = try readOpcode(byte, at: offset) else { throw unknown(byte, at: offset) }
        return record
      }
      phase = .record
    }
  }

  /// The attributes in front of a key.
  struct Attributes {
    var expireAtMs: Int64?
    var idleSeconds: UInt64?
    var lfu: UInt8?
    var metadata: Unmanaged<KeyMetadataBox>?
  }

  /// Reads an attribute of the next key. False: the byte is none.
  @inline(__always)
  private mutating func readAttribute(
    _ byte: UInt8, _ attributes: inout Attributes
  ) throws(RDBError) -> Bool {
    switch byte {
    case RDBOpcode.expireMilliseconds:
      attributes.expireAtMs = try readInt64()
    case RDBOpcode.expireSeconds:
      attributes.expireAtMs = Int64(Int32(bitPattern: try readUInt32())) * 1000
    case RDBOpcode.frequency:
      attributes.lfu = try readByte()
    case RDBOpcode.idle:
      attributes.idleSeconds = try readLength()
    case RDBOpcode.keyMetadata where family == .redis:
      let box = KeyMetadataBox(try readKeyMetadata())
      metadata = box
      attributes.metadata = box.classes.isEmpty ? nil : Unmanaged.passUnretained(box)
    case RDBOpcode.enterpriseRAM where family == .redis:
      _ = try readLength()
    default:
      return false
    }
    return true
  }

  @inline(__always)
  private mutating func readKey(
    _ type: RDBType, _ attributes: Attributes
  ) throws(RDBError) -> KeyHeader {
    phase = .key
    let source = element(try readString())
    let room = keyBuffer.reserve(max(source.count, DecimalText.byteCountMax))
    let count: Int
    if let start = source.start {
      room.copyMemory(from: start, byteCount: source.count)
      count = source.count
    } else {
      count = DecimalText.write(source.integer, to: room)
    }
    phase = .value
    let header = KeyHeader(
      database: database, key: UnsafeRawBufferPointer(start: room, count: count), type: type,
      expireAtMs: attributes.expireAtMs, idleSeconds: attributes.idleSeconds, lfu: attributes.lfu,
      metadataOwner: attributes.metadata, offset: recordOffset, valueOffset: input.offset)
    self.header = header
    return header
  }

  @inline(never)
  private func unknown(_ byte: UInt8, at offset: Int) -> RDBError {
    if let name = RDBOpcode.vendorName(byte) {
      return RDBError(
        .unsupported, at: offset, "\(name) (byte \(byte)) cannot be read here; export it there")
    }
    // Opcodes are given out downwards from 255, types upwards from 0.
    let what = byte >= 128 ? "opcode" : "type"
    return RDBError(
      .unknownType, at: offset,
      "unknown \(what) \(byte) at offset \(offset), "
        + "\(family == .redis ? "RDB" : "Valkey RDB") \(version); known up to "
        + "\(family.newestVersion)"
    )
  }

  /// Notes that a value breaks a rule and can be read all the same.
  ///
  /// - Parameter isWarning: servers take it as it is; odd, but not damage.
  @inline(never)
  mutating func note(
    _ kind: RDBError.Kind, at offset: Int, _ message: String, isWarning: Bool = false
  ) {
    guard violations.hasRoom(forWarning: isWarning) else {
      return violations.countOnly(isWarning: isWarning)
    }
    violations.append(
      RDBViolation(
        error: RDBError(kind, at: offset, message), database: database,
        key: header.map { Array($0.key) }, recordOffset: recordOffset, isWarning: isWarning))
  }

  /// The key whose value is being read, for reports.
  public var keyBeingRead: [UInt8]? {
    phase == .value ? header.map { Array($0.key) } : nil
  }
}
