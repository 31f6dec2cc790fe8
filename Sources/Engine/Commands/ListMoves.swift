import RedisCodecs

/// Commands that move elements between lists, or take them from the first of several. Those that
/// wait do not: where there is nothing they answer at once, as within a transaction.
enum ListMoves {
  /// LEFT or RIGHT: whether the head is meant.
  private static func isHead(_ word: Bytes) throws(CommandError) -> Bool {
    if word.isWord("LEFT") { return true }
    guard word.isWord("RIGHT") else { throw .syntax }
    return false
  }

  /// LMOVE source target LEFT|RIGHT LEFT|RIGHT.
  static func lmove(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let (fromHead, toHead) = (try isHead(arguments[3]), try isHead(arguments[4]))
    try move(&space, arguments[1], arguments[2], fromHead: fromHead, toHead: toHead)
  }

  /// BLMOVE source target LEFT|RIGHT LEFT|RIGHT timeout.
  static func blmove(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let (fromHead, toHead) = (try isHead(arguments[3]), try isHead(arguments[4]))
    try checkTimeout(arguments[5])
    try move(&space, arguments[1], arguments[2], fromHead: fromHead, toHead: toHead)
  }

  /// BRPOPLPUSH source target timeout.
  static func brpoplpush(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try checkTimeout(arguments[3])
    try move(&space, arguments[1], arguments[2], fromHead: false, toHead: true)
  }

  /// Moves one element, which is the answer.
  static func move(
    _ space: inout Keyspace, _ source: Bytes, _ target: Bytes, fromHead: Bool, toHead: Bool
  ) throws(CommandError) {
    guard let from = try space.find(source, .list) else { return space.reply.null() }
    let to = try space.find(target, .list)
    var list = ListValue(from.value)
    let element = fromHead ? list.element(0) : list.element(list.count - 1)
    space.answer(element)
    if source.equals(target) {
      let copy = element.bytes
      list.pop(atHead: fromHead, space.heap) { _ in }
      copy.withUnsafeBytes { list.push(PackedEntry($0), atHead: toHead, space.heap) }
      return KeyCell.setValue(list.value, of: from.cell)
    }
    var other = to.map { ListValue($0.value) } ?? ListValue(space.heap)
    other.push(PackedEntry(element), atHead: toHead, space.heap)
    list.pop(atHead: fromHead, space.heap) { _ in }
    if let to { KeyCell.setValue(other.value, of: to.cell) }
    space.store(list.value, count: list.count, from)
    if to == nil { space.put(target, other.value) }
  }

  /// LMPOP count key … LEFT|RIGHT [COUNT n].
  static func lmpop(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try popFirst(&space, arguments, from: 1)
  }

  /// BLMPOP timeout count key … LEFT|RIGHT [COUNT n].
  static func blmpop(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try checkTimeout(arguments[1])
    try popFirst(&space, arguments, from: 2)
  }

  private static func popFirst(
    _ space: inout Keyspace, _ arguments: Arguments, from first: Int
  ) throws(CommandError) {
    let call = try MultiPop(arguments, from: first)
    let atHead = try isHead(arguments[call.wordIndex])
    for index in call.keys {
      guard let handle = try space.find(arguments[index], .list) else { continue }
      space.reply.array(2)
      space.reply.bulk(arguments[index])
      return ListCommands.popMany(&space, handle, count: call.count, atHead: atHead)
    }
    space.reply.nullArray()
  }

  /// BLPOP and BRPOP key … timeout.
  static func blockingPop(
    _ space: inout Keyspace, _ arguments: Arguments, atHead: Bool
  ) throws(CommandError) {
    try checkTimeout(arguments[arguments.count - 1])
    for index in 1..<(arguments.count - 1) {
      guard let handle = try space.find(arguments[index], .list) else { continue }
      space.reply.array(2)
      space.reply.bulk(arguments[index])
      return ListCommands.popOne(&space, handle, atHead: atHead)
    }
    space.reply.nullArray()
  }

  /// Checks the seconds that a command would wait.
  static func checkTimeout(_ text: Bytes) throws(CommandError) {
    guard let seconds = DoubleText.parse(text), seconds.isFinite else {
      throw .message("ERR timeout is not a float or out of range")
    }
    if seconds < 0 { throw .message("ERR timeout is negative") }
  }
}

/// The arguments of LMPOP, ZMPOP and their kin: a number of keys, the keys, a word, a count.
struct MultiPop {
  /// The places of the keys.
  let keys: Range<Int>
  /// The place of LEFT, RIGHT, MIN or MAX.
  let wordIndex: Int
  /// How many elements are wanted, at least 1.
  let count: Int

  /// - Parameter first: the place of the number of keys.
  init(_ arguments: Arguments, from first: Int) throws(CommandError) {
    let notPositive = CommandError.message("ERR numkeys should be greater than 0")
    let number = try arguments.integer(first, or: notPositive)
    guard number > 0 else { throw notPositive }
    guard number < Int64(arguments.count - first - 1) else { throw .syntax }
    keys = (first + 1)..<(first + 1 + Int(number))
    wordIndex = keys.upperBound
    var (count, index) = (Int64(1), wordIndex + 1)
    var hasCount = false
    while index < arguments.count {
      guard !hasCount, arguments.isWord(index, "COUNT"), index + 1 < arguments.count else {
        throw .syntax
      }
      let notGreater = CommandError.message("ERR count should be greater than 0")
      count = try arguments.integer(index + 1, or: notGreater)
      guard count > 0 else { throw notGreater }
      hasCount = true
      index += 2
    }
    self.count = Int(count)
  }
}
