import RedisModel

/// The point that a set is rewound to.
public enum AOFRewindTarget: Sendable {
  /// Everything up to this moment, Unix milliseconds, as far as `#TS:` lines tell.
  case time(Int64)
  /// Everything in front of this offset in the file of this name; without a name in the only file
  /// that commands are appended to.
  case offset(Int, file: String?)
  /// Everything in front of a command.
  case command(AOFCommandMatch, AOFOccurrence)
}

/// Which one of the commands that match.
public enum AOFOccurrence: Equatable, Sendable {
  /// The last one.
  case last
  /// The one of this number, from 1, counted from the oldest file on.
  case number(Int)
}

/// What a command has to be like.
public struct AOFCommandMatch: Sendable {
  /// Names, one of which it has; empty for any.
  public var names: [CommandName] = []
  /// The arguments that follow its name, or the first of them.
  public var arguments: [[UInt8]] = []
  /// One of its keys.
  public var key: [UInt8]?
  /// The database that it works on.
  public var database: Int?

  /// Any command.
  public init() {}

  /// Whether `command` is so.
  public func matches(_ command: AOFCommand) -> Bool {
    if let database, command.database != database { return false }
    if !names.isEmpty {
      guard let name = CommandName(command.name), names.contains(name) else { return false }
    }
    guard command.heldCount > arguments.count else { return arguments.isEmpty && key == nil }
    for (index, argument) in arguments.enumerated()
    where !command[index + 1].elementsEqual(argument) {
      return false
    }
    guard let key else { return true }
    return CommandKeys.contains(in: command) { command[$0].elementsEqual(key) }
  }
}

/// A command in own memory, shortened, for reports.
public struct AOFCommandExcerpt: Equatable, Sendable {
  /// The arguments that are kept of a long command.
  private static let argumentCountMax = 8
  /// The bytes that are kept of a long argument.
  private static let byteCountMax = 128

  /// Where its `*` stands.
  public let offset: Int
  /// The database that it works on.
  public let database: Int
  /// The last `#TS:` before it, Unix seconds.
  public let timestamp: Int64?
  /// The number of its transaction; `nil` outside.
  public let transaction: Int?
  /// Its arguments, or the first of them, long ones cut.
  public let arguments: [[UInt8]]
  /// Whether something was left out.
  public let isShortened: Bool

  /// The front of `command`.
  public init(_ command: AOFCommand) {
    offset = command.offset
    database = command.database
    timestamp = command.timestamp
    transaction = command.transaction
    let count = min(command.heldCount, Self.argumentCountMax)
    arguments = (0..<count).map { Array(command[$0].prefix(Self.byteCountMax)) }
    isShortened =
      count < command.argumentCount
      || (0..<count).contains { command[$0].count > Self.byteCountMax }
  }
}
