import RedisCodecs
import RedisModel

/// The value of a key as the keyspace keeps it, for what writes it elsewhere. Valid until the
/// keyspace changes.
public struct KeptValue {
  let form: ValueForm
  private let cell: UnsafeMutableRawPointer

  /// The value in a key's cell.
  init(_ cell: UnsafeMutableRawPointer) {
    self.cell = cell
    form = KeyCell.form(of: cell)
  }

  /// The value, where it is not an embedded string.
  var value: Value { KeyCell.value(of: cell) }

  /// What clients see.
  public var type: ValueType { form.type }

  /// Calls `body` with a string.
  public func withString<R>(_ body: (Element) -> R) -> R {
    switch form {
    case .integer: return body(Element(integer: Int64(bitPattern: KeyCell.word(of: cell))))
    case .embedded: return body(Self.element(Bytes(KeyCell.embedded(cell))))
    default: return body(Self.element(Bytes(RawString(at: value.address).bytes)))
    }
  }

  static func element(_ bytes: Bytes) -> Element {
    // Bytes in the heap have an address, however few they are.
    bytes.baseAddress.map { Element(start: $0, count: bytes.count) } ?? Element(integer: 0)
  }

  /// How many elements, members or fields a collection has.
  public var count: Int {
    switch form.type {
    case .list: ListValue(value).count
    case .set: SetValue(value).count
    case .zset: ZsetValue(value).count
    case .hash: HashValue(value).count
    default: 1
    }
  }

  /// The listpack of a small set or hash, as servers have it; `nil` for other forms.
  public var listpack: Bytes? {
    form == .packedSet || form == .packedHash ? PackedList(at: value.address).bytes : nil
  }

  /// A set of integers as servers have it; `nil` for other forms.
  public var integerSet: Bytes? {
    form == .integerSet ? IntegerSet(at: value.address).bytes : nil
  }

  /// How many listpacks a list consists of.
  public var nodeCount: Int { ListValue(value).nodeCount }

  /// One of the listpacks that a list consists of.
  public func node(_ index: Int) -> Bytes { ListValue(value).node(index).bytes }

  /// Calls `body` with each element of a list, from head to tail, or of a set.
  public func forEachElement(_ body: (Element) -> Void) {
    if form.type == .list {
      let list = ListValue(value)
      return list.forEach(count: list.count, body)
    }
    SetValue(value).forEach {
      body($0)
      return true
    }
  }

  /// Calls `body` with each member of a sorted set, in order, until it says false.
  public func forEachMember(_ body: (Element, Double) -> Bool) {
    ZsetValue(value).forEach(body)
  }

  /// The same backward.
  public func forEachMemberReversed(_ body: (Element, Double) -> Bool) {
    let zset = ZsetValue(value)
    zset.forEachReversed(from: zset.count - 1, body)
  }

  /// Whether a sorted set has the packed form.
  public var isPackedZset: Bool { form == .packedZset }

  /// Calls `body` with each field of a hash, those that are due included.
  public func forEachField(
    _ body: (_ field: Element, _ value: Element, _ expireAtMs: Int64?) -> Void
  ) {
    HashValue(value).forEach {
      body($0, $1, $2)
      return true
    }
  }

  /// The earliest expiry of a hash's fields, Unix milliseconds; `nil` where none expires.
  public var earliestFieldExpiry: Int64? {
    let hash = HashValue(value)
    guard hash.expiryCount > 0 else { return nil }
    var earliest: Int64?
    hash.forEach { _, _, expiry in
      if let expiry { earliest = min(earliest ?? expiry, expiry) }
      return true
    }
    return earliest
  }

  /// The value of a module; `nil` for other types.
  public var module: KeptModule? {
    form == .module || form == .vectorSet ? KeptModule(value) : nil
  }

  /// The array; `nil` for other types.
  public var array: KeptArray? { form == .array ? KeptArray(value) : nil }

  /// The stream; only for a value of that type.
  public var stream: KeptStream { KeptStream(StreamValue.at(value.address)) }
}

extension Keyspace {
  /// Calls `body` with each key of a database, those that are due included, until it says false.
  ///
  /// - Parameter database: 0..<databaseCount.
  public func forEachKey(
    of database: Int, _ body: (_ key: Bytes, _ expireAtMs: Int64?, _ value: KeptValue) -> Bool
  ) {
    let keys = databases[database].keys
    for slot in 0..<keys.capacity {
      guard let cell = keys.cell(at: slot) else { continue }
      if !body(KeyCell.key(of: cell), KeyCell.expiry(of: cell), KeptValue(cell)) { return }
    }
  }
}
