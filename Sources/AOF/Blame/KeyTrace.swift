/// The names that a key had, from the beginning of a set to its end.
///
/// What became of a key by RENAME, COPY, MOVE or SWAPDB has the history of what it was made of. A
/// key of the same name that stood there before and was overwritten so belongs to it only on
/// request.
public struct KeyTrace: Equatable, Sendable {
  /// Commands between which the names stay the same.
  public struct Stretch: Equatable, Sendable {
    /// The names; several only where overwritten keys are followed too.
    public var names: [KeyName]
    /// The number of the last command; that is the one that changed the name, and in the last
    /// stretch there is no end.
    public var last: Int
  }

  /// Names that are followed at the same time.
  private static let nameCountMax = 64
  /// What changed more often is followed so far back.
  public static let stretchCountMax = 100_000

  /// The stretches, in file order; at least one.
  public private(set) var stretches: [Stretch]
  /// Whether the key had more names than are followed, before those known.
  public private(set) var isCut = false

  /// Traces `name` back from the end.
  ///
  /// - Parameter followsAll: whether keys that a RENAME, COPY or MOVE overwrote belong to it.
  public init(_ name: KeyName, in log: borrowing NameLog, followsAll: Bool = false) {
    var names = [name]
    var last = Int.max
    var found: [Stretch] = []
    var isCut = false
    log.backward { entry in
      let before = Self.names(names, before: entry, followsAll)
      guard before != names else { return true }
      guard before.count <= Self.nameCountMax, found.count < Self.stretchCountMax else {
        isCut = true
        return false
      }
      found.append(Stretch(names: names, last: last))
      names = before
      last = entry.index
      return true
    }
    found.append(Stretch(names: names, last: last))
    stretches = found.reversed()
    self.isCut = isCut
  }

  /// What had `names` before `entry`.
  private static func names(
    _ names: [KeyName], before entry: NameLog.Entry, _ followsAll: Bool
  ) -> [KeyName] {
    switch entry.change {
    case .swapped:
      let (first, second) = (entry.source.database, entry.target.database)
      return names.map {
        switch $0.database {
        case first: KeyName(database: second, key: $0.key)
        case second: KeyName(database: first, key: $0.key)
        default: $0
        }
      }
    case .renamed, .copied:
      guard let place = names.firstIndex(of: entry.target) else { return names }
      var before = names
      if !followsAll { before.remove(at: place) }
      if !before.contains(entry.source) { before.append(entry.source) }
      return before
    }
  }
}

/// Finds the commands that touched a key, in a pass in file order.
public struct KeyFollower: Sendable {
  /// Why a command belongs to a key's history.
  public struct Touch: Equatable, Sendable {
    /// The name that the key had when the command came.
    public var name: KeyName
    /// The names from here on, where this command changed them.
    public var becomes: [KeyName]?
  }

  private let stretches: [KeyTrace.Stretch]
  private var place = 0

  /// Follows the key of `trace`.
  public init(_ trace: KeyTrace) { stretches = trace.stretches }

  /// What `command` has to do with the key; `nil` for nothing. To be asked for every command.
  @inline(__always)
  public mutating func touch(by command: AOFCommand) -> Touch? {
    while command.index > stretches[place].last { place += 1 }
    guard let name = name(in: command) else { return nil }
    guard command.index == stretches[place].last, place + 1 < stretches.count else {
      return Touch(name: name)
    }
    return Touch(name: name, becomes: stretches[place + 1].names)
  }

  @inline(never)
  private func name(in command: AOFCommand) -> KeyName? {
    let names = stretches[place].names
    var found: KeyName?
    _ = CommandKeys.contains(in: command) { index in
      let key = command[index]
      found = names.first { $0.matches(key, in: command.database) }
      return found != nil
    }
    return found ?? target(of: command, names) ?? flushed(by: command, names)
  }

  /// The key that MOVE and COPY write in another database.
  private func target(of command: AOFCommand, _ names: [KeyName]) -> KeyName? {
    if command.isArgument(0, "MOVE"), command.heldCount > 2,
      let database = NameLog.number(command[2])
    {
      return names.first { $0.matches(command[1], in: database) }
    }
    if command.isArgument(0, "COPY"), command.heldCount > 4,
      let word = (3..<command.heldCount - 1).first(where: { command.isArgument($0, "DB") }),
      let database = NameLog.number(command[word + 1])
    {
      return names.first { $0.matches(command[2], in: database) }
    }
    return nil
  }

  /// The key, where the command empties its database or puts another in its place.
  private func flushed(by command: AOFCommand, _ names: [KeyName]) -> KeyName? {
    if command.isArgument(0, "FLUSHALL") { return names.first }
    if command.isArgument(0, "FLUSHDB") {
      return names.first { $0.database == command.database }
    }
    guard command.isArgument(0, "SWAPDB"), command.heldCount > 2 else { return nil }
    let databases = [NameLog.number(command[1]), NameLog.number(command[2])]
    return names.first { databases.contains($0.database) }
  }
}
