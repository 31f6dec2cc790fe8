import Engine

/// Commands that scripts call, that a replay has no use for, and whose answers are known all the
/// same: nobody listens, nothing was saved, and it is the engine's time.
enum HostCommand {
  /// Answers a command that the engine does not execute.
  ///
  /// - Returns: false where it is none of these.
  static func execute(_ arguments: Arguments, on space: UnsafeMutablePointer<Keyspace>) -> Bool {
    switch String(decoding: arguments[0], as: UTF8.self).uppercased() {
    case "PUBLISH", "SPUBLISH": space.pointee.reply.integer(0)
    case "LASTSAVE": space.pointee.reply.integer(space.pointee.nowMs / 1000)
    default: return false
    }
    return true
  }
}
