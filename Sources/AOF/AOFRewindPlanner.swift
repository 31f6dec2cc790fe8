import ByteKit

/// Finds the point that a set is rewound to.
///
/// The files that a server loads are searched first; those of before the last rewrite only where
/// the point lies there, or where commands are counted from the oldest one on.
public struct AOFRewindPlanner {
  private typealias Place = AOFGenerationWalk.Place

  private let set: AOFSet
  private let timeline: AOFTimeline
  private let scan: AOFPartScanner

  /// - Parameters:
  ///   - set: its files are all regular ones: see `AOFSet.spoolingStreams(in:)`.
  ///   - scan: goes over one file.
  public init(_ set: AOFSet, _ scan: @escaping AOFPartScanner) {
    self.set = set
    self.scan = scan
    timeline = AOFTimeline(set)
  }

  /// The plan that leads to `target`.
  public func plan(_ target: AOFRewindTarget) throws(AOFPlanError) -> AOFRewindPlan {
    guard timeline.hasCurrent, let last = timeline.generations.last, !last.parts.isEmpty else {
      let name = set.parts.first { $0.role == .base }?.path ?? set.name
      throw AOFPlanError(
        .damage, name, "the base is missing, and no history leads to what follows it")
    }
    var plan =
      switch target {
      case .time(let time): try planTime(time)
      case .offset(let offset, let file): try planOffset(offset, file)
      case .command(let match, .last): try planLast(match)
      case .command(let match, .number(let number)): try planNumber(match, number)
      }
    if plan.usesHistory {
      plan.notes.append(note("the point lies before the last rewrite: history files are used"))
    }
    for problem in timeline.problems { plan.notes.append(note(problem)) }
    return plan
  }

  private var current: Int { timeline.generations.count - 1 }

  private func note(
    _ message: String, isWarning: Bool = false, path: String? = nil, at offset: Int? = nil
  ) -> AOFPlanNote {
    AOFPlanNote(
      isWarning: isWarning, path: path ?? set.name, offset: offset, message: message)
  }

  // MARK: moments

  /// What a search for a moment has found in one generation.
  private struct TimeSearch {
    var walk: AOFGenerationWalk
    /// Where the first line that is later stands, and its time.
    var later: (place: Place, timestamp: Int64)?
    /// Whether any line has told a time.
    var hasTimes = false
    /// Whether any command was gone past.
    var hasCommands = false
    /// Whether commands were gone past before the first line that tells a time.
    var hasUntimedCommands = false
  }

  private func search(_ index: Int, _ time: Int64) throws(AOFPlanError) -> TimeSearch {
    var later: (Place, Int64)?
    var hasTimes = false
    var hasCommands = false
    var hasUntimed = false
    let walk = try AOFGenerationWalk(timeline.generations[index], .init(), scan) { record, place in
      guard case .annotation(let line) = record, let seconds = line.timestamp else {
        if case .command = record {
          hasCommands = true
          if !hasTimes { hasUntimed = true }
        }
        return true
      }
      hasTimes = true
      guard Self.isLater(seconds, than: time) else { return true }
      later = (place, seconds)
      return false
    }
    return TimeSearch(
      walk: walk, later: later, hasTimes: hasTimes, hasCommands: hasCommands,
      hasUntimedCommands: hasUntimed)
  }

  private static func isLater(_ seconds: Int64, than time: Int64) -> Bool {
    let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? seconds > 0 : milliseconds > time
  }

  private func planTime(_ time: Int64) throws(AOFPlanError) -> AOFRewindPlan {
    let found = try search(current, time)
    let isBaseLater = found.walk.baseTime.map { Self.isLater($0, than: time) }
    if let later = found.later {
      let isAtStart = later.place == start(of: found.walk)
      if isAtStart, isBaseLater != false {
        return try planBefore(time, found, isBaseLater: isBaseLater)
      }
      var plan = try makePlan(current, found.walk, later.place)
      plan.laterTimestamp = later.timestamp
      if found.hasUntimedCommands {
        plan.notes.append(
          note(
            "the commands in front of the first #TS: line have no time and are kept; they may be "
              + "later than the point"))
      }
      return plan
    }
    if let damage = found.walk.damage, !damage.isTail { throw inFront(damage) }
    if !found.hasTimes {
      if isBaseLater == true { return try planBefore(time, found, isBaseLater: true) }
      guard !found.hasCommands else { throw noTimes() }
    }
    return try planEnd(found.walk, "no #TS: line is later than the point")
  }

  /// The moment lies before everything that was appended since the last rewrite.
  private func planBefore(
    _ time: Int64, _ found: TimeSearch, isBaseLater: Bool?
  ) throws(AOFPlanError) -> AOFRewindPlan {
    var index = current - 1
    while index >= 0 {
      let past = try search(index, time)
      if let later = past.later, later.place != start(of: past.walk) || index == 0 {
        var plan = try makePlan(index, past.walk, later.place)
        plan.laterTimestamp = later.timestamp
        if later.place == start(of: past.walk) { plan.notes.append(oldest(past.walk, time)) }
        return plan
      }
      // All of it is older: the base behind it is the data of that moment.
      if past.later == nil, past.walk.damage == nil, past.hasTimes { break }
      if past.later == nil {
        throw past.walk.damage.map(inFront) ?? noTimes()
      }
      index -= 1
    }
    guard let place = start(of: found.walk) else { throw noTimes() }
    // A walk that ended before its first log has no place; then the damage has been thrown.
    var plan = try makePlan(current, found.walk, place)
    plan.laterTimestamp = found.later?.timestamp
    if index < 0 { plan.notes.append(oldest(found.walk, time)) }
    return plan
  }

  /// That nothing is as old as the moment asked for.
  private func oldest(_ walk: AOFGenerationWalk, _ time: Int64) -> AOFPlanNote {
    let age =
      walk.baseTime.map {
        Self.isLater($0, than: time)
          ? "; the base was begun at @\($0), later than that, and is the oldest state there is" : ""
      } ?? ", and nothing tells how old the base is"
    return note("nothing that was appended is as old as @\(time / 1000)\(age)", isWarning: true)
  }

  private func noTimes() -> AOFPlanError {
    AOFPlanError(
      .noPoint, set.name,
      "no #TS: line tells the time of any command (aof-timestamp-enabled was off); rewind to an "
        + "offset or a command")
  }

  // MARK: offsets

  private func planOffset(
    _ offset: Int, _ name: String?
  ) throws(AOFPlanError) -> AOFRewindPlan {
    let (index, log) = try find(name)
    let part = timeline.generations[index].logs[log]
    var found: Place?
    let walk = try AOFGenerationWalk(timeline.generations[index], .init(), scan) { record, place in
      guard place.log == log else { return place.log < log }
      guard record.endOffset > offset else { return true }
      found = place
      return false
    }
    if walk.frontEnds.count > log, offset < walk.frontEnds[log] {
      throw AOFPlanError(
        .noPoint, part.path, at: offset,
        "the offset lies in the snapshot in front of the commands, which is one state of the data")
    }
    var torn: AOFGenerationWalk.Damage?
    if found == nil, walk.logEnds.count > log { found = walk.logEnds[log] }
    if found == nil, let damage = walk.damage {
      guard damage.place?.log == log, damage.isTail || damage.error.offset >= offset else {
        throw inFront(damage)
      }
      found = damage.place
      torn = damage
    }
    guard let place = found else {
      throw AOFPlanError(.noPoint, part.path, at: offset, "no place for a cut is in front of it")
    }
    var plan = try makePlan(index, walk, place)
    if let torn {
      plan.notes.append(tornNote(torn, place))
    } else if case let size = try part.knownByteCount(), offset > size {
      plan.notes.append(
        note(
          "the file ends at \(size) (\(hex(size))), in front of the offset", isWarning: true,
          path: part.path))
    } else if place.offset != offset {
      plan.notes.append(
        note(
          "\(offset) (\(hex(offset))) lies within a command or a transaction: the point is its "
            + "beginning", path: part.path, at: place.offset))
    }
    return plan
  }

  /// The file of a name: the generation and the log.
  private func find(_ name: String?) throws(AOFPlanError) -> (generation: Int, log: Int) {
    guard let name else {
      let logs = timeline.generations[current].logs
      guard logs.count == 1 else {
        throw AOFPlanError(
          .usage, set.name,
          logs.isEmpty
            ? "nothing is appended to the base: there is no file that an offset could be in"
            : "commands are appended to \(logs.count) files; say which one the offset is in: "
              + logs.map(\.name).joined(separator: ", "))
      }
      return (current, 0)
    }
    for (index, generation) in timeline.generations.enumerated().reversed() {
      if let log = generation.logs.lastIndex(where: { $0.name == name }) { return (index, log) }
    }
    if set.parts.contains(where: { $0.name == name && $0.exists }) {
      throw AOFPlanError(
        .usage, set.name,
        "\(name) was written by a rewrite (one state of the data, without earlier ones), or lies "
          + "behind a file that is missing")
    }
    throw AOFPlanError(
      .usage, set.name,
      "no file called \(name) can be loaded; there are "
        + timeline.generations.flatMap(\.logs).map(\.name).joined(separator: ", "))
  }

  // MARK: commands

  private func planLast(_ match: AOFCommandMatch) throws(AOFPlanError) -> AOFRewindPlan {
    for index in timeline.generations.indices.reversed() {
      var found: (place: Place, command: AOFCommandExcerpt)?
      let walk = try AOFGenerationWalk(timeline.generations[index], .init(), scan) {
        record, place in
        if case .command(let command) = record, match.matches(command) {
          found = (place, AOFCommandExcerpt(command))
        }
        return true
      }
      if let found {
        var plan = try makePlan(index, walk, found.place)
        note(found.command, &plan)
        if let damage = walk.damage, !damage.isTail {
          plan.notes.append(
            note(
              "\(damage.error.message); what follows was not searched", isWarning: true,
              path: damage.part.path, at: damage.error.offset))
        }
        return plan
      }
      if let damage = walk.damage, !damage.isTail { throw inFront(damage) }
    }
    throw notFound(0)
  }

  private func planNumber(
    _ match: AOFCommandMatch, _ number: Int
  ) throws(AOFPlanError) -> AOFRewindPlan {
    var count = 0
    for index in timeline.generations.indices {
      var found: (place: Place, command: AOFCommandExcerpt)?
      let walk = try AOFGenerationWalk(timeline.generations[index], .init(), scan) {
        record, place in
        guard case .command(let command) = record, match.matches(command) else { return true }
        count += 1
        if count == number { found = (place, AOFCommandExcerpt(command)) }
        return found == nil
      }
      if let found {
        var plan = try makePlan(index, walk, found.place)
        note(found.command, &plan)
        return plan
      }
      if let damage = walk.damage, !damage.isTail { throw inFront(damage) }
    }
    throw notFound(count)
  }

  /// Takes the command up that the point was asked for by.
  private func note(_ command: AOFCommandExcerpt, _ plan: inout AOFRewindPlan) {
    plan.command = command
    guard command.transaction != nil, command.offset != plan.offset else { return }
    plan.notes.append(
      note(
        "the command at \(command.offset) (\(hex(command.offset))) lies in a transaction: the "
          + "point is the transaction's beginning", path: plan.file.path, at: plan.offset))
  }

  private func notFound(_ count: Int) -> AOFPlanError {
    AOFPlanError(
      .noPoint, set.name,
      count == 0
        ? "no command matches among those that were appended to the files that are there"
        : "only \(count) commands match")
  }

  // MARK: plans

  private func inFront(_ damage: AOFGenerationWalk.Damage) -> AOFPlanError {
    let isUnreadable = damage.error.kind == .unreadable
    let advice =
      isUnreadable
      ? "" : "; it lies in front of the point, so repair the set with 'redisops aof fix' first"
    return AOFPlanError(
      isUnreadable ? .unreadable : .damage, damage.part.path, at: damage.error.offset,
      damage.error.message + advice)
  }

  /// The beginning of everything that was appended.
  private func start(of walk: AOFGenerationWalk) -> Place? {
    guard let front = walk.frontEnds.first else {
      return walk.damage == nil ? Place(log: 0, offset: 0, commandCount: 0) : nil
    }
    return Place(log: 0, offset: front, commandCount: 0)
  }

  /// Everything is kept that can be loaded.
  private func planEnd(
    _ walk: AOFGenerationWalk, _ message: String
  ) throws(AOFPlanError) -> AOFRewindPlan {
    if let damage = walk.damage, !damage.isTail { throw inFront(damage) }
    let last = max(0, timeline.generations[current].logs.count - 1)
    let place = walk.end ?? Place(log: last, offset: 0, commandCount: 0)
    var plan = try makePlan(current, walk, place)
    plan.notes.append(note("\(message): everything is kept"))
    if let damage = walk.damage {
      plan.notes.append(tornNote(damage, place))
    }
    return plan
  }

  /// That the last file has a tail that no server loads.
  private func tornNote(
    _ damage: AOFGenerationWalk.Damage, _ place: Place
  ) -> AOFPlanNote {
    note(
      "\(damage.error.message); what follows \(place.offset) (\(hex(place.offset))) is left out",
      isWarning: true, path: damage.part.path, at: damage.error.offset)
  }

  private func makePlan(
    _ index: Int, _ walk: AOFGenerationWalk, _ place: Place
  ) throws(AOFPlanError) -> AOFRewindPlan {
    if place.isAbandoned {
      throw AOFPlanError(
        .damage, timeline.generations[index].logs[place.log].path, at: place.offset,
        "the point lies behind a transaction without its end, which begins here: a server that was "
          + "started again has written on behind it, and the next one drops that; repair the set "
          + "with 'redisops aof fix' first")
    }
    return try AOFRewindPlan.make(
      set, timeline, generation: index, log: place.log, offset: place.offset,
      commandCount: place.commandCount)
  }
}
