import RDB
import RedisCodecs
import RedisModel

/// What a snapshot says of itself and of its databases: everything but the values.
public struct SnapshotFacts: Sendable {
  /// A module that the file needs or mentions.
  public struct ModuleUse: Equatable, Sendable {
    /// The name of its type, nine characters, and the encoding version.
    public var module: ModuleName
    /// Keys whose value is its.
    public var keys = 0
    /// Records of it outside keys.
    public var auxRecords = 0
  }

  /// A class of key metadata (Redis 8.6 and up).
  public struct MetadataUse: Equatable, Sendable {
    /// Its name, four characters.
    public var name: String
    /// Its version, 0…31.
    public var version: Int
    /// Whether a server without the class may leave it out.
    public var isOptional: Bool
    /// Keys that carry it.
    public var keys = 0
  }

  /// A hint about the size of a database (opcode 251).
  public struct SizeHint: Equatable, Sendable {
    /// The database; `nil` until the chunks before are known.
    public var database: Int?
    /// Keys, as the writer says.
    public var keys: UInt64
    /// Keys with expiry, as the writer says.
    public var expires: UInt64
  }

  /// A hint about the size of a slot (opcode 244; Valkey states the same in AUX fields
  /// `slot-info`).
  public struct SlotHint: Equatable, Sendable {
    /// The slot.
    public var slot: UInt64
    /// Keys, as the writer says.
    public var keys: UInt64
    /// Keys with expiry, as the writer says.
    public var expires: UInt64
  }

  /// Bytes of AUX fields and functions that are kept, so that a file made of them costs no memory.
  public static let keptByteCountMax = 64 << 20
  /// Modules, and classes of metadata, that are told apart.
  public static let distinctCountMax = 1000
  /// What a kept record counts at least.
  private static let recordByteCount = 64

  /// The AUX fields, in file order.
  public private(set) var aux: [(name: [UInt8], value: [UInt8])] = []
  /// The sources of the function libraries, in file order.
  public private(set) var functions: [[UInt8]] = []
  /// The modules, in the order in which they turn up.
  public private(set) var modules: [ModuleUse] = []
  /// The classes of key metadata, in the order in which they turn up.
  public private(set) var metadataClasses: [MetadataUse] = []
  /// The hints about databases, in file order.
  public private(set) var sizeHints: [SizeHint] = []
  /// The hints about slots, in file order.
  public private(set) var slotHints: [SlotHint] = []
  /// Slot migrations that were running (Valkey).
  public private(set) var slotImports: [(job: [UInt8], ranges: [ClosedRange<Int>])] = []
  /// Records that are not listed above, because there are too many of them.
  public private(set) var omittedRecordCount = 0
  /// Keys by type byte.
  public private(set) var typeCounts = [Int](repeating: 0, count: 256)
  private var databaseTallies = DatabaseTallies()
  private var keptByteCount = 0
  /// The database at the end of what was seen; `nil` where none has been named.
  private var lastDatabase: Int?

  /// Nothing yet.
  public init() {}

  /// The databases that have keys, by number.
  public var databases: [(database: Int, tally: KeyTally)] { databaseTallies.sorted }

  /// The server that wrote the file, where it says so.
  public var writer: ServerVersion? {
    for wanted in ["valkey-ver", "redis-ver"] {
      for (name, value) in aux {
        let name = String(decoding: name, as: UTF8.self).lowercased()
        guard name == wanted else { continue }
        let text = String(decoding: value, as: UTF8.self)
        if let version = ServerVersion(auxName: name, value: text) { return version }
      }
    }
    return nil
  }

  /// When the file was begun, Unix seconds, where it says so.
  public var creationTime: Int64? {
    aux.first { $0.name == Array("ctime".utf8) }
      .flatMap { Int64(String(decoding: $0.value, as: UTF8.self)) }
  }

  /// Takes the facts of a record.
  mutating func add(_ record: RDBRecord) {
    switch record {
    case .key, .end, .hashTemplate, .enterpriseSlot: break
    case .selectDatabase(let database): lastDatabase = database
    case .resizeDatabase(let keys, let expires):
      guard keep(0) else { return }
      sizeHints.append(SizeHint(database: lastDatabase, keys: keys, expires: expires))
    case .aux(let name, let value): addAux(name, value)
    case .function(let source):
      if keep(source.byteCount) { functions.append(source.bytes) }
    case .preReleaseFunction(let source):
      if keep(source.count) { functions.append(source) }
    case .moduleAux(let module, _): count(module) { $0.auxRecords += 1 }
    case .slotInfo(let slot, let keys, let expires):
      guard keep(0) else { return }
      slotHints.append(SlotHint(slot: slot, keys: keys, expires: expires))
    case .slotImport(let job, let ranges):
      if keep(job.count + 16 * ranges.count) { slotImports.append((job, ranges)) }
    }
  }

  private mutating func addAux(_ name: Element, _ value: Element) {
    guard keep(name.byteCount + value.byteCount) else { return }
    aux.append((name: name.bytes, value: value.bytes))
  }

  /// Whether there is room for a record of so many bytes.
  private mutating func keep(_ byteCount: Int) -> Bool {
    guard keptByteCount + byteCount + Self.recordByteCount <= Self.keptByteCountMax else {
      omittedRecordCount += 1
      return false
    }
    keptByteCount += byteCount + Self.recordByteCount
    return true
  }

  /// Counts a key.
  @inline(__always)
  mutating func add(_ header: KeyHeader, valueByteCount: Int) {
    lastDatabase = header.database
    typeCounts[Int(header.type.byte)] &+= 1
    var one = KeyTally()
    one.keys = 1
    one.expires = header.expireAtMs == nil ? 0 : 1
    one.valueByteCount = valueByteCount
    databaseTallies.add(one, to: header.database)
    if !header.metadata.isEmpty { countMetadata(header.metadata) }
  }

  /// Counts a key whose value is a module's.
  mutating func addValue(of module: ModuleName) { count(module) { $0.keys += 1 } }

  private mutating func count(_ module: ModuleName, _ change: (inout ModuleUse) -> Void) {
    if let index = modules.firstIndex(where: { $0.module == module }) {
      change(&modules[index])
    } else if modules.count < Self.distinctCountMax, keep(0) {
      var use = ModuleUse(module: module)
      change(&use)
      modules.append(use)
    }
  }

  private mutating func countMetadata(_ metadata: [KeyMetadata]) {
    for one in metadata {
      add(
        MetadataUse(
          name: one.className, version: one.version, isOptional: one.flags & 1 != 0, keys: 1))
    }
  }

  private mutating func add(_ use: MetadataUse) {
    let known = metadataClasses.firstIndex {
      $0.name == use.name && $0.version == use.version && $0.isOptional == use.isOptional
    }
    if let known {
      metadataClasses[known].keys += use.keys
    } else if metadataClasses.count < Self.distinctCountMax, keep(0) {
      metadataClasses.append(use)
    }
  }

  /// Adds the facts of the next chunk.
  mutating func append(_ next: SnapshotFacts) {
    for (name, value) in next.aux where keep(name.count + value.count) { aux.append((name, value)) }
    for source in next.functions where keep(source.count) { functions.append(source) }
    for hint in next.sizeHints where keep(0) {
      sizeHints.append(hint)
      if hint.database == nil { sizeHints[sizeHints.count - 1].database = lastDatabase ?? 0 }
    }
    for hint in next.slotHints where keep(0) { slotHints.append(hint) }
    for one in next.slotImports where keep(one.job.count + 16 * one.ranges.count) {
      slotImports.append(one)
    }
    for use in next.modules {
      count(use.module) {
        $0.keys += use.keys
        $0.auxRecords += use.auxRecords
      }
    }
    for use in next.metadataClasses { add(use) }
    omittedRecordCount += next.omittedRecordCount
    for byte in typeCounts.indices { typeCounts[byte] += next.typeCounts[byte] }
    databaseTallies.add(next.databaseTallies)
    lastDatabase = next.lastDatabase ?? lastDatabase
  }
}
