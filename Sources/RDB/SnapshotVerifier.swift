import ByteKit
import RedisCodecs
import RedisModel

/// How to verify a snapshot.
public struct VerifyOptions: Sendable {
  /// How to go over the file.
  public var scan = RDBScanOptions()
  /// Memory for the search for duplicate keys, and for those of one collection, bytes.
  public var memoryByteCountMax = 128 << 20
  /// The server that is to load the file; `nil`: any that knows its contents.
  public var target: ServerVersion?
  /// That server's `databases`.
  public var databases = 16
  /// That server's `rdb-version-check` is `relaxed`.
  public var isVersionCheckRelaxed = false
  /// That server loads modules, none of which is known here: values of any are taken.
  public var hasModules = false
  /// Bytes after the end are damage.
  public var isStrict = false

  /// Any server, the usual budget.
  public init() {}
}

/// What a verification found.
public struct VerifyReport: Sendable {
  /// The three answers.
  public enum Verdict: String, Sendable {
    case good, bad
    /// Could not be checked.
    case unknown
  }

  /// The answer.
  public var verdict: Verdict
  /// What is wrong or odd, in order of offset.
  public var findings: [RDBViolation]
  /// Findings beyond those kept; of duplicate keys only so many are looked for.
  public var findingsLeftOut: Int
  /// Keys that were read before the end or the damage.
  public var keyCount: Int
  /// Keys and keys with expiry, by database.
  public var databases: [Int: KeyCounts]
  /// Behind the last byte that is sound.
  public var soundEndOffset: Int
  /// What was being read where the pass had to stop.
  public var phase: RDBError.Phase?
  /// The checksum's state.
  public var checksum: RDBChecksum
  /// The magic and its framing; `nil` if there was none.
  public var opening: RDBOpening?
}

/// Keys of a database.
public struct KeyCounts: Equatable, Sendable {
  /// All.
  public var keys = 0
  /// Those that expire.
  public var expires = 0

  /// None yet.
  public init() {}
}

/// Verifies one snapshot: its framing, its checksum and every rule of the format at full depth.
///
/// Expected cost: that of unpacking and walking everything, a hash for each key, member and field.
public enum SnapshotVerifier {
  /// What the chunks share.
  private final class Shared: @unchecked Sendable {
    var databases: [Int: KeyCounts] = [:]
    var findings = RDBViolationList()
  }

  /// Goes over `input` and judges.
  public static func verify(_ input: InputFile, _ options: VerifyOptions) -> VerifyReport {
    // A file can be read again: sound ones go through quicker, the others take a second pass that
    // tells what is wrong.
    var quicker = options
    if case .file = input.access { quicker.scan.defersLZF = true }
    let (report, isSettled) = pass(input, quicker)
    return isSettled ? report : pass(input, options).report
  }

  /// One pass; not settled where something that was put off turned out unsound.
  private static func pass(
    _ input: InputFile, _ options: VerifyOptions
  ) -> (report: VerifyReport, isSettled: Bool) {
    let shared = Shared()
    let register = KeyRegister(input, memoryByteCountMax: options.memoryByteCountMax)
    var scan = options.scan
    scan.output = { register.append($0) }
    let result = RDBScan.run(
      input, scan,
      makeHandler: { VerifyHandler($0, options, register) },
      commit: { handler in
        handler.finish()
        shared.findings.append(handler.findings)
        for (database, counts) in handler.databases {
          shared.databases[database, default: KeyCounts()].keys += counts.keys
          shared.databases[database, default: KeyCounts()].expires += counts.expires
        }
      })
    var judge = VerifyJudge(options, result)
    judge.add(shared.findings)
    let duplicates = register.finish(options.scan)
    judge.add(duplicates.violations)
    judge.addFailure(ofTemporaryFile: duplicates.failure)
    return (judge.report(shared.databases), result.failure?.error.kind != .deferred)
  }
}

/// Verifies one chunk.
struct VerifyHandler: ~Copyable, RDBChunkHandler {
  private let register: KeyRegister
  private let target: TargetCheck?
  private var sink: VerifySink
  private var keys: ByteWriter
  private(set) var findings = RDBViolationList()
  private(set) var databases: [Int: KeyCounts] = [:]
  private var counts = KeyCounts()
  private var database = 0

  init(_ chunk: RDBChunk, _ options: VerifyOptions, _ register: KeyRegister) {
    self.register = register
    target = options.target.map { TargetCheck($0, options, chunk.prologue) }
    sink = VerifySink(memoryByteCountMax: options.memoryByteCountMax)
    keys = ByteWriter(capacity: 1 << 16) { chunk.write($0) }
  }

  mutating func record(_ record: RDBRecord, offset: Int) {
    if let target, let reason = target.refuses(record) {
      add(.target, at: offset, reason, key: nil, record: offset)
    }
  }

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    if let target, let reason = target.refuses(header) {
      add(.target, at: header.offset, reason, key: header, record: header.offset)
    }
    sink.begin(header.type)
    try reader.readValue(into: &sink)
    try finishValue(header)
    register.write(header, to: &keys)
    if header.database != database { switchDatabase(to: header.database) }
    counts.keys &+= 1
    if header.expireAtMs != nil { counts.expires &+= 1 }
  }

  @inline(__always)
  private mutating func finishValue(_ header: KeyHeader) throws(RDBError) {
    if let number = sink.finish() { addDuplicate(number, header) }
    if let target, let module = sink.module,
      let reason = target.refuses(module, nodeVersion: sink.nodes.version)
    {
      add(.target, at: header.offset, reason, key: header, record: header.offset)
    }
    if let failure = sink.failure {
      throw RDBError(
        .unreadable, at: header.valueOffset,
        "no room for a temporary file: \(systemErrorText(failure)); set TMPDIR or raise --memory")
    }
    if let oddity = sink.oddity {
      add(
        .value, at: header.valueOffset, oddity, key: header, record: header.offset,
        isWarning: true)
    }
    if sink.elementCount == 0 && header.type.kind != .stream && header.type.kind != .module {
      add(
        .value, at: header.valueOffset,
        "an empty \(header.type.kind.name); servers skip the key while loading", key: header,
        record: header.offset, isWarning: true)
    }
  }

  @inline(never)
  private mutating func addDuplicate(_ number: Int, _ header: KeyHeader) {
    let what = header.type.kind == .hash ? "duplicate field" : "duplicate member"
    add(
      .duplicate, at: header.valueOffset,
      "\(what): element \(number) of the \(header.type.kind.name) stands in it before",
      key: header, record: header.offset)
  }

  private mutating func switchDatabase(to next: Int) {
    storeCounts()
    database = next
  }

  private mutating func storeCounts() {
    guard counts.keys > 0 else { return }
    databases[database, default: KeyCounts()].keys += counts.keys
    databases[database, default: KeyCounts()].expires += counts.expires
    counts = KeyCounts()
  }

  @inline(never)
  private mutating func add(
    _ kind: RDBError.Kind, at offset: Int, _ message: String, key: KeyHeader?, record: Int,
    isWarning: Bool = false
  ) {
    guard findings.hasRoom(forWarning: isWarning) else {
      return findings.countOnly(isWarning: isWarning)
    }
    findings.append(
      RDBViolation(
        error: RDBError(kind, at: offset, message), database: key?.database ?? database,
        key: key.map { Array($0.key) }, recordOffset: record, isWarning: isWarning))
  }

  /// Hands over what is left.
  mutating func finish() {
    storeCounts()
    keys.flush()
  }
}
