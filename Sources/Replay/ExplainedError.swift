import AOF
import Engine

/// A command that is answered by an error, as it was on the server that wrote it.
public struct ExplainedError: Sendable, Equatable {
  /// What became of it.
  public enum Reason: Sendable, Equatable {
    /// A script, or several in a transaction, that ended in an error when so many of its commands
    /// had written. Servers before 7.0 write scripts as they stand, and this one for what it had
    /// written.
    case stoppedScript(writeCount: Int)
    /// The commands of `EmptyStreamRewrite`: the stream, which has no entries, is lost, with so
    /// many groups.
    case emptyStream(key: [UInt8], groupCount: Int)
  }

  /// The command, and its error.
  public var command: LoadReport.RefusedCommand
  /// Why it is none of the usual kind.
  public internal(set) var reason: Reason
}

/// A stream that never had an entry, as Redis 5.0 rewrites it: `XADD key MAXLEN 0 0-0 x y`,
/// `XSETID key 0-0` and an `XGROUP CREATE` for each group. No server takes the id 0-0, so that
/// there is no stream for the other commands either.
struct EmptyStreamRewrite {
  private let key: [UInt8]
  private var index: Int

  /// Begins with an XADD that was answered by an error; `nil` where it is another one.
  init?(_ command: AOFCommand) {
    guard command.argumentCount == 7, command.heldCount == 7, command.isArgument(0, "XADD"),
      command.isArgument(2, "MAXLEN"), command.isArgument(3, "0"), command.isArgument(4, "0-0"),
      command.isArgument(5, "X"), command.isArgument(6, "Y")
    else { return nil }
    key = [UInt8](command[1])
    index = command.index
  }

  /// Takes a command that was answered by an error and follows at once.
  ///
  /// - Returns: false where it is none of these.
  mutating func take(_ command: AOFCommand) -> Bool {
    guard command.index == index + 1 else { return false }
    let isID =
      command.argumentCount == 3 && command.heldCount == 3 && command.isArgument(0, "XSETID")
      && command.isArgument(2, "0-0") && command[1].elementsEqual(key)
    let isGroup =
      command.argumentCount == 5 && command.heldCount == 5 && command.isArgument(0, "XGROUP")
      && command.isArgument(1, "CREATE") && command[2].elementsEqual(key)
    if isID || isGroup { index = command.index }
    return isID || isGroup
  }
}

extension LoadReport {
  /// Counts a group that is lost with the last empty stream.
  mutating func countLostGroup() {
    guard let last = explained.indices.last,
      case .emptyStream(let key, let count) = explained[last].reason
    else { return }
    explained[last].reason = .emptyStream(key: key, groupCount: count + 1)
  }
}
