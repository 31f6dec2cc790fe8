import AOF
import ByteKit
import RedisModel

/// A place that does not exist in this set.
struct AOFPlaceError: Error {
  /// What is wrong.
  let message: String
}

/// The commands between two places of a set.
struct AOFRange {
  /// A place, its file found.
  enum Bound {
    case command(Int)
    case timeMs(Int64)
    case offset(Int, part: Int)
  }

  let from: Bound?
  let to: Bound?

  /// - Parameter names: the files in the order in which they are loaded.
  init(from: AOFPlace?, to: AOFPlace?, in names: [String]) throws(AOFPlaceError) {
    self.from = try Self.bound(from, names)
    self.to = try Self.bound(to, names)
  }

  private static func bound(
    _ place: AOFPlace?, _ names: [String]
  ) throws(AOFPlaceError) -> Bound? {
    switch place {
    case nil: return nil
    case .command(let number): return .command(number)
    case .time(let time): return .timeMs(time)
    case .offset(let offset, let file):
      guard let file else { return .offset(offset, part: max(0, names.count - 1)) }
      guard let part = names.lastIndex(of: file) else {
        throw AOFPlaceError(
          message: "no file called \(file) is loaded; there are \(names.joined(separator: ", "))")
      }
      return .offset(offset, part: part)
    }
  }
}

/// Decides which commands are wanted.
struct AOFSelector {
  private let range: AOFRange
  private let globs: [GlobPattern]
  private let names: Set<CommandName>
  private let hasNames: Bool
  private let databases: [Int]
  private let limit: Int
  private let selectsAll: Bool
  private let asksForTimes: Bool
  private var part = 0
  private var count = 0
  private var hasSeenTime = false
  /// Whether no further command can be wanted.
  private(set) var isDone: Bool

  init(_ options: AOFSelectionOptions, _ range: AOFRange) {
    self.range = range
    globs = options.globs.map { GlobPattern($0.utf8) }
    let words = options.names.flatMap { $0.split(separator: ",") }
    names = Set(words.compactMap { Array($0.utf8).withUnsafeBytes { CommandName($0) } })
    hasNames = !options.names.isEmpty
    databases = options.databases.flatMap { $0 }
    limit = options.limit ?? .max
    isDone = limit == 0
    selectsAll =
      range.from == nil && range.to == nil && globs.isEmpty && !hasNames && databases.isEmpty
      && options.limit == nil
    asksForTimes = [range.from, range.to].contains { if case .timeMs = $0 { true } else { false } }
  }

  /// Whether a time was asked for and no command has one.
  var lacksTimes: Bool { asksForTimes && !hasSeenTime }

  /// The next commands stand in the file of this index.
  mutating func begin(part: Int) { self.part = part }

  /// Whether `command` is wanted.
  @inline(__always)
  mutating func selects(_ command: AOFCommand) -> Bool {
    selectsAll || decides(command)
  }

  @inline(never)
  private mutating func decides(_ command: AOFCommand) -> Bool {
    if command.timestamp != nil { hasSeenTime = true }
    if let from = range.from, isBefore(command, from) { return false }
    if let to = range.to, isBehind(command, to) {
      isDone = true
      return false
    }
    if !databases.isEmpty, !databases.contains(command.database) { return false }
    if hasNames {
      guard let name = CommandName(command.name), names.contains(name) else { return false }
    }
    if !globs.isEmpty {
      let isWanted = CommandKeys.contains(in: command) { index in
        globs.contains { $0.matches(command[index]) }
      }
      guard isWanted else { return false }
    }
    count += 1
    isDone = count >= limit
    return true
  }

  /// Whether `command` stands before the first one that is wanted. What has no time is older than
  /// all that has.
  private func isBefore(_ command: AOFCommand, _ bound: AOFRange.Bound) -> Bool {
    switch bound {
    case .command(let number): return command.index < number
    case .offset(let offset, let part):
      return self.part < part || self.part == part && command.offset < offset
    case .timeMs(let time):
      return command.timestamp.map { $0.multipliedClamped(by: 1000) < time } ?? true
    }
  }

  /// Whether `command` stands behind the last one that is wanted.
  private func isBehind(_ command: AOFCommand, _ bound: AOFRange.Bound) -> Bool {
    switch bound {
    case .command(let number): return command.index > number
    case .offset(let offset, let part):
      return self.part > part || self.part == part && command.offset >= offset
    case .timeMs(let time):
      return command.timestamp.map { $0.multipliedClamped(by: 1000) > time } ?? false
    }
  }
}

extension Int64 {
  /// The product, or the largest number where it is larger; for factors from 0 up.
  fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
