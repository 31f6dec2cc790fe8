/// A plain LZF compressor for round trips: greedy, by a table of three-byte strings.
struct LZFPacker {
  private(set) var packed: [UInt8] = []
  private var literals: [UInt8] = []

  /// The LZF stream of `bytes`.
  static func pack(_ bytes: [UInt8]) -> [UInt8] {
    var packer = LZFPacker()
    var seen: [[UInt8]: Int] = [:]
    var position = 0
    while position < bytes.count {
      let front = Array(bytes[position..<min(position + 3, bytes.count)])
      let before = seen[front]
      seen[front] = position
      guard front.count == 3, let before, position - before <= 8192 else {
        packer.literal(bytes[position])
        position += 1
        continue
      }
      let distance = position - before
      var length = 3
      while length < 264, position + length < bytes.count,
        bytes[position + length] == bytes[position + length - distance]
      {
        length += 1
      }
      packer.reference(distance: distance, length: length)
      position += length
    }
    packer.flush()
    return packer.packed
  }

  /// Adds one byte that stands for itself.
  mutating func literal(_ byte: UInt8) {
    literals.append(byte)
    if literals.count == 32 { flush() }
  }

  /// Adds a copy of `length` (3…264) bytes from `distance` (1…8192) bytes back.
  mutating func reference(distance: Int, length: Int) {
    flush()
    let back = distance - 1
    let code = length - 2
    packed.append(UInt8(min(code, 7) << 5 | back >> 8))
    if code >= 7 { packed.append(UInt8(code - 7)) }
    packed.append(UInt8(back & 255))
  }

  /// Writes the literals that wait.
  mutating func flush() {
    guard !literals.isEmpty else { return }
    packed.append(UInt8(literals.count - 1))
    packed += literals
    literals = []
  }
}
