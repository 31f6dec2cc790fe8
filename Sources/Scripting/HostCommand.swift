import Engine

/// Commands that scripts call, that a replay has no use for, and whose answers are known all the
/// same: nobody listens, nothing was saved, and it is the engine's time.
enum HostCommand {
  /// Answers a command that the engine does not execute.
  ///
  /// - Returns: false where it is none of these.
  static func execute(_ arguments: Arguments, on space: UnsafeMutablePointer<Keyspace>) -> Bool {
    switch String(decoding: arguments[0], as: UTF8.self).uppercased() {
    case "ECHO" where arguments.count == 2, "PING" where arguments.count == 2:
      space.pointee.reply.bulk(arguments[1])
    case "PING" where arguments.count == 1: space.pointee.reply.status("PONG")
    case "PUBLISH", "SPUBLISH": space.pointee.reply.integer(0)
    case "TIME":
      let now = space.pointee.nowMs
      space.pointee.reply.array(2)
      answer(now / 1000, on: space)
      answer(now % 1000 * 1000, on: space)
    case "DBSIZE": space.pointee.reply.integer(space.pointee.keyCount(space.pointee.selected))
    case "LASTSAVE": space.pointee.reply.integer(space.pointee.nowMs / 1000)
    default: return false
    }
    return true
  }

  private static func answer(_ number: Int64, on space: UnsafeMutablePointer<Keyspace>) {
    var text = "\(number)"
    text.withUTF8 { space.pointee.reply.bulk(Bytes($0)) }
  }
}
