import RedisCodecs

/// Reads that look for something: an element of a list, a bit, a common subsequence, the size of an
/// intersection.
enum SearchCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("LPOS", lpos), .init("BITPOS", bitpos), .init("SINTERCARD", sintercard),
    .init("LCS", LongestCommonCommand.lcs),
  ]

  /// LPOS key element [RANK n] [COUNT n] [MAXLEN n].
  private static func lpos(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var (rank, count, most): (Int64, Int64?, Int64) = (1, nil, 0)
    for index in stride(from: 3, to: arguments.count, by: 2) {
      guard index + 1 < arguments.count else { throw .syntax }
      if arguments.isWord(index, "RANK") {
        rank = try arguments.integer(index + 1)
        if rank == .min { throw .message("ERR value is out of range, must be positive") }
        if rank == 0 {
          throw .text(
            "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
              + "or use negative to start from the end of the list")
        }
      } else if arguments.isWord(index, "COUNT") {
        let error = CommandError.message("ERR COUNT can't be negative")
        count = try arguments.integer(index + 1, or: error)
        if count ?? 0 < 0 { throw error }
      } else if arguments.isWord(index, "MAXLEN") {
        let error = CommandError.message("ERR MAXLEN can't be negative")
        most = try arguments.integer(index + 1, or: error)
        if most < 0 { throw error }
      } else {
        throw .syntax
      }
    }
    guard let handle = try space.find(arguments[1], .list) else {
      return count == nil ? space.reply.null() : space.reply.array(0)
    }
    let places = places(
      of: arguments[2], in: ListValue(handle.value), rank: rank, count: count ?? 1, most: most)
    guard count != nil else {
      return places.first.map { space.reply.integer($0) } ?? space.reply.null()
    }
    space.reply.array(places.count)
    for place in places { space.reply.integer(place) }
  }

  private static func places(
    of element: Bytes, in list: ListValue, rank: Int64, count: Int64, most: Int64
  ) -> [Int] {
    let total = list.count
    let looked = most == 0 ? total : Int(min(Int64(total), most))
    let isReversed = rank < 0
    var matches: [Int] = []
    let needle = PackedNeedle(element)
    var index = isReversed ? total - looked : 0
    list.forEach(from: index, count: looked) {
      if needle.matches($0) { matches.append(index) }
      index += 1
    }
    if isReversed { matches.reverse() }
    let skipped = Int(clamping: rank.magnitude - 1)
    let rest = matches.dropFirst(skipped)
    return count == 0 ? Array(rest) : Array(rest.prefix(Int(clamping: count)))
  }

  /// BITPOS key bit [start [end [BYTE|BIT]]].
  private static func bitpos(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let bit = try arguments.integer(2)
    guard bit == 0 || bit == 1 else {
      throw .message("ERR The bit argument must be 1 or 0.")
    }
    guard let handle = try space.find(arguments[1], .string) else {
      return space.reply.integer(bit == 1 ? -1 : 0)
    }
    guard arguments.count <= (space.dialect.age >= .since70 ? 6 : 5) else { throw .syntax }
    let start = arguments.count > 3 ? try arguments.integer(3) : 0
    var isBits = false
    if arguments.count == 6 {
      isBits = arguments.isWord(5, "BIT")
      guard isBits || arguments.isWord(5, "BYTE") else { throw .syntax }
    }
    let hasEnd = arguments.count > 4
    let end = hasEnd ? try arguments.integer(4) : -1
    // The text of an integer lies where the answer's will.
    let text = Array(space.text(of: handle))
    let total = Int64(isBits ? text.count * 8 : text.count)
    let first = max(0, start < 0 ? start &+ total : start)
    let last = min(total - 1, max(0, end < 0 ? end &+ total : end))
    guard first <= last else { return space.reply.integer(-1) }
    let range = isBits ? Int(first)...Int(last) : Int(first) * 8...Int(last) * 8 + 7
    if let place = firstBit(bit == 1, in: text, range) { return space.reply.integer(place) }
    // Behind a string without an end stand zeros.
    space.reply.integer(bit == 0 && !hasEnd ? range.upperBound + 1 : -1)
  }

  private static func firstBit(
    _ isSet: Bool, in text: [UInt8], _ range: ClosedRange<Int>
  ) -> Int? {
    let dull: UInt8 = isSet ? 0 : 0xff
    var place = range.lowerBound
    while place <= range.upperBound {
      let byte = text[place >> 3]
      if byte == dull {
        place = (place | 7) + 1
      } else if (byte & UInt8(0x80) >> UInt8(place & 7) != 0) == isSet {
        return place
      } else {
        place += 1
      }
    }
    return nil
  }

  /// SINTERCARD n key … [LIMIT n].
  private static func sintercard(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let error = CommandError.message("ERR numkeys should be greater than 0")
    let number = try arguments.integer(1, or: error)
    if number <= 0 { throw error }
    guard number <= Int64(arguments.count - 2) else {
      throw .message("ERR Number of keys can't be greater than number of args")
    }
    let end = 2 + Int(number)
    let limit = try limit(arguments, from: end)
    var sets: [SetValue?] = []
    for index in 2..<end {
      sets.append(try space.find(arguments[index], .set).map { SetValue($0.value) })
    }
    let there = sets.compactMap { $0 }
    guard there.count == sets.count, let base = there.min(by: { $0.count < $1.count }) else {
      return space.reply.integer(0)
    }
    let heap = space.heap
    var count = 0
    base.forEach { member in
      let isCommon = member.withBytes { bytes in there.allSatisfy { $0.contains(bytes, heap) } }
      if isCommon { count += 1 }
      return limit == 0 || count < limit
    }
    space.reply.integer(count)
  }

  /// The option LIMIT, the last one; 0 for none.
  static func limit(_ arguments: Arguments, from index: Int) throws(CommandError) -> Int {
    if index == arguments.count { return 0 }
    guard arguments.isWord(index, "LIMIT"), arguments.count == index + 2 else { throw .syntax }
    let error = CommandError.message("ERR LIMIT can't be negative")
    let limit = try arguments.integer(index + 1, or: error)
    if limit < 0 { throw error }
    return Int(limit)
  }
}
