/// Commands of whole strings.
enum StringCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("SET", SetCommand.set), .init("SETNX", setnx), .init("SETEX", SetCommand.setex),
    .init("PSETEX", SetCommand.psetex), .init("GETSET", getset), .init("GET", get),
    .init("GETDEL", getdel), .init("GETEX", SetCommand.getex), .init("MGET", mget),
    .init("MSET", mset), .init("MSETNX", msetnx), .init("MSETEX", SetCommand.msetex),
    .init("APPEND", append), .init("SETRANGE", setrange), .init("GETRANGE", getrange),
    .init("SUBSTR", getrange), .init("STRLEN", strlen), .init("DELIFEQ", delifeq),
    .init("DELEX", delex),
  ]

  private static func setnx(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    if space.find(arguments[1]) != nil { return space.reply.integer(0) }
    space.putString(arguments[1], nil, arguments[2], expiry: nil)
    space.reply.integer(1)
  }

  private static func get(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .string) else { return space.reply.null() }
    space.reply.bulk(space.text(of: handle))
  }

  private static func getset(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try get(&space, arguments)
    space.putString(arguments[1], space.find(arguments[1]), arguments[2], expiry: nil)
  }

  private static func getdel(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try get(&space, arguments)
    space.delete(arguments[1])
  }

  private static func mget(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    space.reply.array(arguments.count - 1)
    for index in 1..<arguments.count {
      if let handle = space.find(arguments[index]), handle.form.type == .string {
        space.reply.bulk(space.text(of: handle))
      } else {
        space.reply.null()
      }
    }
  }

  private static func mset(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try checkPairs(arguments, space)
    putPairs(&space, arguments)
    space.reply.ok()
  }

  private static func msetnx(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try checkPairs(arguments, space)
    for index in stride(from: 1, to: arguments.count, by: 2)
    where space.find(arguments[index]) != nil {
      return space.reply.integer(0)
    }
    putPairs(&space, arguments)
    space.reply.integer(1)
  }

  private static func checkPairs(
    _ arguments: Arguments, _ space: borrowing Keyspace
  ) throws(CommandError) {
    guard arguments.count % 2 == 0 else { return }
    let name = arguments[0].text
    throw .text(
      space.dialect.age >= .since70
        ? "ERR wrong number of arguments for '\(name.lowercased())' command"
        : "ERR wrong number of arguments for MSET")
  }

  private static func putPairs(_ space: inout Keyspace, _ arguments: Arguments) {
    for index in stride(from: 1, to: arguments.count, by: 2) {
      let key = arguments[index]
      space.putString(key, space.find(key), arguments[index + 1], expiry: nil)
    }
  }

  private static func append(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let (key, tail) = (arguments[1], arguments[2])
    guard let handle = try space.find(key, .string) else {
      space.putString(key, nil, tail, expiry: nil)
      return space.reply.integer(tail.count)
    }
    let old = space.text(of: handle).count
    let count = old + tail.count
    guard count <= Keyspace.stringByteCountMax else { throw tooLong }
    if tail.count > 0 {
      let text = space.mutableText(key, handle, count: count)
      UnsafeMutableRawBufferPointer(rebasing: text[old...]).copyMemory(from: tail)
    }
    space.reply.integer(count)
  }

  private static func setrange(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let (key, part) = (arguments[1], arguments[3])
    let offset = try arguments.integer(2)
    if offset < 0 { throw .message("ERR offset is out of range") }
    let handle = try space.find(key, .string)
    let old = handle.map { space.text(of: $0).count } ?? 0
    if part.count == 0 { return space.reply.integer(old) }
    let (end, overflow) = Int(offset).addingReportingOverflow(part.count)
    guard !overflow, end <= Keyspace.stringByteCountMax else { throw tooLong }
    let text = space.mutableText(key, handle, count: max(old, end))
    UnsafeMutableRawBufferPointer(rebasing: text[Int(offset)..<end]).copyMemory(from: part)
    space.reply.integer(text.count)
  }

  private static var tooLong: CommandError {
    .message("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
  }

  private static func getrange(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let (start, end) = (try arguments.integer(2), try arguments.integer(3))
    guard let handle = try space.find(arguments[1], .string) else {
      return space.reply.bulk(Bytes(start: nil, count: 0))
    }
    let text = space.text(of: handle)
    let range = IndexRange.ofText(start, end, count: text.count)
    space.reply.bulk(text.part(range))
  }

  private static func strlen(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .string) else {
      return space.reply.integer(0)
    }
    space.reply.integer(space.text(of: handle).count)
  }

  /// DELIFEQ of Valkey 9.
  private static func delifeq(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .string) else {
      return space.reply.integer(0)
    }
    let matches = space.text(of: handle).equals(arguments[2])
    if matches { space.delete(handle) }
    space.reply.flag(matches)
  }

  /// DELEX of Redis 8.4; comparing digests is not known here.
  private static func delex(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    if arguments.count == 2 { return space.reply.flag(space.delete(arguments[1])) }
    if arguments.isWord(2, "IFDEQ") || arguments.isWord(2, "IFDNE") {
      throw .unsupported("DELEX by digest")
    }
    guard arguments.count == 4, arguments.isWord(2, "IFEQ") || arguments.isWord(2, "IFNE") else {
      throw .syntax
    }
    guard let handle = space.find(arguments[1]) else { return space.reply.integer(0) }
    guard handle.form.type == .string else {
      throw .message("ERR Key should be of string type if conditions are specified")
    }
    let isEqual = space.text(of: handle).equals(arguments[3])
    let applies = isEqual == arguments.isWord(2, "IFEQ")
    if applies { space.delete(handle) }
    space.reply.flag(applies)
  }
}
