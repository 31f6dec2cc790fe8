import ByteKit
import RedisCodecs
import RedisModel

/// When a sorted set leaves its packed form, and what that form loses: the sign of a zero score
/// shows in the digest, so these limits do too.
public struct ZsetRules: Sendable {
  /// A set of more members is kept ranked: the servers' `zset-max-listpack-entries`.
  public var packedCountMax = 128
  /// A set with a longer member, bytes, is kept ranked: the servers' `zset-max-listpack-value`.
  public var packedMemberMax = 64
  /// Whether the packed form keeps the sign of a zero score: Redis before 7.0.
  var keepsNegativeZero = false

  /// The servers' default limits.
  public init() {}
}

/// A sorted set, in one of its two forms: a `PackedList` of members and scores in turn, in order,
/// or a `RankedSet`.
///
/// A score in the packed form is an integer entry where it is a whole number, else the eight bytes
/// of the double: text would have to be read at every step. What changes the set may change
/// `value`, which the owner then stores.
struct ZsetValue: BitwiseCopyable {
  /// What the key holds.
  private(set) var value: Value

  /// An empty set.
  init(_ heap: Heap) { value = Value(.packedZset, PackedList(heap).start) }

  /// The set that a key holds.
  @inline(__always)
  init(_ value: Value) { self.value = value }

  /// Whether it has the packed form.
  @inline(__always)
  var isPacked: Bool { value.form == .packedZset }
  @inline(__always)
  private var list: PackedList { PackedList(at: value.address) }
  @inline(__always)
  private var ranked: UnsafeMutablePointer<RankedSet> { RankedSet.at(value.address) }

  /// How many members it has.
  var count: Int { isPacked ? list.count / 2 : ranked.pointee.cells.count }

  @inline(__always)
  private static func score(_ element: Element) -> Double {
    guard let start = element.start else { return Double(element.integer) }
    return start.loadUnaligned(as: Double.self)
  }

  /// The score of a member; `nil` where it is not there.
  func score(_ member: Bytes, _ heap: Heap) -> Double? {
    guard isPacked else {
      return ranked.pointee.cell(member, heap).map { ScoreCell.score(of: $0) }
    }
    let list = list
    guard let offset = list.find(PackedNeedle(member), stride: 2) else { return nil }
    return Self.score(list.element(at: list.next(offset)))
  }

  /// How many members stand before one that is there; `nil` where it is not.
  func rank(_ member: Bytes, _ heap: Heap) -> Int? {
    guard isPacked else {
      guard let cell = ranked.pointee.cell(member, heap) else { return nil }
      let entry = RankedEntry(score: ScoreCell.score(of: cell), cell: cell)
      let order = ranked.pointee.order
      return order.rank(of: order.position(of: entry))
    }
    let (list, needle) = (list, PackedNeedle(member))
    var (rank, offset) = (0, PackedList.firstOffset)
    while offset < list.endOffset {
      if needle.matches(list.read(&offset)) { return rank }
      offset = list.next(offset)
      rank += 1
    }
    return nil
  }

  /// Calls `body` with each member and its score, from `rank` on, until it says false.
  func forEach(from rank: Int = 0, _ body: (Element, Double) -> Bool) {
    guard rank < count else { return }
    if isPacked {
      let list = list
      var offset = list.offset(ofIndex: 2 * rank)
      while offset < list.endOffset {
        let member = list.read(&offset)
        if !body(member, Self.score(list.read(&offset))) { return }
      }
      return
    }
    let order = ranked.pointee.order
    var place = order.position(rank: rank)
    while let entry = order.entry(at: place) {
      if !body(Self.element(entry.cell), entry.score) { return }
      place = order.next(place)
    }
  }

  /// The same backward.
  func forEachReversed(from rank: Int, _ body: (Element, Double) -> Bool) {
    guard rank >= 0, rank < count else { return }
    if isPacked {
      let list = list
      var offset = list.offset(ofIndex: 2 * rank)
      while true {
        let member = list.element(at: offset)
        if !body(member, Self.score(list.element(at: list.next(offset)))) { return }
        if offset == PackedList.firstOffset { return }
        offset = list.previous(list.previous(offset))
      }
    }
    let order = ranked.pointee.order
    var place: SortedBlocks<RankedEntry>.Position? = order.position(rank: rank)
    while let now = place, let entry = order.entry(at: now) {
      if !body(Self.element(entry.cell), entry.score) { return }
      place = order.previous(now)
    }
  }

  private static func element(_ cell: UnsafeMutableRawPointer) -> Element {
    let member = ScoreCell.key(of: cell)
    return Element(start: cell + ScoreCell.keyOffset, count: member.count)
  }

  /// How many members stand in front for which `before` says true, as it does for all of a front
  /// part of the order and for no other.
  func rank(notBefore before: (Element, Double) -> Bool) -> Int {
    if isPacked {
      let list = list
      var (rank, offset) = (0, PackedList.firstOffset)
      while offset < list.endOffset {
        let member = list.read(&offset)
        if !before(member, Self.score(list.read(&offset))) { break }
        rank += 1
      }
      return rank
    }
    let order = ranked.pointee.order
    return order.rank(
      of: order.firstPosition { before(Self.element($0.cell), $0.score) })
  }
}

// MARK: - Changes

extension ZsetValue {
  /// Gives a member a score, adding it where it is not there.
  ///
  /// - Parameters:
  ///   - score: no NaN.
  ///   - rules: when the packed form is left, and what it loses.
  mutating func set(
    _ member: Bytes, _ score: Double, rules: ZsetRules, _ heap: Heap
  ) {
    guard isPacked else {
      if let cell = ranked.pointee.cell(member, heap) {
        ranked.pointee.move(cell, to: score, heap)
      } else {
        ranked.pointee.add(member, score, heap)
      }
      return
    }
    var list = list
    if let offset = list.find(PackedNeedle(member), stride: 2) {
      list.remove(offset..<list.next(list.next(offset)), entries: 2, heap)
      value = Value(.packedZset, list.start)
    } else if list.count >= 2 * rules.packedCountMax || member.count > rules.packedMemberMax {
      makeRanked(heap)
      return ranked.pointee.add(member, score, heap)
    }
    insertPacked(member, score, rules, heap)
  }

  private mutating func insertPacked(
    _ member: Bytes, _ score: Double, _ rules: ZsetRules, _ heap: Heap
  ) {
    var list = list
    var place = list.endOffset
    var offset = PackedList.firstOffset
    let end = place
    while offset < end {
      let here = offset
      let other = list.read(&offset)
      let otherScore = Self.score(list.read(&offset))
      if otherScore > score
        || otherScore == score && other.withBytes({ $0.compare(member) }) > 0
      {
        place = here
        break
      }
    }
    place = list.insert(PackedEntry(member), at: place, heap)
    if let whole = Self.whole(score, rules.keepsNegativeZero) {
      list.insert(PackedEntry(whole), at: place, heap)
    } else {
      // Eight bytes that read as a number would become one: they are stored as they are.
      withUnsafeBytes(of: score) { bytes in
        _ = list.insert(PackedEntry(opaque: bytes), at: place, heap)
      }
    }
    value = Value(.packedZset, list.start)
  }

  /// The score as an integer entry.
  static func whole(_ score: Double, _ keepsNegativeZero: Bool) -> Int64? {
    guard score.magnitude < 0x1p62 else { return nil }
    let whole = Int64(score)
    guard Double(whole) == score else { return nil }
    return keepsNegativeZero && score == 0 && score.sign == .minus ? nil : whole
  }

  /// Takes a member out.
  ///
  /// - Returns: whether it was there.
  mutating func remove(_ member: Bytes, _ heap: Heap) -> Bool {
    guard isPacked else {
      guard let cell = ranked.pointee.cell(member, heap) else { return false }
      ranked.pointee.remove(cell, heap)
      return true
    }
    var list = list
    guard let offset = list.find(PackedNeedle(member), stride: 2) else { return false }
    list.remove(offset..<list.next(list.next(offset)), entries: 2, heap)
    value = Value(.packedZset, list.start)
    return true
  }

  /// Takes so many members out, from `rank` on.
  mutating func removeRange(from rank: Int, count: Int, _ heap: Heap) {
    guard count > 0 else { return }
    guard isPacked else {
      for _ in 0..<count {
        let order = ranked.pointee.order
        guard let entry = order.entry(at: order.position(rank: rank)) else { return }
        ranked.pointee.remove(entry.cell, heap)
      }
      return
    }
    var list = list
    let from = list.offset(ofIndex: 2 * rank)
    let isToEnd = 2 * (rank + count) == list.count
    let to = isToEnd ? list.endOffset : list.offset(ofIndex: 2 * (rank + count))
    list.remove(from..<to, entries: 2 * count, heap)
    value = Value(.packedZset, list.start)
  }

  /// Makes a packed set of a ranked one that is within the limits.
  mutating func packIfSmall(rules: ZsetRules, _ heap: Heap) {
    guard !isPacked, count <= rules.packedCountMax else { return }
    var isShort = true
    forEach { member, _ in
      isShort = member.byteCount <= rules.packedMemberMax
      return isShort
    }
    guard isShort else { return }
    var packed = ZsetValue(heap)
    forEach { member, score in
      member.withBytes {
        packed.insertPacked($0, score, rules, heap)
      }
      return true
    }
    value.destroy(heap)
    self = packed
  }

  /// Makes a ranked set of a packed one: what comes next does not fit that.
  mutating func makeRanked(_ heap: Heap) {
    guard isPacked else { return }
    var ranked = RankedSet(heap, expected: count + 1)
    forEach { member, score in
      member.withBytes { ranked.add($0, score, heap) }
      return true
    }
    value.destroy(heap)
    value = Value(.rankedZset, ranked.allocate(heap))
  }
}
