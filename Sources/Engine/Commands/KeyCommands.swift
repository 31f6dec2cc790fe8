/// Commands of keys of any type, and of databases.
enum KeyCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("DEL", del), .init("UNLINK", del), .init("EXISTS", exists), .init("TOUCH", exists),
    .init("TYPE", type), .init("RENAME", rename), .init("RENAMENX", renamenx),
    .init("COPY", copy), .init("MOVE", move), .init("SELECT", select), .init("SWAPDB", swapdb),
    .init("FLUSHDB", flushdb), .init("FLUSHALL", flushall), .init("DBSIZE", dbsize),
    .init("DUMP", RestoreCommand.dump), .init("RESTORE", RestoreCommand.restore),
    .init("RESTORE-ASKING", RestoreCommand.restore),
    .init("OBJECT", object), .init("PING", ping), .init("ECHO", echo),
  ]

  private static func del(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var count = 0
    for index in 1..<arguments.count where space.delete(arguments[index]) { count += 1 }
    space.reply.integer(count)
  }

  private static func exists(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    var count = 0
    for index in 1..<arguments.count where space.find(arguments[index]) != nil { count += 1 }
    space.reply.integer(count)
  }

  private static func type(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let handle = space.find(arguments[1]) else { return space.reply.status("none") }
    space.reply.status(text: space.typeName(of: handle))
  }

  private static func rename(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    _ = try rename(&space, arguments, onlyNew: false)
    space.reply.ok()
  }

  private static func renamenx(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    space.reply.flag(try rename(&space, arguments, onlyNew: true))
  }

  private static func rename(
    _ space: inout Keyspace, _ arguments: Arguments, onlyNew: Bool
  ) throws(CommandError) -> Bool {
    let (source, target) = (arguments[1], arguments[2])
    let isSame = source.equals(target)
    if isSame, space.dialect.age < .since32 {
      throw .message("ERR source and destination objects are the same")
    }
    guard let handle = space.find(source) else { throw .noSuchKey }
    if isSame { return !onlyNew }
    if let old = space.find(target) {
      if onlyNew { return false }
      space.delete(old)
    }
    let cell = space.copyCell(handle.cell, key: target, expiry: handle.expiry)
    space.database.pointee.removeKey(handle, space.heap)
    space.database.pointee.add(cell, space.heap)
    return true
  }

  private static var sameObjects: CommandError {
    .message("ERR source and destination objects are the same")
  }

  private static var databaseOutOfRange: CommandError {
    .message("ERR DB index is out of range")
  }

  private static func databaseNumber(
    _ arguments: Arguments, _ index: Int, or error: CommandError, _ space: borrowing Keyspace
  ) throws(CommandError) -> Int {
    let number = try arguments.integer(index, or: error)
    guard number >= 0, number < Int64(space.databaseCount) else { throw databaseOutOfRange }
    return Int(number)
  }

  private static func copy(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let (source, target) = (arguments[1], arguments[2])
    var (database, replaces, index) = (space.selected, false, 3)
    while index < arguments.count {
      if arguments.isWord(index, "REPLACE") {
        replaces = true
      } else if arguments.isWord(index, "DB"), index + 1 < arguments.count {
        index += 1
        database = try databaseNumber(arguments, index, or: .notInteger, space)
      } else {
        throw .syntax
      }
      index += 1
    }
    if database == space.selected, source.equals(target) { throw sameObjects }
    guard let handle = space.find(source) else { return space.reply.integer(0) }
    if let old = space.find(target, in: database) {
      guard replaces else { return space.reply.integer(0) }
      space.databases[database].remove(old, space.heap)
    }
    let cell = space.copyCell(handle.cell, key: target, expiry: handle.expiry)
    if handle.form != .embedded { KeyCell.setValue(handle.value.copy(space.heap), of: cell) }
    space.databases[database].add(cell, space.heap)
    space.reply.integer(1)
  }

  private static func move(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let isOld = space.dialect.age < .since62
    let number = try arguments.integer(
      2, or: isOld ? .message("ERR index out of range") : .notInteger)
    guard number >= 0, number < Int64(space.databaseCount) else {
      throw isOld ? .message("ERR index out of range") : databaseOutOfRange
    }
    if Int(number) == space.selected { throw sameObjects }
    guard let handle = space.find(arguments[1]),
      space.find(arguments[1], in: Int(number)) == nil
    else { return space.reply.integer(0) }
    let cell = space.copyCell(handle.cell, key: arguments[1], expiry: handle.expiry)
    space.database.pointee.removeKey(handle, space.heap)
    space.databases[Int(number)].add(cell, space.heap)
    space.reply.integer(1)
  }

  private static func select(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let isOld = space.dialect.age < .since62
    let number = try arguments.integer(
      1, or: isOld ? .message("ERR invalid DB index") : .notInteger)
    guard Int32(exactly: number) != nil else {
      throw isOld ? .message("ERR invalid DB index") : .notInteger
    }
    guard space.select(Int(number)) else {
      throw space.dialect.age < .since40 ? .message("ERR invalid DB index") : databaseOutOfRange
    }
    space.reply.ok()
  }

  private static func swapdb(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let first = try databaseNumber(
      arguments, 1, or: .message("ERR invalid first DB index"), space)
    let second = try databaseNumber(
      arguments, 2, or: .message("ERR invalid second DB index"), space)
    let held = space.databases[first]
    space.databases[first] = space.databases[second]
    space.databases[second] = held
    space.reply.ok()
  }

  private static func checkFlush(
    _ arguments: Arguments, _ space: borrowing Keyspace
  ) throws(CommandError) {
    guard arguments.count > 1 else { return }
    let isKnown =
      arguments.isWord(1, "ASYNC")
      || space.dialect.age >= .since62 && arguments.isWord(1, "SYNC")
    guard arguments.count == 2, isKnown else { throw .syntax }
  }

  private static func flushdb(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try checkFlush(arguments, space)
    space.database.pointee.removeAll(space.heap)
    space.reply.ok()
  }

  private static func flushall(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try checkFlush(arguments, space)
    space.removeAll()
    space.reply.ok()
  }

  private static func dbsize(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    space.reply.integer(space.database.pointee.keys.count)
  }

  private static func object(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard arguments.count == 3 else { throw .syntax }
    guard let handle = space.find(arguments[2]) else { return space.reply.null() }
    if arguments.isWord(1, "ENCODING") {
      return space.reply.bulk(space.encodingName(of: handle).bytes)
    }
    guard arguments.isWord(1, "REFCOUNT") else { throw .syntax }
    space.reply.integer(1)
  }

  private static func ping(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    if arguments.count > 1 {
      space.reply.bulk(arguments[1])
    } else {
      space.reply.status("PONG")
    }
  }

  private static func echo(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    space.reply.bulk(arguments[1])
  }
}

extension Keyspace {
  /// What OBJECT ENCODING says of a value that was made in one piece. (A string that APPEND made is
  /// `raw` to servers however short it is; they remember that, and this does not.)
  func encodingName(of handle: KeyHandle) -> StaticString {
    let isNew = dialect.hasPackedSetsAndLists
    let packed: StaticString = dialect.age >= .since70 ? "listpack" : "ziplist"
    switch handle.form {
    case .integer: return "int"
    case .embedded, .raw: return text(of: handle).count <= 44 ? "embstr" : "raw"
    case .packedList: return isNew ? "listpack" : dialect.age >= .since32 ? "quicklist" : "ziplist"
    case .blockList: return dialect.age >= .since32 ? "quicklist" : "linkedlist"
    case .integerSet: return "intset"
    case .packedSet: return isNew ? "listpack" : "hashtable"
    case .tableSet, .tableHash: return "hashtable"
    case .packedZset, .packedHash: return packed
    case .rankedZset: return "skiplist"
    case .stream: return "stream"
    case .vectorSet, .module, .array: return "raw"
    }
  }
}
