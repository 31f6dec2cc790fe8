import RedisModel

/// What of the records of one file can be kept.
///
/// A transaction that is open at the end is left out. Where a server was started in between and
/// wrote on behind it, what it wrote is kept: a server that starts chooses a database first, even
/// the one that is chosen already, which no server does at any other time.
///
/// Source: commands.md of the fact sheet, sections 6 and 7.
struct AOFLogRepair {
  /// A transaction whose end has not been seen.
  private struct Open {
    var start: Int
    var database: Int
    var commandCount = 0
    /// Where a server that was started again has written on.
    var resume: Int?
    /// Where it may have: another database was chosen.
    var maybeResume: Int?
  }

  /// A command of a name that is not known.
  struct Unknown {
    var range: Range<Int>
    var name: [UInt8]
  }

  /// How to repair.
  struct Rules {
    /// The commands that servers know.
    var table = CommandTable.all
    /// Leave out what no server knows.
    var dropsUnknown = false
    /// Close an abandoned transaction in place of leaving it out.
    var closesAbandoned = false
  }

  /// The databases that servers have unless they are told otherwise.
  private static let databaseCount = 16
  /// The unknown commands that are remembered one by one.
  private static let unknownMax = 100

  /// What is left out, in order.
  private(set) var removals: [AOFRemoval] = []
  /// The commands that are put in.
  private(set) var insertions: [AOFInsertion] = []
  /// The end of what is kept.
  private(set) var end: Int
  /// Whether something is missing at the end, so that what later files hold does not follow it.
  private(set) var hasLoss = false
  /// The first commands of unknown names that are kept.
  private(set) var unknown: [Unknown] = []
  /// How many there are.
  private(set) var unknownCount = 0

  /// Commands with zero bytes where CR LF should end them, others behind them, and the first one.
  private(set) var zeroEnds: (count: Int, first: Int)?
  /// A SELECT of a database that servers do not have unless they are told to, and its number.
  private(set) var highSelect: (offset: Int, database: Int)?

  private let part: AOFSet.Part
  private let rules: Rules
  private var open: Open?
  private var database = 0
  /// Behind the last whole record.
  private var lastEnd: Int
  /// Behind the last whole record outside a transaction.
  private var sound: Int
  private var annotationOffset: Int?
  /// The last command, and whether something else stands where its last CR LF should be.
  private var lastCommand: (range: Range<Int>, hasWrongEnd: Bool)?
  /// Whether zero bytes stand there, as a power failure leaves them.
  private var hasZeroEnd = false
  private var zeroEnd = 0
  /// The records behind skipped damage, which may belong to a transaction that began within it: the
  /// first one, the database there, and the one that a server has chosen by then.
  private var orphans: (offset: Int, database: Int, keptDatabase: Int)?
  /// The database in front of the last command.
  private var databaseBefore = 0

  /// - Parameter offset: where the records of the file begin.
  init(_ part: AOFSet.Part, from offset: Int, _ rules: Rules) {
    self.part = part
    self.rules = rules
    end = offset
    lastEnd = offset
    sound = offset
  }

  // MARK: records

  /// Takes the next record.
  mutating func see(_ record: AOFRecord) {
    switch record {
    case .command(let command): see(command)
    case .annotation(let line):
      if line.isCut { return }
      annotationOffset = line.offset
      move(to: line.offset + line.byteCount)
    }
  }

  private mutating func move(to offset: Int) {
    lastEnd = offset
    if open == nil { sound = offset }
  }

  private mutating func see(_ command: AOFCommand) {
    let range = command.offset..<command.offset + command.byteCount
    if (4...10).contains(command.name.count) { follow(command, range) }
    check(command, range)
    open?.commandCount += 1
    databaseBefore = database
    // An EXEC has no arguments that could be wrong, and what is in front of it would be torn.
    lastCommand =
      command.isArgument(0, "EXEC")
      ? nil : (range, command.oddities.contains(.wrongLineEnd))
    if hasZeroEnd { zeroEnds = ((zeroEnds?.count ?? 0) + 1, zeroEnds?.first ?? zeroEnd) }
    zeroEnd = range.upperBound - 2
    hasZeroEnd =
      command.oddities.contains(.wrongLineEnd) && command.isWhole
      && command.bytes.suffix(2).allSatisfy { $0 == 0 }
    database = command.database
    annotationOffset = nil
    move(to: range.upperBound)
  }

  /// Follows a command that begins or ends a transaction, or chooses a database.
  private mutating func follow(_ command: AOFCommand, _ range: Range<Int>) {
    if command.database >= Self.databaseCount, command.isArgument(0, "SELECT") {
      highSelect = highSelect ?? (command.offset, command.database)
    }
    if command.isArgument(0, "MULTI") {
      begin(range)
    } else if command.isArgument(0, "EXEC") {
      end(range, in: command.database)
    } else if let message = reasonOfNoEffect(command) {
      remove(range, .noEffect, message)
    } else if var transaction = open, command.isArgument(0, "SELECT") {
      let start = annotationOffset ?? command.offset
      if command.database == database {
        transaction.resume = transaction.resume ?? start
      } else if transaction.commandCount > 1 {
        transaction.maybeResume = transaction.maybeResume ?? start
      }
      open = transaction
    }
  }

  /// Why a command does nothing but harm; `nil` for others.
  private func reasonOfNoEffect(_ command: AOFCommand) -> String? {
    if command.oddities.contains(.badSelect), command.argumentCount == 2 {
      return "a SELECT of no number, which does nothing"
    }
    if command.isArgument(0, "DISCARD") {
      return open == nil
        ? "a DISCARD without a MULTI, which does nothing"
        : "a DISCARD within a transaction, which does not end it"
    }
    if open != nil, command.isArgument(0, "WATCH") {
      return "a WATCH within a transaction, which does nothing or crashes servers"
    }
    let isSubscription =
      command.isArgument(0, "SUBSCRIBE") || command.isArgument(0, "PSUBSCRIBE")
      || command.isArgument(0, "SSUBSCRIBE")
    return open == nil && isSubscription ? "a subscription, which does nothing" : nil
  }

  private mutating func end(_ range: Range<Int>, in database: Int) {
    if open == nil, let orphans {
      let rest = orphans.offset..<range.upperBound
      removals.removeAll { rest.contains($0.range.lowerBound) }
      insertions.removeAll { rest.contains($0.offset) }
      removals.append(
        AOFRemoval(
          part: part, range: rest, kind: .damage,
          message: "the rest of a transaction whose beginning is damaged",
          database: orphans.database))
      choose(database, at: range.upperBound, instead: orphans.keptDatabase)
    } else if open == nil {
      remove(range, .execWithoutMulti, "an EXEC without a MULTI, which does nothing")
    }
    orphans = nil
    open = nil
  }

  /// Puts in a SELECT where one was taken out that the following commands need.
  private mutating func choose(_ database: Int, at offset: Int, instead other: Int) {
    guard database != other else { return }
    insertions.append(
      AOFInsertion(part: part, offset: offset, words: ["SELECT", "\(database)"]))
  }

  private mutating func begin(_ range: Range<Int>) {
    orphans = nil
    guard let transaction = open else {
      open = Open(start: range.lowerBound, database: database)
      return
    }
    if let resume = transaction.resume ?? transaction.maybeResume {
      abandon(transaction, resume)
      open = Open(start: range.lowerBound, database: database)
      sound = lastEnd
    } else {
      remove(range, .nestedMulti, "a MULTI within a transaction, which does nothing")
    }
  }

  private mutating func abandon(_ transaction: Open, _ resume: Int) {
    guard !rules.closesAbandoned else {
      return insertions.append(AOFInsertion(part: part, offset: resume, words: ["EXEC"]))
    }
    removals.removeAll { (transaction.start..<resume).contains($0.range.lowerBound) }
    removals.append(
      AOFRemoval(
        part: part, range: transaction.start..<resume, kind: .abandonedTransaction,
        message: "a transaction without its end; a server that was started again has written on "
          + "behind it", database: transaction.database))
  }

  private mutating func check(_ command: AOFCommand, _ range: Range<Int>) {
    guard let index = rules.table.index(of: command.name) else {
      return noteUnknown(Array(command.name.prefix(CommandName.byteCountMax)), range)
    }
    var entry = rules.table[index]
    if entry.isContainer, command.heldCount > 1 {
      guard let sub = rules.table.index(of: command.name, subcommand: command[1]) else {
        let words = Array(command.name) + [0x20] + command[1].prefix(CommandName.byteCountMax)
        return noteUnknown(words, range)
      }
      entry = rules.table[sub]
    }
    guard !entry.takes(argumentCount: command.argumentCount) else { return }
    let name = String(decoding: command.name, as: UTF8.self)
    remove(
      range, .wrongArity,
      "\(name) with \(command.argumentCount - 1) arguments, at which servers crash or stop")
  }

  private mutating func noteUnknown(_ name: [UInt8], _ range: Range<Int>) {
    if rules.dropsUnknown {
      let text = String(decoding: name, as: UTF8.self)
      return remove(range, .unknownCommand, "\(text), which no server knows")
    }
    unknownCount += 1
    if unknown.count < Self.unknownMax { unknown.append(Unknown(range: range, name: name)) }
  }

  private mutating func remove(_ range: Range<Int>, _ kind: AOFRemoval.Kind, _ message: String) {
    removals.append(
      AOFRemoval(part: part, range: range, kind: kind, message: message, database: database))
  }

  // MARK: the end

  /// Draws the conclusions when all records have been seen.
  ///
  /// - Parameters:
  ///   - error: what stopped the reader, an open transaction at the end aside.
  ///   - byte: the first byte where it stopped.
  ///   - size: that of the file.
  mutating func finish(_ error: AOFError?, at byte: UInt8?, size: Int) {
    var kind = AOFRemoval.Kind.tornAnnotation
    var message = "the file ends within a # line, of which the next record would become a part"
    if let transaction = open, let resume = transaction.resume {
      abandon(transaction, resume)
      open = nil
      sound = lastEnd
    }
    if let error {
      kind = error.kind == .truncated ? .tornRecord : .damage
      message = error.message
      stepBack(error, byte)
    }
    if error == nil, open == nil, hasZeroEnd, let last = lastCommand,
      last.range.upperBound == sound
    {
      sound = last.range.lowerBound
      kind = .damage
      message =
        "zero bytes where CR LF should end the last argument: they have taken the place of "
        + "data"
    }
    if open != nil, kind != .damage {
      kind = .openTransaction
      message = "the file ends within a transaction: no EXEC follows this MULTI"
    }
    hasLoss = error != nil || open != nil || kind == .damage
    end = sound
    forget(behind: end)
    removals.sort { $0.range.lowerBound < $1.range.lowerBound }
    guard end < size else { return }
    removals.append(
      AOFRemoval(
        part: part, range: end..<size, kind: kind, message: message,
        database: open?.database ?? database))
  }

  /// Leaves out what stands between the damage that stopped the reader and `next`, where records
  /// can be read again.
  mutating func skip(_ error: AOFError, at byte: UInt8?, to next: Int) {
    if let transaction = open, let resume = transaction.resume {
      abandon(transaction, resume)
      open = nil
      sound = lastEnd
    }
    var kept = open?.database ?? database
    let end = sound
    stepBack(error, byte)
    if sound < end { kept = databaseBefore }
    forget(behind: sound)
    let place = open == nil ? "" : "; the transaction that it lies in is left out"
    removals.append(
      AOFRemoval(
        part: part, range: sound..<next, kind: .damage, message: error.message + place,
        database: kept))
    choose(database, at: next, instead: kept)
    orphans = (offset: next, database: database, keptDatabase: kept)
    open = nil
    lastCommand = nil
    hasZeroEnd = false
    annotationOffset = nil
    move(to: next)
  }

  /// Forgets what was found at or behind `offset`, which is left out.
  private mutating func forget(behind offset: Int) {
    removals.removeAll { $0.range.lowerBound >= offset }
    insertions.removeAll { $0.offset > offset }
    let count = unknown.count
    unknown.removeAll { $0.range.lowerBound >= offset }
    unknownCount -= count - unknown.count
  }

  /// The database of the next record.
  var nextDatabase: Int { database }

  /// Where a record that can be read ends in front of something that begins no record, a length or
  /// a count in it is wrong, and it belongs to the damage.
  private mutating func stepBack(_ error: AOFError, _ byte: UInt8?) {
    guard open == nil else { return }
    if let last = lastCommand, last.range.upperBound == sound,
      last.hasWrongEnd || error.kind == .garbage && byte == UInt8(ascii: "$")
    {
      sound = last.range.lowerBound
    }
    while let last = removals.last, last.range.upperBound == sound, last.kind == .wrongArity {
      sound = last.range.lowerBound
      removals.removeLast()
    }
  }

  /// What is kept, as pieces of a new file.
  var pieces: [AOFAssembly.Piece] {
    var cuts: [(offset: Int, next: Int, bytes: [UInt8])] = insertions.map {
      ($0.offset, $0.offset, $0.bytes)
    }
    for removal in removals where removal.range.lowerBound < end {
      cuts.append((removal.range.lowerBound, removal.range.upperBound, []))
    }
    cuts.sort { ($0.offset, $1.next) < ($1.offset, $0.next) }
    var pieces: [AOFAssembly.Piece] = []
    var position = 0
    func keep(to offset: Int) {
      if offset > position { pieces.append(.stretch(part, position..<offset)) }
    }
    for cut in cuts where cut.offset >= position {
      keep(to: cut.offset)
      if !cut.bytes.isEmpty { pieces.append(.bytes(cut.bytes)) }
      position = max(position, cut.next)
    }
    keep(to: end)
    return pieces
  }
}
