import RedisCodecs

/// Makes the value of one key element by element, as files give them, without the checks of
/// commands.
///
/// `begin`, then calls for one type, then `Keyspace.add` or `discard`; at the end `close`. A small
/// collection is made in a `PackedWriter` and only becomes another value where it grows too large
/// for that. Elements that come twice count once, but for those of small collections, which servers
/// do not compare either.
public struct ValueLoader {
  private enum State {
    case empty
    case cell(UnsafeMutableRawPointer)
    /// What is in the writer, and the form it will have.
    case packing(ValueForm)
    case value(Value)
  }

  /// Where values lie.
  let heap: Heap
  /// The entry of a stream that is being read.
  var entry = PendingFields()
  /// The group of a stream that is being read.
  var group: UnsafeMutablePointer<ConsumerGroup>?
  /// The producer of a stream that is being read.
  var producer = PendingProducer()
  /// The record of a module's value that is being read.
  var moduleRecord: [UInt8] = []
  private let rules: ZsetRules
  private var key = Bytes(start: nil, count: 0)
  private var expiry: Int64?
  private var state = State.empty
  private var writer: PackedWriter
  private var lastScore = 0.0
  private var lastOffset = 0

  /// A loader of values for `space`.
  public init(_ space: borrowing Keyspace) {
    heap = space.heap
    rules = space.zsetRules
    writer = PackedWriter(heap)
  }

  /// A loader of values that lie in `area`.
  public init(_ area: LoadArea) {
    heap = area.heap
    rules = area.rules
    writer = PackedWriter(heap)
  }

  /// Gives back what the loader has; it is of no further use.
  public mutating func close() {
    discard()
    writer.destroy(heap)
  }

  /// Begins the value of a key.
  ///
  /// - Parameters:
  ///   - key: stays where it is until the value is added or discarded.
  ///   - expiry: when the key expires, Unix milliseconds; `nil` for never.
  public mutating func begin(_ key: Bytes, expiry: Int64?) {
    discard()
    if !moduleRecord.isEmpty { moduleRecord.removeAll(keepingCapacity: true) }
    if producer.isOpen { producer = PendingProducer() }
    self.key = key
    self.expiry = expiry
  }

  /// The value is a string.
  public mutating func string(_ element: Element) {
    guard let start = element.start else {
      return setCell(.integer, UInt64(bitPattern: element.integer), Bytes(start: nil, count: 0))
    }
    let text = Bytes(start: start, count: element.count)
    if let integer = IntegerText.canonical(text) {
      setCell(.integer, UInt64(bitPattern: integer), text)
    } else if text.count <= KeyCell.embeddedMax {
      setCell(.embedded, UInt64(text.count), text)
    } else {
      let string = RawString(count: text.count, heap)
      string.bytes.copyMemory(from: text)
      setCell(.raw, Value(.raw, string.start).word, text)
    }
  }

  @inline(__always)
  private mutating func setCell(_ form: ValueForm, _ word: UInt64, _ text: Bytes) {
    let cell = KeyCell.make(key, form: form, word: word, expiry: expiry, heap)
    if form == .embedded { KeyCell.embedded(cell).copyMemory(from: text) }
    state = .cell(cell)
  }

  /// Adds an element at the tail of a list.
  public mutating func listElement(_ element: Element) {
    let entry = PackedEntry(element)
    if writer.count > 0, writer.byteCount &+ entry.byteCount > ListValue.nodeByteCountMax {
      endNode()
    }
    writer.append(entry, heap)
    if case .empty = state { state = .packing(.packedList) }
  }

  /// Makes a node of what the writer has.
  private mutating func endNode() {
    var list = value.map { ListValue($0) } ?? ListValue(blocks: heap)
    list.appendNode(writer.finish(heap), heap)
    state = .value(list.value)
  }

  /// Adds a member to a set.
  public mutating func setMember(_ element: Element) {
    if case .packing = state {
      if writer.count < SetValue.packedCountMax, element.byteCount <= SetValue.packedMemberMax {
        return writer.append(PackedEntry(element), heap)
      }
      unpack()
    }
    let (old, heap) = (value, heap)
    let new: SetValue? = element.withBytes { member in
      if old == nil, IntegerText.canonical(member) == nil,
        member.count <= SetValue.packedMemberMax
      {
        return nil
      }
      var set = old.map { SetValue($0) } ?? SetValue(first: member, heap)
      set.insert(member, heap)
      return set
    }
    if let new {
      state = .value(new.value)
    } else {
      writer.append(PackedEntry(element), heap)
      state = .packing(.packedSet)
    }
  }

  /// Makes a value of what the writer has: the collection grows too large for it.
  private mutating func unpack() {
    guard case .packing(let form) = state else { return }
    state = .value(Value(form, writer.finish(heap).start))
  }

  /// Adds a member to a sorted set.
  ///
  /// - Parameter keepsNegativeZero: the sign of a zero score stays, though the set be packed.
  public mutating func zsetMember(_ element: Element, score: Double, keepsNegativeZero: Bool) {
    var rules = rules
    if keepsNegativeZero { rules.keepsNegativeZero = true }
    if appendSorted(element, score, rules) { return }
    unpack()
    let heap = heap
    var zset = value.map { ZsetValue($0) } ?? ZsetValue(heap)
    element.withBytes { zset.set($0, score, rules: rules, heap) }
    state = .value(zset.value)
  }

  /// Adds a member behind all others, where it belongs there and the set stays packed.
  private mutating func appendSorted(
    _ element: Element, _ score: Double, _ rules: ZsetRules
  ) -> Bool {
    switch state {
    case .empty:
      if rules.packedCountMax < 1 { return false }
    case .packing:
      guard writer.count < 2 * rules.packedCountMax, lastScore <= score else { return false }
      if lastScore == score {
        let last = writer.element(at: lastOffset)
        let isBehind = last.withBytes { last in element.withBytes { last.compare($0) < 0 } }
        guard isBehind else { return false }
      }
    case .cell, .value: return false
    }
    guard element.byteCount <= rules.packedMemberMax else { return false }
    lastScore = score
    lastOffset = writer.offset
    writer.append(PackedEntry(element), heap)
    if let whole = ZsetValue.whole(score, rules.keepsNegativeZero) {
      writer.append(PackedEntry(whole), heap)
    } else {
      withUnsafeBytes(of: score) { writer.append(PackedEntry(opaque: $0), heap) }
    }
    state = .packing(.packedZset)
    return true
  }

  /// Makes the sorted set a ranked one, as it is where its file says so: only that form keeps the
  /// sign of a zero score.
  public mutating func rankZset() {
    unpack()
    var zset = value.map { ZsetValue($0) } ?? ZsetValue(heap)
    zset.makeRanked(heap)
    state = .value(zset.value)
  }

  /// Ends a sorted set that `rankZset` ranked: a small one is packed after all, as servers do
  /// behind the last member.
  public mutating func finishZset() {
    guard let value, value.form == .rankedZset else { return }
    var zset = ZsetValue(value)
    zset.packIfSmall(rules: rules, heap)
    state = .value(zset.value)
  }

  /// Adds a field to a hash.
  public mutating func hashField(_ field: Element, _ newValue: Element, expiry: Int64?) {
    let isSmall =
      expiry == nil && field.byteCount <= HashValue.packedElementMax
      && newValue.byteCount <= HashValue.packedElementMax
      && writer.count < 2 * HashValue.packedCountMax
    switch state {
    case .empty where isSmall, .packing where isSmall:
      writer.append(PackedEntry(field), heap)
      writer.append(PackedEntry(newValue), heap)
      state = .packing(.packedHash)
      return
    default: unpack()
    }
    var hash = value.map { HashValue($0) } ?? HashValue(heap)
    let heap = heap
    field.withBytes { field in
      newValue.withBytes { _ = hash.set(field, $0, expiry: expiry, heap) }
    }
    state = .value(hash.value)
  }

  /// The collection in the making.
  var value: Value? {
    if case .value(let value) = state { value } else { nil }
  }

  /// Sets the collection in the making.
  mutating func setValue(_ value: Value) { state = .value(value) }

  /// Whether there is a value: collections without elements are none.
  public var isEmpty: Bool {
    if case .empty = state { true } else { false }
  }

  /// Gives back what was made.
  public mutating func discard() {
    switch state {
    case .empty: break
    case .cell(let cell):
      if KeyCell.form(of: cell) == .raw { KeyCell.value(of: cell).destroy(heap) }
      heap.deallocate(cell, KeyCell.byteCount(of: cell))
    case .packing: break
    case .value(let value): value.destroy(heap)
    }
    writer.removeAll()
    state = .empty
  }

  /// Takes the value over, as a key's cell; `nil` where there is none.
  mutating func take() -> UnsafeMutableRawPointer? {
    // The last node of a list that has several.
    if writer.count > 0, case .value(let value) = state, value.form == .blockList { endNode() }
    unpack()
    defer { state = .empty }
    switch state {
    case .empty, .packing: return nil
    case .cell(let cell): return cell
    case .value(let value):
      return KeyCell.make(key, form: value.form, word: value.word, expiry: expiry, heap)
    }
  }
}

extension Keyspace {
  /// Adds the key and value that a loader has.
  ///
  /// - Returns: false where the database has the key already, which is then replaced.
  @discardableResult
  public mutating func add(_ loader: inout ValueLoader, database: Int) -> Bool {
    guard let cell = loader.take() else { return true }
    return databases[database].put(cell, hash: heap.hash(KeyCell.key(of: cell)), heap)
  }
}
