import ByteKit
import RedisCodecs

/// Remembers the keys of a snapshot and tells which of them stand twice in one database.
///
/// Of a regular file 64 bits of each key's hash are kept; where two are equal the file is read once
/// more, which settles it on 128 bits and names the keys. Of a stream, which cannot be read again,
/// 128 bits and the place are kept.
final class KeyRegister: @unchecked Sendable {
  private let hash = KeyedHash()
  private let input: InputFile
  /// Whether the input can be read again; only one of the two logs is used then.
  private let isFile: Bool
  private var hashes: HashLog<HashOnly>
  private var placed: HashLog<PlacedHash>

  init(_ input: InputFile, memoryByteCountMax: Int) {
    self.input = input
    if case .file = input.access { isFile = true } else { isFile = false }
    hashes = HashLog(memoryByteCountMax: isFile ? memoryByteCountMax : 0)
    placed = HashLog(memoryByteCountMax: isFile ? 0 : memoryByteCountMax)
  }

  /// Writes what is to be remembered of a key to a chunk's output.
  @inline(__always)
  func write(_ header: KeyHeader, to keys: inout ByteWriter) {
    let value = self.value(of: header)
    if isFile {
      withUnsafeBytes(of: HashOnly(high: value.high)) { keys.write($0) }
    } else {
      withUnsafeBytes(of: PlacedHash(value, place: header.offset)) { keys.write($0) }
    }
  }

  fileprivate func value(of header: KeyHeader) -> KeyedHash.Value {
    hash.hash(header.key, space: UInt64(truncatingIfNeeded: header.database))
  }

  /// Takes what chunks wrote, in whole entries.
  func append(_ bytes: UnsafeRawBufferPointer) {
    if isFile { hashes.append(bytes) } else { placed.append(bytes) }
  }

  /// The keys that stand twice; an error number where the temporary file could not be used.
  func finish(_ options: RDBScanOptions) -> (violations: RDBViolationList, failure: Int32?) {
    if isFile {
      var suspects: Set<UInt64> = []
      hashes.finish { first, _ in
        if suspects.count < RDBLimits.violationsKeptMax { suspects.insert(first.high) }
      }
      let found = suspects.isEmpty ? RDBViolationList() : confirm(suspects, options)
      return (found, hashes.failure)
    }
    var found = RDBViolationList()
    placed.finish { first, second in
      guard found.hasRoom(forWarning: false) else { return found.countOnly(isWarning: false) }
      found.append(violation(at: second.place, database: 0, key: nil, first: first.place))
    }
    return (found, placed.failure)
  }

  private func violation(
    at offset: Int, database: Int, key: [UInt8]?, first: Int
  ) -> RDBViolation {
    RDBViolation(
      error: RDBError(
        .duplicate, at: offset,
        "duplicate key: the record at \(first) (\(hex(first))) has the same key in the same "
          + "database"
      ),
      database: database, key: key, recordOffset: offset, isWarning: false)
  }

  // MARK: the second look

  /// A key whose hash is suspect.
  fileprivate struct Suspect {
    var value: KeyedHash.Value
    var database: Int
    var key: [UInt8]
    var offset: Int
  }

  /// Takes the suspects of all chunks.
  private final class Gathered: @unchecked Sendable {
    var suspects: [Suspect] = []
  }

  private func confirm(_ hashes: Set<UInt64>, _ options: RDBScanOptions) -> RDBViolationList {
    let gathered = Gathered()
    var options = options
    options.output = nil
    options.onBytes = nil
    _ = RDBScan.run(
      input, options, makeHandler: { _ in SuspectHandler(self, hashes) },
      commit: { gathered.suspects += $0.suspects })
    var found = RDBViolationList()
    for (index, suspect) in gathered.suspects.enumerated() {
      let first = gathered.suspects[..<index].first {
        $0.value == suspect.value && $0.database == suspect.database && $0.key == suspect.key
      }
      guard let first else { continue }
      found.append(
        violation(
          at: suspect.offset, database: suspect.database, key: suspect.key, first: first.offset))
    }
    return found
  }

  /// Gathers the keys whose hashes are suspect: of each hash the first, whatever came before it,
  /// and as many further ones as can be reported.
  private struct SuspectHandler: ~Copyable, RDBChunkHandler {
    private let register: KeyRegister
    private let hashes: Set<UInt64>
    private var met: Set<UInt64> = []
    private var repeats = 0
    fileprivate private(set) var suspects: [Suspect] = []

    init(_ register: KeyRegister, _ hashes: Set<UInt64>) {
      self.register = register
      self.hashes = hashes
    }

    mutating func record(_ record: RDBRecord, offset: Int) {}

    mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
      let value = register.value(of: header)
      if hashes.contains(value.high) { add(header, value) }
      _ = try reader.skipValue()
    }

    private mutating func add(_ header: KeyHeader, _ value: KeyedHash.Value) {
      if !met.insert(value.high).inserted {
        guard repeats < RDBLimits.violationsKeptMax else { return }
        repeats += 1
      }
      suspects.append(
        Suspect(
          value: value, database: header.database, key: Array(header.key), offset: header.offset))
    }
  }
}
