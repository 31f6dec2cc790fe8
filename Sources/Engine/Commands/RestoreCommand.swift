/// RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency], and DUMP key.
enum RestoreCommand {
  /// Answers the payload of a key; null where there is none.
  static func dump(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let handle = space.find(arguments[1]) else { return space.reply.null() }
    guard let payload = space.payloadCodec?.payload(of: KeptValue(handle.cell)) else {
      throw .unsupported("DUMP of such a value")
    }
    payload.withUnsafeBytes { space.reply.bulk($0) }
  }

  /// Executes it; RESTORE-ASKING is the same.
  static func restore(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let (replaces, isAbsolute) = try options(arguments, space)
    if !replaces, space.find(arguments[1]) != nil {
      throw .message("BUSYKEY Target key name already exists.")
    }
    let ttl = try arguments.integer(2)
    if ttl < 0 { throw .message("ERR Invalid TTL value, must be >= 0") }
    guard let codec = space.payloadCodec else { throw badVersion }
    var expiry: Int64? = ttl == 0 ? nil : ttl
    if let relative = expiry, !isAbsolute {
      let (sum, overflow) = relative.addingReportingOverflow(space.nowMs)
      expiry = overflow ? .max : sum
    }
    var loader = ValueLoader(space)
    defer { loader.close() }
    loader.begin(arguments[1], expiry: expiry)
    switch codec.read(arguments[3], into: &loader) {
    case .wrongVersionOrChecksum:
      throw badVersion
    case .badFormat:
      throw .message("ERR Bad data format")
    case .unsupported(let what):
      throw .unsupported(what)
    case .kept(let what): space.unsupportedPart = what
    case .loaded: break
    }
    space.delete(arguments[1])
    let isDue = expiry.map { !space.isLoading && $0 <= space.nowMs } ?? false
    if !isDue { space.add(&loader, database: space.selected) }
    space.reply.ok()
  }

  private static var badVersion: CommandError {
    .message("ERR DUMP payload version or checksum are wrong")
  }

  private static func options(
    _ arguments: Arguments, _ space: borrowing Keyspace
  ) throws(CommandError) -> (replaces: Bool, isAbsolute: Bool) {
    var (replaces, isAbsolute, index) = (false, false, 4)
    let knowsMore = space.dialect.age >= .since50
    while index < arguments.count {
      if arguments.isWord(index, "REPLACE") {
        replaces = true
      } else if knowsMore, arguments.isWord(index, "ABSTTL") {
        isAbsolute = true
      } else if knowsMore, arguments.isWord(index, "IDLETIME"), index + 1 < arguments.count {
        index += 1
        if try arguments.integer(index) < 0 {
          throw .message("ERR Invalid IDLETIME value, must be >= 0")
        }
      } else if knowsMore, arguments.isWord(index, "FREQ"), index + 1 < arguments.count {
        index += 1
        guard (0...255).contains(try arguments.integer(index)) else {
          throw .message("ERR Invalid FREQ value, must be >= 0 and <= 255")
        }
      } else {
        throw .syntax
      }
      index += 1
    }
    return (replaces, isAbsolute)
  }
}
