import ByteKit
import RDB
import RedisCodecs
import RedisModel

/// What to take for the digest of a snapshot.
public struct DigestOptions: Sendable {
  /// The server whose digest is wanted; `nil`: the one that wrote the file.
  public var server: ServerVersion?
  /// The moment at which a server loads the file, Unix milliseconds.
  public var atMs: Int64
  /// Leave out what is due by then, as a loading primary does.
  public var dropsExpired: Bool

  /// The digest of the writer, loading at `atMs`.
  public init(atMs: Int64, server: ServerVersion? = nil, dropsExpired: Bool = true) {
    self.atMs = atMs
    self.server = server
    self.dropsExpired = dropsExpired
  }
}

/// The digests of the databases of a snapshot, gathered in any order of keys.
public struct DatasetDigest: Sendable {
  /// Of each database that has keys: the XOR of its keys' digests before the final mixing.
  private var databases: [Int: (sum: Digest160, keyCount: Int)] = [:]
  /// Keys whose digest only a module knows, and how many there are.
  public private(set) var gaps: [String: Int] = [:]
  /// Keys left out because they were due.
  public internal(set) var droppedKeyCount = 0

  /// Nothing in it.
  public init() {}

  /// Adds a key.
  mutating func add(_ database: Int, _ digest: Digest160) {
    var entry = databases[database] ?? (.zero, 0)
    entry.sum.xorIn(digest)
    entry.keyCount += 1
    databases[database] = entry
  }

  /// Notes a value whose digest cannot be told.
  mutating func addGap(_ gap: DigestSink.Gap) {
    let name =
      switch gap {
      case .module(let name): "module \(name)"
      case .type(let kind): "type \(kind.name)"
      }
    gaps[name, default: 0] += 1
  }

  /// Adds what another part of the same data set has.
  public mutating func merge(_ other: DatasetDigest) {
    for (database, part) in other.databases {
      var entry = databases[database] ?? (.zero, 0)
      entry.sum.xor(with: part.sum)
      entry.keyCount += part.keyCount
      databases[database] = entry
    }
    for (name, count) in other.gaps { gaps[name, default: 0] += count }
    droppedKeyCount += other.droppedKeyCount
  }

  /// Keys in it.
  public var keyCount: Int { databases.values.reduce(0) { $0 + $1.keyCount } }

  /// What DEBUG DIGEST prints.
  ///
  /// The server mixes each database's number in before its keys, one database after the other, and
  /// the sum of all that came before takes part in that; so the keys' sums are put in, in order.
  public var value: Digest160 {
    var digest = Digest160.zero
    for (database, part) in databases.sorted(by: { $0.key < $1.key }) {
      digest.mixIn(bigEndian: UInt32(truncatingIfNeeded: database))
      digest.xor(with: part.sum)
    }
    return digest
  }
}

/// Computes the digest of one chunk of a snapshot.
public struct DigestHandler: ~Copyable, RDBChunkHandler {
  /// Called with each key that the server keeps and the digest of its value; `nil`: cannot be told.
  public typealias KeyReport = (KeyHeader, Digest160?) -> Void

  private let rules: DigestRules
  private let options: DigestOptions
  private let report: KeyReport?
  private let gate: KeyGate
  private var sink: DigestSink
  /// What was gathered.
  public private(set) var digest = DatasetDigest()

  /// - Parameters:
  ///   - gate: lets the keys pass that take part.
  ///   - report: wants each key's own digest (DEBUG DIGEST-VALUE); the data set's is then not
  ///     computed.
  public init(
    _ chunk: RDBChunk, _ options: DigestOptions, _ gate: KeyGate, report: KeyReport? = nil
  ) {
    rules = DigestRules(options.server ?? chunk.prologue.writer)
    self.options = options
    self.report = report
    self.gate = gate
    sink = DigestSink(
      rules: rules, dropFieldsBeforeMs: options.dropsExpired ? options.atMs : nil)
  }

  /// Takes nothing from records that are no keys.
  public mutating func record(_ record: RDBRecord, offset: Int) {}

  /// Mixes a key in, unless it is not selected or a loading server would drop it.
  public mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    let decision = try gate.decide(header)
    if decision == .no {
      _ = try reader.skipValue()
      return
    }
    if options.dropsExpired && header.isExpired(atMs: options.atMs) {
      _ = try reader.skipValue()
      digest.droppedKeyCount += 1
      return
    }
    sink.begin(header.type.kind, key: report == nil ? header.key : nil)
    try reader.readValue(into: &sink)
    let value = sink.finish(hasExpiry: header.expireAtMs != nil)
    if decision == .undecided,
      !gate.accepts(
        elements: sink.elementCount + sink.droppedFieldCount,
        byteCount: reader.input.offset - header.valueOffset)
    {
      return
    }
    guard sink.elementCount > 0 || header.type.kind == .stream || keepsEmpty else {
      digest.droppedKeyCount += 1
      return
    }
    if let gap = sink.gap { digest.addGap(gap) }
    if let report { report(header, sink.gap == nil ? value : nil) }
    digest.add(header.database, value)
    try gate.keyPassed(reader.input.offset)
  }

  private var keepsEmpty: Bool { rules.keepsEmptyCollections && sink.droppedFieldCount == 0 }
}
