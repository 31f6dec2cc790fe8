import AOF
import RedisModel

/// Commands that the engine does not execute and that change no data, whatever they answer.
enum HarmlessCommand {
  private static let names = Set(
    [
      "PUBLISH", "SPUBLISH", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE",
      "PUNSUBSCRIBE", "SUNSUBSCRIBE", "PING", "ECHO", "TIME", "INFO", "COMMAND", "ROLE", "LOLWUT",
      "SLOWLOG", "LATENCY", "MEMORY", "OBJECT", "PUBSUB", "WAIT", "WAITAOF", "ASKING", "READONLY",
      "READWRITE", "AUTH", "HELLO", "CLIENT", "DBSIZE", "LASTSAVE",
    ].compactMap { CommandName($0) })

  /// Whether `command` is one.
  static func isOne(_ command: AOFCommand) -> Bool {
    if command.isArgument(0, "DEBUG") {
      return command.isArgument(1, "SLEEP") || command.isArgument(1, "LOG")
        || command.isArgument(1, "HELP")
    }
    return CommandName(command.name).map { names.contains($0) } ?? false
  }

  /// Whether `command` asks for messages.
  static func subscribes(_ command: AOFCommand) -> Bool {
    command.isArgument(0, "SUBSCRIBE") || command.isArgument(0, "PSUBSCRIBE")
      || command.isArgument(0, "SSUBSCRIBE")
  }
}
