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
    let range = IndexRange.clamped(start, end, count: text.count * (isBits ? 8 : 1))
    var count = 0
    if isBits {
      for bit in range where text[bit >> 3] & UInt8(0x80) >> UInt8(bit & 7) != 0 { count += 1 }
    } else {
      for index in range { count += text[index].nonzeroBitCount }
    }
    space.reply.integer(count)
  }

  private static func bitop(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let word = arguments[1]
    let names: [StaticString] = ["AND", "OR", "XOR", "NOT"]
    guard let operation = names.firstIndex(where: { word.isWord($0) }) else { throw .syntax }
    if operation == 3, arguments.count != 4 {
      throw .message("ERR BITOP NOT must be called with a single source key.")
    }
    var result: [UInt8] = []
    for index in 3..<arguments.count {
      let handle = try space.find(arguments[index], .string)
      let text = handle.map { space.text(of: $0) } ?? Bytes(start: nil, count: 0)
      combine(&result, text, operation, isFirst: index == 3)
    }
    let target = arguments[2]
    if result.isEmpty {
      space.delete(target)
    } else {
      result.withUnsafeBytes { space.putString(target, space.find(target), $0, expiry: nil) }
    }
    space.reply.integer(result.count)
  }

  /// Takes one more string into the result; the shorter one counts as filled up with zeros.
  private static func combine(
    _ result: inout [UInt8], _ text: Bytes, _ operation: Int, isFirst: Bool
  ) {
    if isFirst {
      result = operation == 3 ? text.map { ~$0 } : Array(text)
      return
    }
    if text.count > result.count {
      result += [UInt8](repeating: 0, count: text.count - result.count)
    }
    for index in result.indices {
      let byte = index < text.count ? text[index] : 0
      switch operation {
      case 0: result[index] &= byte
      case 1: result[index] |= byte
      default: result[index] ^= byte
      }
    }
  }
}
