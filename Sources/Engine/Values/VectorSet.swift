import RedisCodecs
import RedisModel

/// How a vector set keeps its vectors.
enum Quantization: UInt8 {
  /// Four bytes for each dimension.
  case float32 = 0
  /// One byte for each dimension, -127 to 127.
  case int8 = 1
  /// One bit for each dimension, in words of eight bytes.
  case binary = 2
}

/// The element of a vector set, with what is kept of it.
struct VectorNode: BitwiseCopyable {
  private static let headerByteCount = 12
  private let cell: UnsafeMutableRawPointer
  private let record: Bytes

  /// The one that a cell of the set holds.
  init(_ cell: UnsafeMutableRawPointer) {
    self.cell = cell
    record = FieldCell.value(of: cell)
  }

  private func count(_ index: Int) -> Int {
    Int(record.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
  }

  private func part(_ index: Int, byteCount: Int) -> Bytes {
    var start = Self.headerByteCount
    for before in 0..<index { start += count(before) }
    return record.part(start..<(start + byteCount))
  }

  /// The element.
  var element: Bytes { FieldCell.key(of: cell) }
  /// Its attribute; empty for none.
  var attribute: Bytes { part(0, byteCount: count(0)) }
  /// Its vector, normalised and quantised.
  var vector: Bytes { part(1, byteCount: count(1)) }
  /// How many integers its record has in a snapshot: its place in the graph, then its length.
  var integerCount: Int { count(2) }

  /// One of these integers.
  func integer(at index: Int) -> UInt64 {
    part(2, byteCount: 8 * integerCount).loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
  }

  /// The vector's length before it was normalised in the low half, the greatest magnitude of its
  /// normalised parts in the high half, each as the bits of a binary32: the last integer.
  var lengthAndRange: UInt64 { integerCount == 0 ? 0 : integer(at: integerCount - 1) }

  /// What a cell holds of an element.
  static func record(attribute: Bytes, vector: Bytes, integers: [UInt64]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      headerByteCount + attribute.count + vector.count + 8 * integers.count)
    for count in [attribute.count, vector.count, integers.count] {
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: count)) { bytes.append(contentsOf: $0) }
    }
    bytes.append(contentsOf: attribute)
    bytes.append(contentsOf: vector)
    integers.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }
}

/// A vector set of Redis 8: its elements with attributes and vectors as the server keeps them, and
/// the graph of a snapshot as long as no command has changed it.
struct VectorSet: HeapObject {
  /// The dimension of the vectors as they are kept.
  var dimension: UInt32
  /// How they are kept.
  var quantization: Quantization
  /// Links that a node should have, the option M.
  var linkCount: UInt32
  /// Whether the nodes' integers are those of a snapshot and say the graph.
  var hasGraph: Bool
  /// The dimension of vectors before they are projected, and the matrix for it, as snapshots have
  /// it; `nil` for sets without projection. A `RawString` of u64 and bytes.
  var projection: UnsafeMutableRawPointer?
  /// The elements.
  var nodes: FieldTable

  /// An empty set.
  init(dimension: UInt32, _ quantization: Quantization, linkCount: UInt32, _ heap: Heap) {
    self.dimension = dimension
    self.quantization = quantization
    self.linkCount = linkCount
    hasGraph = false
    nodes = FieldTable(cells: CellTable(heap))
  }

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    destroyParts(heap)
    deallocate(heap, at: address)
  }

  /// Gives back what lies behind the head.
  private func destroyParts(_ heap: Heap) {
    if let projection { RawString(at: projection).destroy(heap) }
    nodes.destroyCells(heap)
  }

  /// A copy.
  func copy(_ heap: Heap) -> Value {
    var copy = self
    if let projection {
      copy.projection = RawString(copying: RawString(at: projection), heap).start
    }
    copy.nodes = nodes.copyCells(heap)
    return Value(.vectorSet, copy.allocate(heap))
  }

  /// The node of an element.
  func node(_ element: Bytes, _ heap: Heap) -> VectorNode? {
    nodes.cell(element, heap).map { VectorNode($0) }
  }

  /// Calls `body` with each node until it says false.
  func forEach(_ body: (VectorNode) -> Bool) {
    for slot in 0..<nodes.cells.capacity {
      guard let cell = nodes.cells.cell(at: slot) else { continue }
      if !body(VectorNode(cell)) { return }
    }
  }

  /// The bytes of a kept vector.
  var vectorByteCount: Int {
    switch quantization {
    case .float32: 4 * Int(dimension)
    case .int8: Int(dimension)
    case .binary: (Int(dimension) + 63) / 64 * 8
    }
  }

  /// Puts an element in, or in the place of the one of its name.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  mutating func set(
    _ element: Bytes, attribute: Bytes, vector: Bytes, integers: [UInt64], _ heap: Heap
  ) -> Bool {
    let record = VectorNode.record(attribute: attribute, vector: vector, integers: integers)
    return record.withUnsafeBytes { nodes.set(element, $0, expiry: nil, heap) }
  }
}

// MARK: - Vectors

extension VectorSet {
  /// A vector as servers keep it: made one long, then quantised; and the integer that says its
  /// length and range.
  ///
  /// The length is summed in binary32, as servers do, so that the bytes are theirs.
  static func quantize(
    _ values: [Float], _ quantization: Quantization
  ) -> (bytes: [UInt8], lengthAndRange: UInt64) {
    var length: Float = 0
    for value in values { length += value * value }
    length = length.squareRoot()
    let normal = length > 0 ? values.map { $0 / length } : values
    var range: Float = 0
    for value in normal { range = max(range, abs(value)) }
    let word = UInt64(length.bitPattern)
    switch quantization {
    case .float32: return (normal.withUnsafeBytes { Array($0) }, word)
    case .int8:
      let scale = range == 0 ? 0 : 127 / range
      let bytes = normal.map { UInt8(bitPattern: Int8(clamping: Self.rounded($0 * scale))) }
      return (bytes, word | UInt64(range.bitPattern) << 32)
    case .binary:
      var bytes = [UInt8](repeating: 0, count: (values.count + 63) / 64 * 8)
      for (index, value) in normal.enumerated() where value > 0 {
        bytes[index / 8] |= 1 << UInt8(index % 8)
      }
      return (bytes, word)
    }
  }

  private static func rounded(_ value: Float) -> Int {
    guard value.isFinite else { return 0 }
    return max(-127, min(127, Int(value.rounded(.toNearestOrAwayFromZero))))
  }
}

// MARK: - From snapshots

extension VectorSet {
  private static let projectionFlag: UInt64 = 1
  private static let attributesFlag: UInt64 = 2
  private static let integerCountMax: UInt64 = 1 << 20

  /// Reads the parts of a record in turn.
  private struct Parts {
    let record: ModuleRecord
    var offset = ModuleRecord.firstOffset

    mutating func number() -> UInt64? {
      guard case .unsigned(let value)? = record.part(&offset) else { return nil }
      return value
    }

    mutating func string() -> Bytes? {
      guard case .string(let text)? = record.part(&offset) else { return nil }
      return text
    }
  }

  /// The set that a record says; `nil` where it says none.
  init?(_ record: ModuleRecord, _ heap: Heap) {
    var parts = Parts(record: record)
    guard let dimension = parts.number(), dimension <= UInt32.max, let count = parts.number(),
      let configuration = parts.number(), let flags = parts.number(),
      let kind = Quantization(rawValue: UInt8(configuration & 0xff))
    else { return nil }
    self.init(
      dimension: UInt32(dimension), kind,
      linkCount: UInt32(configuration >> 8 & 0xffff), heap)
    hasGraph = true
    let isWhole = readProjection(flags, &parts, heap) && readNodes(count, flags, &parts, heap)
    if !isWhole || parts.record.part(&parts.offset) != nil {
      destroyParts(heap)
      return nil
    }
  }

  private mutating func readProjection(
    _ flags: UInt64, _ parts: inout Parts, _ heap: Heap
  ) -> Bool {
    guard flags & Self.projectionFlag != 0 else { return true }
    guard let input = parts.number(), let matrix = parts.string() else { return false }
    let block = RawString(count: 8 + matrix.count, heap)
    block.bytes.storeBytes(of: input, as: UInt64.self)
    UnsafeMutableRawBufferPointer(rebasing: block.bytes[8...]).copyMemory(from: matrix)
    projection = block.start
    return true
  }

  private mutating func readNodes(
    _ count: UInt64, _ flags: UInt64, _ parts: inout Parts, _ heap: Heap
  ) -> Bool {
    var (left, none) = (count, Bytes(start: nil, count: 0))
    while left > 0 {
      guard let element = parts.string() else { return false }
      if flags & Self.attributesFlag != 0 {
        guard let attribute = parts.string() else { return false }
        none = attribute
      }
      guard let vector = parts.string(), vector.count == vectorByteCount,
        let integerCount = parts.number(), integerCount <= Self.integerCountMax
      else { return false }
      var integers: [UInt64] = []
      for _ in 0..<integerCount {
        guard let integer = parts.number() else { return false }
        integers.append(integer)
      }
      // A cell's count has 31 bits.
      let byteCount = none.count + vector.count + 8 * integers.count
      guard byteCount < Int(Int32.max) / 2, element.count < Int(Int32.max) else { return false }
      guard set(element, attribute: none, vector: vector, integers: integers, heap) else {
        return false
      }
      left -= 1
    }
    return true
  }

  /// What the set adds to the digest of its key: one sequence of its count and dimension, and one
  /// for each node, put together by XOR.
  var digestShare: Digest160 {
    var sum = Digest160.zero
    var head = Digest160.zero
    for number in [Int64(nodes.cells.count), Int64(dimension)] {
      Element(integer: number).withBytes { head.mixIn($0) }
    }
    sum.xorIn(head)
    forEach { node in
      var sequence = Digest160.zero
      sequence.mixIn(node.vector)
      sequence.mixIn(node.element)
      if !node.attribute.isEmpty { sequence.mixIn(node.attribute) }
      sum.xorIn(sequence)
      return true
    }
    return sum
  }
}
