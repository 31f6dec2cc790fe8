/// Commands of single bits and of integers within strings.
enum BitCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("SETBIT", setbit), .init("GETBIT", getbit), .init("BITCOUNT", bitcount),
    .init("BITOP", bitop), .init("BITFIELD", BitfieldCommand.bitfield),
    .init("BITFIELD_RO", BitfieldCommand.bitfieldReadOnly),
  ]

  /// The number of a bit, at most one of the longest string.
  static func bitOffset(
    _ text: Bytes, times width: Int = 1
  ) throws(CommandError) -> Int {
    let error = CommandError.message("ERR bit offset is not an integer or out of range")
    let (offset, overflow) = (IntegerText.canonical(text) ?? -1)
      .multipliedReportingOverflow(by: Int64(width))
    guard !overflow, offset >= 0, offset >> 3 < Int64(Keyspace.stringByteCountMax) else {
      throw error
    }
    return Int(offset)
  }

  private static func setbit(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let offset = try bitOffset(arguments[2])
    let error = CommandError.message("ERR bit is not an integer or out of range")
    let bit = try arguments.integer(3, or: error)
    guard bit == 0 || bit == 1 else { throw error }
    let handle = try space.find(arguments[1], .string)
    let old = handle.map { space.text(of: $0).count } ?? 0
    let text = space.mutableText(arguments[1], handle, count: max(old, offset >> 3 + 1))
    let mask = UInt8(0x80) >> UInt8(offset & 7)
    let byte = text[offset >> 3]
    text[offset >> 3] = bit == 1 ? byte | mask : byte & ~mask
    space.reply.flag(byte & mask != 0)
  }

  private static func getbit(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let offset = try bitOffset(arguments[2])
    guard let handle = try space.find(arguments[1], .string) else {
      return space.reply.integer(0)
    }
    let text = space.text(of: handle)
    guard offset >> 3 < text.count else { return space.reply.integer(0) }
    space.reply.flag(text[offset >> 3] & UInt8(0x80) >> UInt8(offset & 7) != 0)
  }

  private static func bitcount(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard [2, 4, 5].contains(arguments.count), arguments.count < 5 || space.dialect.age >= .since70
    else { throw .syntax }
    var (start, end, isBits) = (Int64(0), Int64(-1), false)
    if arguments.count > 3 {
      (start, end) = (try arguments.integer(2), try arguments.integer(3))
      if arguments.count == 5 {
        isBits = arguments.isWord(4, "BIT")
        guard isBits || arguments.isWord(4, "BYTE") else { throw .syntax }
      }
    }
    guard let handle = try space.find(arguments[1], .string) else {
      return space.reply.integer(0)
    }
    let text = space.text(of: handle)
    let range = IndexRange.ofText(start, end, count: text.count * (isBits ? 8 : 1))
    var count = 0
    if isBits {
      for bit in range where text[bit >> 3] & UInt8(0x80) >> UInt8(bit & 7) != 0 { count += 1 }
    } else {
      for index in range { count += text[index].nonzeroBitCount }
    }
    space.reply.integer(count)
  }

  /// What BITOP makes of its sources; the first of them is X to the last four.
  private enum Operation: Int, CaseIterable {
    case and, or, xor, not
    /// Bits of X that no other has.
    case diff
    /// Bits that X does not have and another has.
    case diff1
    /// Bits of X that another has.
    case andor
    /// Bits that exactly one has.
    case one

    var name: StaticString {
      switch self {
      case .and: "AND"
      case .or: "OR"
      case .xor: "XOR"
      case .not: "NOT"
      case .diff: "DIFF"
      case .diff1: "DIFF1"
      case .andor: "ANDOR"
      case .one: "ONE"
      }
    }

    var needsTwo: Bool { self == .diff || self == .diff1 || self == .andor }
  }

  private static func bitop(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let word = arguments[1]
    guard let operation = Operation.allCases.first(where: { word.isWord($0.name) }),
      operation.rawValue < Operation.diff.rawValue
        || space.target.isAtLeast(.redis, 8, 2)
    else { throw .syntax }
    if operation == .not, arguments.count != 4 {
      throw .message("ERR BITOP NOT must be called with a single source key.")
    }
    if operation.needsTwo, arguments.count < 5 {
      throw .text("ERR BITOP \(operation.name) must be called with at least two source keys.")
    }
    // The text of an integer is where the next one's will be.
    var copies: [[UInt8]] = []
    for index in 3..<arguments.count {
      let handle = try space.find(arguments[index], .string)
      copies.append(handle.map { Array(space.text(of: $0)) } ?? [])
    }
    let result = combine(copies, operation)
    let target = arguments[2]
    if result.isEmpty {
      space.delete(target)
    } else {
      result.withUnsafeBytes { space.putString(target, space.find(target), $0, expiry: nil) }
    }
    space.reply.integer(result.count)
  }

  /// The shorter strings count as filled up with zeros.
  private static func combine(_ texts: [[UInt8]], _ operation: Operation) -> [UInt8] {
    let count = texts.map(\.count).max() ?? 0
    return (0..<count).map { index in
      let bytes = texts.map { index < $0.count ? $0[index] : 0 }
      let (first, rest) = (bytes[0], bytes.dropFirst())
      switch operation {
      case .and: return rest.reduce(first, &)
      case .or: return rest.reduce(first, |)
      case .xor: return rest.reduce(first, ^)
      case .not: return ~first
      case .diff: return first & ~rest.reduce(0, |)
      case .diff1: return ~first & rest.reduce(0, |)
      case .andor: return first & rest.reduce(0, |)
      case .one:
        var (once, twice): (UInt8, UInt8) = (0, 0)
        for byte in bytes {
          twice |= once & byte
          once |= byte
        }
        return once & ~twice
      }
    }
  }
}
