import AOF

/// Commands whose expiry counts from the moment at which they are executed: what they set lives
/// longer with each start of a server. Servers before 7.0 log some as they came.
enum RelativeExpiry {
  /// Whether `command` states an expiry relative to its execution.
  @inline(__always)
  static func isStated(by command: AOFCommand) -> Bool {
    // A plain SET is what there is most of.
    command.heldCount < 3 || command.heldCount == 3 && command.isArgument(0, "SET")
      ? false : isStatedByMany(command)
  }

  @inline(never)
  private static func isStatedByMany(_ command: AOFCommand) -> Bool {
    if command.isArgument(0, "EXPIRE") || command.isArgument(0, "PEXPIRE")
      || command.isArgument(0, "SETEX") || command.isArgument(0, "PSETEX")
      || command.isArgument(0, "HEXPIRE") || command.isArgument(0, "HPEXPIRE")
    {
      return true
    }
    if command.isArgument(0, "SET") { return hasUnit(command, from: 3) }
    if command.isArgument(0, "GETEX") || command.isArgument(0, "HSETEX")
      || command.isArgument(0, "HGETEX")
    {
      return hasUnit(command, from: 2)
    }
    guard command.isArgument(0, "RESTORE"), command.heldCount > 3 else { return false }
    let isForever = command[2].elementsEqual([UInt8(ascii: "0")])
    return !isForever && !(4..<command.heldCount).contains { command.isArgument($0, "ABSTTL") }
  }

  /// Whether EX or PX stands among the first options.
  private static func hasUnit(_ command: AOFCommand, from start: Int) -> Bool {
    (start..<min(command.heldCount, start + optionCountMax)).contains {
      command.isArgument($0, "EX") || command.isArgument($0, "PX")
    }
  }

  /// More options than any of these commands takes in front of its values.
  private static let optionCountMax = 8
}
