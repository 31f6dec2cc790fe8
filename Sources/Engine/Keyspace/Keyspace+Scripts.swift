import RedisModel

/// Executes the commands that run scripts, for an engine that knows no script language: EVAL and
/// its kin, SCRIPT, FUNCTION, FCALL.
public protocol ScriptHost: AnyObject {
  /// Executes one of them; its answer goes into `space.reply`, behind what is there.
  func execute(_ arguments: Arguments, on space: inout Keyspace)
}

/// Scripts that ended in an error when they had written: what they wrote stays.
public struct StoppedScripts: Sendable {
  /// How many. In an answer with more errors than this a command failed by itself.
  public internal(set) var count = 0
  /// The commands of theirs that wrote.
  public internal(set) var writeCount = 0

  /// None.
  init() {}
}

/// What a command that a script calls is.
public enum ScriptedCommand {
  /// The server has no such command or subcommand.
  case unknown
  /// A server so new that nobody asked it might have such a command.
  case uncertain
  /// It does not take so many arguments.
  case wrongArgumentCount
  /// A command of the server, and its index for `call(_:_:)`.
  case known(CommandEntry, index: Int)
}

/// Commands that a script calls.
extension Keyspace {
  /// What stands in a script's call.
  public func scriptedCommand(_ arguments: Arguments) -> ScriptedCommand {
    guard let index = commands.index(of: arguments[0]) else {
      return commands.isOpenEnded ? .uncertain : .unknown
    }
    guard commands[index].takes(argumentCount: arguments.count) else { return .wrongArgumentCount }
    guard commands[index].isContainer, arguments.count > 1 else {
      return .known(commands[index], index: index)
    }
    guard let part = commands.index(of: arguments[0], subcommand: arguments[1]) else {
      return .unknown
    }
    guard commands[part].takes(argumentCount: arguments.count) else { return .wrongArgumentCount }
    return .known(commands[part], index: index)
  }

  /// Executes a command at once, also within a transaction; `reply` has its answer alone.
  ///
  /// - Parameters:
  ///   - index: what `scriptedCommand(_:)` gave.
  ///   - arguments: of a number that the command takes.
  /// - Returns: false where the command, or a part of it, cannot be executed.
  public mutating func call(_ index: Int, _ arguments: Arguments) -> Bool {
    reply.removeAll()
    guard let handler = handlers[index] else { return false }
    let before = unsupportedPart
    unsupportedPart = nil
    call(handler, arguments)
    if unsupportedPart != nil { return false }
    unsupportedPart = before
    return true
  }

  /// Notes that something of the last command was not done: what it was.
  public mutating func note(unsupported what: String) { unsupportedPart = what }

  /// Notes that a script ended in an error behind so many writes.
  public mutating func noteStoppedScript(writeCount: Int) {
    stoppedScripts.count += 1
    stoppedScripts.writeCount += writeCount
  }
}

/// EVAL, EVALSHA, SCRIPT, FUNCTION, FCALL: left to whoever knows scripts.
enum ScriptCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "SCRIPT", "FUNCTION", "FCALL", "FCALL_RO",
  ].map { .init($0, execute) }

  private static func execute(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let host = space.scriptHost else {
      throw .unsupported(arguments[0].text.uppercased())
    }
    host.execute(arguments, on: &space)
  }
}
