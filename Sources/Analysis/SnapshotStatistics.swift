import RDB

/// Keys, elements and bytes of a snapshot by database, type, encoding and expiry, and its largest
/// keys.
///
/// Values are passed over, not decoded. Nothing is allocated for a key unless it is among the
/// largest. Measured by the benchmark `stats`.
public struct SnapshotStatistics: Sendable {
  /// One encoding, or one type, and what there is of it.
  public struct Share: Equatable, Sendable {
    /// What a client sees.
    public var kind: RDBValueKind
    /// The name as `rdb dump` has it; empty for a type as a whole.
    public var encoding: String
    /// What there is of it.
    public var tally: KeyTally
  }

  /// Everything.
  public private(set) var total = KeyTally()
  /// The keys with the most bytes in the file.
  public private(set) var largestByBytes: LargestKeys
  /// The keys with the most elements.
  public private(set) var largestByElements: LargestKeys
  private var databaseTallies = DatabaseTallies()
  private var encodings = [KeyTally](repeating: KeyTally(), count: EncodingPlace.count)
  private var expiries = [KeyTally](repeating: KeyTally(), count: ExpiryClass.allCases.count)
  private let nowMs: Int64

  /// - Parameters:
  ///   - nowMs: Unix milliseconds: what counts as expired.
  ///   - topCount: how many of the largest keys are kept.
  public init(nowMs: Int64, topCount: Int) {
    self.nowMs = nowMs
    largestByBytes = LargestKeys(capacity: topCount)
    largestByElements = LargestKeys(capacity: topCount)
  }

  /// Counts a key whose value has been passed over.
  ///
  /// - Parameter endOffset: behind the last byte of the value.
  @inline(__always)
  public mutating func add(_ header: KeyHeader, _ summary: ValueSummary, endOffset: Int) {
    var one = KeyTally()
    one.keys = 1
    one.expires = header.expireAtMs == nil ? 0 : 1
    one.elements = summary.elements
    one.valueByteCount = summary.byteCount
    one.recordByteCount = endOffset &- header.offset
    encodings[EncodingPlace.of(header.type, summary.stringForm)].add(one)
    expiries[ExpiryClass(header.expireAtMs, nowMs: nowMs).rawValue].add(one)
    databaseTallies.add(one, to: header.database)
    if largestByBytes.wants(summary.byteCount) {
      largestByBytes.insert(entry(header, summary, measure: summary.byteCount))
    }
    if largestByElements.wants(summary.elements) {
      largestByElements.insert(entry(header, summary, measure: summary.elements))
    }
  }

  @inline(never)
  private func entry(
    _ header: KeyHeader, _ summary: ValueSummary, measure: Int
  ) -> LargestKeys.Entry {
    LargestKeys.Entry(
      measure: measure, database: header.database, key: Array(header.key),
      kind: header.type.kind, elements: summary.elements, byteCount: summary.byteCount,
      offset: header.offset)
  }

  /// Adds what was counted later in the file, or in a later file.
  ///
  /// - Parameter fileIndex: the later file's number; its largest keys carry it.
  public mutating func merge(_ later: SnapshotStatistics, fileIndex: Int = 0) {
    for place in encodings.indices { encodings[place].add(later.encodings[place]) }
    for index in expiries.indices { expiries[index].add(later.expiries[index]) }
    databaseTallies.add(later.databaseTallies)
    largestByBytes.merge(later.largestByBytes, fileIndex: fileIndex)
    largestByElements.merge(later.largestByElements, fileIndex: fileIndex)
    total = expiries.reduce(into: KeyTally()) { $0.add($1) }
  }

  // MARK: what reports show

  /// The databases that have keys, by number.
  public var databases: [(database: Int, tally: KeyTally)] { databaseTallies.sorted }

  /// What databases beyond `DatabaseTallies.countMax` hold together.
  public var furtherDatabases: KeyTally { databaseTallies.overflow }

  /// The types that occur, in the order of `RDBValueKind`.
  public var byKind: [Share] {
    let shares = byEncoding
    return RDBValueKind.allCases.compactMap { kind in
      let tally = shares.filter { $0.kind == kind }.reduce(into: KeyTally()) { $0.add($1.tally) }
      return tally.keys == 0 ? nil : Share(kind: kind, encoding: "", tally: tally)
    }
  }

  /// The encodings that occur, by type and then by name; type bytes that store the same encoding
  /// are one.
  public var byEncoding: [Share] {
    var shares: [Share] = []
    for place in encodings.indices where encodings[place].keys > 0 {
      guard let (kind, encoding) = EncodingPlace.names(place) else { continue }
      let known = shares.firstIndex { $0.kind == kind && $0.encoding == encoding }
      if let known {
        shares[known].tally.add(encodings[place])
      } else {
        shares.append(Share(kind: kind, encoding: encoding, tally: encodings[place]))
      }
    }
    let kinds = RDBValueKind.allCases
    return shares.sorted { left, right in
      let places = (kinds.firstIndex(of: left.kind) ?? 0, kinds.firstIndex(of: right.kind) ?? 0)
      return places.0 != places.1 ? places.0 < places.1 : left.encoding < right.encoding
    }
  }

  /// The classes of expiry that occur, the shortest lives first.
  public var byExpiry: [(expiry: ExpiryClass, tally: KeyTally)] {
    ExpiryClass.allCases.compactMap {
      expiries[$0.rawValue].keys == 0 ? nil : ($0, expiries[$0.rawValue])
    }
  }
}

/// Where the tally of an encoding stands: the type byte, and places of their own for strings that
/// are integers or compressed, and for the bytes that mean something else under Valkey's magic.
private enum EncodingPlace {
  private static let integer = 256
  private static let compressed = 257
  private static let valkey = 258
  /// The bytes that the families use differently.
  private static let firstForkedByte: UInt8 = 22
  static let count = 260

  @inline(__always)
  static func of(_ type: RDBType, _ form: ValueSummary.StringForm?) -> Int {
    switch form {
    case .integer: return integer
    case .compressed: return compressed
    case .plain: return Int(type.byte)
    case nil:
      let isForked = type.byte &- firstForkedByte < 2 && type.family == .valkey
      return isForked ? valkey + Int(type.byte &- firstForkedByte) : Int(type.byte)
    }
  }

  static func names(_ place: Int) -> (RDBValueKind, String)? {
    switch place {
    case integer: return (.string, "int")
    case compressed: return (.string, "lzf")
    default:
      let isForked = place >= valkey
      let byte = isForked ? firstForkedByte + UInt8(place - valkey) : UInt8(place)
      return RDBType(byte: byte, family: isForked ? .valkey : .redis).map {
        ($0.kind, "\($0.encodingName)")
      }
    }
  }
}
