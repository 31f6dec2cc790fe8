/// What servers said of their commands, as it was generated.
enum CommandRows {
  /// One command as some servers have it.
  struct Row {
    /// A bit for each server that has it so.
    var servers = 0
    /// A bit for each of these that has subcommands of it.
    var containers = 0
    var flags = CommandFlags()
    var arity = 0
    var firstKey = 0
    var lastKey = 0
    var keyStep = 0
    var name: CommandName
    /// The number of the name.
    var id = 0

    /// The row as the entry in a table of `server`.
    func entry(of server: Int, olderArity: Int) -> CommandEntry {
      CommandEntry(
        id: id, arity: arity, olderArity: olderArity, flags: flags, firstKey: firstKey,
        lastKey: lastKey, keyStep: keyStep, isContainer: containers >> server & 1 != 0)
    }
  }

  /// All rows, those of one name together.
  static let parsed: [Row] = {
    var rows: [Row] = []
    text.withUTF8Buffer { bytes in
      for line in bytes.split(separator: 0x0A) {
        if let row = row(line, after: rows.last) { rows.append(row) }
      }
    }
    return rows
  }()

  /// The rows of each name, by its number.
  static let byName: [ArraySlice<Row>] = {
    var groups: [ArraySlice<Row>] = []
    var start = 0
    for end in 1...parsed.count
    where end == parsed.count || parsed[end].id != parsed[start].id {
      groups.append(parsed[start..<end])
      start = end
    }
    return groups
  }()

  /// The servers whose tables tell the commands of `version`, older first.
  static func neighbours(
    of version: ServerVersion
  ) -> (servers: [Int], isExact: Bool, isOpenEnded: Bool) {
    func isSameLine(_ index: Int) -> Bool {
      let server = servers[index]
      return (server.major, server.minor) == (version.major, version.minor)
    }
    // Valkey began as Redis 7.2.
    let line = servers.indices.filter {
      servers[$0].product == version.product
        || version.product == .valkey
          && (servers[$0].major, servers[$0].minor) == (7, 2)
    }
    if let own = line.first(where: isSameLine) { return ([own], true, false) }
    let isOlder = { (index: Int) in
      (servers[index].major, servers[index].minor) < (version.major, version.minor)
    }
    let older = line.last(where: isOlder)
    let newer = line.first { !isOlder($0) }
    return ([older, newer].compactMap { $0 }, false, newer == nil)
  }

  private static func row(_ line: Slice<UnsafeBufferPointer<UInt8>>, after last: Row?) -> Row? {
    let words = line.split(separator: 0x20, maxSplits: 7)
    guard words.count == 8, let name = CommandName(string(words[7])) else { return nil }
    func number(_ index: Int, radix: Int = 10) -> Int {
      Int(string(words[index]), radix: radix) ?? 0
    }
    var row = Row(name: name)
    row.servers = number(0, radix: 16)
    row.containers = number(1, radix: 16)
    row.flags = CommandFlags(rawValue: UInt32(number(2, radix: 16)))
    row.arity = number(3)
    row.firstKey = number(4)
    row.lastKey = number(5)
    row.keyStep = number(6)
    if let last { row.id = last.name == name ? last.id : last.id + 1 }
    return row
  }

  private static func string(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
