import RedisCodecs

/// One part of the record of a module's value.
public enum KeptPart {
  /// A signed integer.
  case signed(Int64)
  /// An unsigned integer.
  case unsigned(UInt64)
  /// The bits of a binary32.
  case float(UInt32)
  /// The bits of a binary64.
  case double(UInt64)
  /// A string.
  case string(Bytes)
}

/// The value of a module, a vector set among them, as the keyspace keeps it. Valid until the
/// keyspace changes.
public struct KeptModule {
  private let value: Value

  /// - Parameter value: of form `vectorSet` or `module`.
  init(_ value: Value) { self.value = value }

  private var vectorSet: UnsafeMutablePointer<VectorSet>? {
    value.form == .vectorSet ? VectorSet.at(value.address) : nil
  }

  /// Whether it is a vector set.
  public var isVectorSet: Bool { value.form == .vectorSet }

  /// Whether its record is known: commands that change a vector set leave its graph behind.
  public var hasRecord: Bool { vectorSet?.pointee.hasGraph ?? true }

  /// The id of the module's type.
  public var id: UInt64 { isVectorSet ? VectorSet.moduleID : ModuleRecord(value).id }

  /// The newest version of a vector set's nodes.
  public var nodeVersion: Int {
    var newest = 0
    vectorSet?.pointee.forEach { node in
      if node.integerCount > 1 { newest = max(newest, Int(node.integer(at: 1) >> 24 & 0xff)) }
      return true
    }
    return newest
  }

  /// Calls `body` with each part of the record, in order.
  public func forEachPart(_ body: (KeptPart) -> Void) {
    if let vectorSet { return vectorSet.pointee.forEachPart(body) }
    ModuleRecord(value).forEach { part in
      switch part {
      case .signed(let value): body(.signed(value))
      case .unsigned(let value): body(.unsigned(value))
      case .float(let bits): body(.float(bits))
      case .double(let bits): body(.double(bits))
      case .string(let text): body(.string(text))
      }
      return true
    }
  }
}

extension VectorSet {
  /// The id of the module's type: nine characters of six bits, and version 0.
  static let moduleID: UInt64 =
    "vectorset".utf8.reduce(0) { id, letter in
      // The letters of the name are lower case, which stand behind the upper ones in the alphabet.
      id << 6 | UInt64(letter - UInt8(ascii: "a") + 26)
    } << 10

  /// Calls `body` with each part of the set's record.
  func forEachPart(_ body: (KeptPart) -> Void) {
    var hasAttributes = false
    forEach { node in
      hasAttributes = !node.attribute.isEmpty
      return !hasAttributes
    }
    body(.unsigned(UInt64(dimension)))
    body(.unsigned(UInt64(nodes.cells.count)))
    body(.unsigned(UInt64(quantization.rawValue) | UInt64(linkCount) << 8))
    body(.unsigned((projection == nil ? 0 : 1) | (hasAttributes ? 2 : 0)))
    if let projection {
      let bytes = Bytes(RawString(at: projection).bytes)
      body(.unsigned(bytes.loadUnaligned(as: UInt64.self)))
      body(.string(bytes.part(8..<bytes.count)))
    }
    forEach { node in
      body(.string(node.element))
      if hasAttributes { body(.string(node.attribute)) }
      body(.string(node.vector))
      body(.unsigned(UInt64(node.integerCount)))
      for index in 0..<node.integerCount { body(.unsigned(node.integer(at: index))) }
      return true
    }
  }
}

/// An array of Redis 8.8 as the keyspace keeps it. Valid until the keyspace changes.
public struct KeptArray {
  private let record: ModuleRecord

  /// - Parameter value: of form `array`.
  init(_ value: Value) { record = ModuleRecord(value) }

  private static let partsPerElement = 3

  /// How many elements it has.
  public var count: Int {
    var parts = 0
    record.forEach { _ in
      parts += 1
      return true
    }
    return (parts - 2) / Self.partsPerElement
  }

  /// Where commands that append go on; `nil` where that is not said.
  public var insertIndex: UInt64? {
    var offset = ModuleRecord.firstOffset
    guard case .unsigned(let isStated)? = record.part(&offset), isStated != 0,
      case .unsigned(let index)? = record.part(&offset)
    else { return nil }
    return index
  }

  /// Calls `body` with each element: its index, how snapshots store it, its text.
  public func forEach(_ body: (_ index: UInt64, _ tag: UInt8, _ text: Bytes) -> Void) {
    var offset = ModuleRecord.firstOffset
    _ = record.part(&offset)
    _ = record.part(&offset)
    while case .unsigned(let index)? = record.part(&offset),
      case .unsigned(let tag)? = record.part(&offset),
      case .string(let text)? = record.part(&offset)
    {
      body(index, UInt8(truncatingIfNeeded: tag), text)
    }
  }
}
