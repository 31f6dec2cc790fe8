import RDB
import RedisCodecs
import RedisModel

/// The share that Redis 8's vector sets have in the digest, from the parts of their module value.
///
/// The stream: dimension, count, configuration, flags (1 projection matrix, 2 attributes), [input
/// dimension, matrix], then for each node its element, [its attribute], its vector, a number and as
/// many integers. The digest: one sequence of (count, dimension), then one of (vector, element,
/// attribute if any) for each node; sequences are combined by XOR of their hashes.
///
/// Source: format.md section 4.1 and digest.md; agrees with Redis 8.0.2, 8.0.6 and 8.6.3.
struct VectorSetDigest {
  private enum Expected {
    case nothing, dimension, count, configuration, flags, inputDimension, matrix
    case element, attribute, vector, integerCount, integers
  }

  private static let projectionFlag: UInt64 = 1
  private static let attributesFlag: UInt64 = 2

  private var expected = Expected.nothing
  private var dimension: UInt64 = 0
  private var flags: UInt64 = 0
  private var integersLeft: UInt64 = 0
  private var element = Digest160.zero
  private var attribute: Digest160?
  private var sum = Digest160.zero
  private var isBroken = false

  /// Begins a vector set.
  mutating func begin() {
    self = VectorSetDigest()
    expected = .dimension
  }

  /// Takes the next part of the module's stream.
  mutating func take(_ part: ModulePart) {
    switch (expected, part) {
    case (.nothing, _): break
    case (.dimension, .unsigned(let value)):
      dimension = value
      expected = .count
    case (.count, .unsigned(let value)):
      var sequence = Digest160.zero
      sequence.mixInDecimal(value)
      sequence.mixInDecimal(dimension)
      sum.xorIn(sequence)
      expected = .configuration
    case (.configuration, .unsigned): expected = .flags
    case (.flags, .unsigned(let value)):
      flags = value
      expected = value & Self.projectionFlag != 0 ? .inputDimension : .element
    case (.inputDimension, .unsigned): expected = .matrix
    case (.matrix, .string): expected = .element
    case (.element, .string(let text)):
      element = text.withBytes { SHA1.hash($0) }
      expected = flags & Self.attributesFlag != 0 ? .attribute : .vector
      attribute = nil
    case (.attribute, .string(let text)):
      if text.byteCount > 0 { attribute = text.withBytes { SHA1.hash($0) } }
      expected = .vector
    case (.vector, .string(let vector)): endNode(vector)
    case (.integerCount, .unsigned(let count)):
      integersLeft = count
      expected = count == 0 ? .element : .integers
    case (.integers, .unsigned):
      integersLeft -= 1
      if integersLeft == 0 { expected = .element }
    default: isBroken = true
    }
  }

  private mutating func endNode(_ vector: Element) {
    var sequence = Digest160.zero
    vector.withBytes { sequence.mixIn($0) }
    sequence.mixIn(hash: element)
    if let attribute { sequence.mixIn(hash: attribute) }
    sum.xorIn(sequence)
    expected = .integerCount
  }

  /// What goes into the key's digest; `nil` where the stream was not a whole vector set.
  var result: Digest160? { isBroken || expected != .element ? nil : sum }
}

extension Digest160 {
  /// Puts the decimal text of `number` in; the order of such calls matters.
  mutating func mixInDecimal(_ number: UInt64) {
    Element(integer: Int64(bitPattern: number)).withBytes { mixIn($0) }
  }
}
