import ByteKit
import RDB
import RedisModel

/// Goes over one file once, and notes what servers make of it.
struct AOFPartCheck: ~Copyable {
  private let judge: CommandJudge
  let databases: Int
  private(set) var facts: AOFPartFacts
  private var problems = AOFProblemCounts()
  /// By server: what crashes it when the transaction is executed.
  private var pending: [AOFRefusal?]
  /// Where a run of suspect commands begins, and where it ends.
  private var suspects: (start: AOFPlace, end: Int)?
  /// The MULTI of the transaction that began last.
  private var multi: AOFPlace?
  /// Whether a transaction is open where DISCARD ends it.
  private var isOpenUntilDiscard = false

  /// The servers that it is checked for.
  var servers: [AOFServerTraits] { judge.servers }

  init(
    _ part: AOFSet.Part, _ servers: [AOFServerTraits], _ options: AOFCheckOptions
  ) {
    judge = CommandJudge(
      servers, allowed: Set(options.allowedCommands.compactMap { CommandName($0) }))
    databases = options.databases
    facts = AOFPartFacts(part, servers: servers.count)
    pending = Array(repeating: nil, count: servers.count)
  }

  /// Goes over the commands that `input` holds, up to the end or to damage.
  ///
  /// - Returns: what is counted on in the next file.
  mutating func run(
    _ input: consuming ByteInput, _ progress: AOFReader.Progress, of file: AOFFile
  ) -> AOFReader.Progress {
    facts.commandsOffset = input.offset
    var reader = AOFReader(input, holding: .front, progress: progress)
    do throws(AOFError) {
      while let record = try reader.next() {
        switch record {
        case .command(let command):
          if !command.oddities.isEmpty || !judge.isPlain(command) { look(at: command) }
          facts.commandsEnd = command.offset &+ command.byteCount
        case .annotation(let line): look(at: line)
        }
      }
    } catch {
      facts.error = error
      facts.errorRecord = AOFPlace(offset: reader.recordOffset, line: reader.line, command: nil)
    }
    facts.byteCount = file.byteCount ?? Self.drain(&reader.input)
    facts.commandCount = reader.progress.commandCount - progress.commandCount
    facts.transactionCount = reader.progress.transactionCount - progress.transactionCount
    conclude(
      soundOffset: reader.soundOffset, isOpen: reader.openTransactionOffset != nil,
      commandsBefore: progress.commandCount, file)
    return reader.progress
  }

  /// Reads on to the end of an input whose size is not known; `nil` where that cannot be.
  private static func drain(_ input: inout ByteInput) -> Int? {
    do throws(InputError) {
      while try !input.isAtEnd() { input.cursor = input.limit }
      return input.offset
    } catch {
      return nil
    }
  }

  // MARK: records

  private mutating func look(at line: AOFAnnotation) {
    if line.isCut {
      facts.cutAnnotation = AOFPlace(offset: line.offset, line: line.line, command: nil)
    }
    for index in servers.indices where !servers[index].knowsAnnotations {
      refuse(
        index, .formatError, at: line.offset, "takes an annotation for a wrong format")
    }
    let mask = mask { !$0.knowsAnnotations }
    guard mask != 0, problems.takes(.annotation) else { return }
    add(
      AOFProblem(
        .annotation, in: facts.file, at: line.offset, line: line.line,
        "an annotation, which \(names(mask)) cannot read: the server does not start",
        servers: mask))
  }

  @inline(never)
  private mutating func look(at command: AOFCommand) {
    lookAtForm(of: command)
    lookAtOrder(of: command)
    var groups: [(CommandJudge.Judgement, Int)] = []
    for index in servers.indices {
      let judgement = judge.judge(command, server: index)
      if judgement == .fine { continue }
      apply(judgement, to: command, server: index)
      if let found = groups.firstIndex(where: { $0.0 == judgement }) {
        groups[found].1 |= 1 << index
      } else {
        groups.append((judgement, 1 << index))
      }
    }
    for (judgement, mask) in groups { report(judgement, command, mask) }
    if command.isArgument(0, "MULTI") {
      facts.endBeforeMulti = facts.commandsEnd
      isOpenUntilDiscard = true
      if !command.oddities.contains(.nestedMulti) { multi = place(of: command) }
    } else if command.isArgument(0, "DISCARD") {
      isOpenUntilDiscard = false
    } else if command.isArgument(0, "EXEC") {
      isOpenUntilDiscard = false
      for index in servers.indices {
        if facts.refusals[index] == nil { facts.refusals[index] = pending[index] }
        pending[index] = nil
      }
    }
  }

  /// Notes a command that makes the lengths before it doubtful.
  private mutating func suspect(_ command: AOFCommand) {
    let end = command.offset + command.byteCount
    if let known = suspects, known.end == command.offset {
      suspects = (known.start, end)
    } else if suspects?.end != end {
      suspects = (place(of: command), end)
    }
  }

  private mutating func lookAtForm(of command: AOFCommand) {
    let odd = command.oddities
    guard !odd.isDisjoint(with: .ofForm) else { return }
    if odd.contains(.longNumberLine) {
      for index in servers.indices where !servers[index].takesLongLines {
        refuse(
          index, .formatError, at: command.offset, "does not take a line of this length")
      }
    }
    if odd.contains(.wrongLineEnd) {
      suspect(command)
      let isZero = command.isWhole && command.bytes.suffix(2).allSatisfy { $0 == 0 }
      add(
        command, isZero ? .zeroTail : .lineEnd, isWarning: !isZero,
        isZero
          ? "zero bytes where CR LF should end an argument: they have taken the place of data"
          : "other bytes than CR LF behind an argument; servers pass over them")
      return
    }
    let what =
      odd.contains(.textAfterNumber)
      ? "text behind a number"
      : odd.contains(.bareLineFeed)
        ? "a line that ends in LF alone" : "a number that is not written as servers do"
    add(command, .form, isWarning: true, "\(what); servers take it, redis-check-aof does not")
  }

  private mutating func lookAtOrder(of command: AOFCommand) {
    let odd = command.oddities
    if odd.contains(.nestedMulti) {
      fail(command, .nestedMulti, "a MULTI within a transaction; servers answer with an error")
    }
    if odd.contains(.execWithoutMulti) {
      fail(command, .withoutMulti, "an EXEC without a MULTI; servers answer with an error")
    }
    if odd.contains(.discardInMulti) {
      for index in servers.indices where servers[index].queuesTransactions {
        wait(index, command, "crashes of a DISCARD in the file when it comes to EXEC")
      }
      add(
        command, .discard, isWarning: false,
        "a DISCARD within a transaction: servers hold it back with the other commands, so that the "
          + "transaction goes on")
    } else if command.transaction == nil, command.isArgument(0, "DISCARD") {
      fail(command, .withoutMulti, "a DISCARD without a MULTI; servers answer with an error")
    }
    if odd.contains(.watchInMulti) {
      for index in servers.indices where servers[index].crashesOnWatch {
        wait(index, command, "crashes of a WATCH within a transaction")
      }
      fail(command, .watch, "a WATCH within a transaction; servers answer with an error or crash")
    }
    lookAtSelect(command)
  }

  private mutating func lookAtSelect(_ command: AOFCommand) {
    guard command.isArgument(0, "SELECT") else { return }
    if command.oddities.contains(.badSelect) {
      guard command.argumentCount == 2 else { return }
      fail(
        command, .select,
        "a SELECT of no number: the following commands go to the database of before")
    } else if command.database >= databases {
      fail(
        command, .select,
        "SELECT \(command.database), where the highest of \(databases) databases is "
          + "\(databases - 1): the following commands go to the database of before")
    }
  }

  // MARK: the front and the end

  /// Changes what is known of the file's front.
  mutating func update(_ body: (inout AOFPartFacts) -> Void) { body(&facts) }

  /// Adds a problem of the file's front.
  mutating func addFront(_ problem: AOFProblem) { add(problem) }

  /// What was found.
  consuming func takeFacts() -> AOFPartFacts { facts }

  /// Says where to cut, and what would be lost.
  private mutating func conclude(
    soundOffset: Int, isOpen: Bool, commandsBefore: Int, _ file: AOFFile
  ) {
    facts.isOpen = servers.map { $0.queuesTransactions ? isOpen : isOpenUntilDiscard }
    facts.openTransaction = isOpen ? multi : nil
    facts.soundOffset = soundOffset
    facts.soundCommandCount = facts.commandCount
    if isOpen, let command = multi?.command {
      facts.soundCommandCount = command - 1 - commandsBefore
    }
    if let suspects, let record = facts.errorRecord, suspects.end == record.offset,
      suspects.start.offset < soundOffset, let command = suspects.start.command
    {
      facts.soundOffset = suspects.start.offset
      facts.soundCommandCount = command - 1 - commandsBefore
    }
    if facts.error != nil || isOpen || facts.cutAnnotation != nil {
      facts.tail = tail(of: file)
    }
    reportEnd()
    facts.problems += problems.further(in: facts.file)
  }

  private func tail(of file: AOFFile) -> AOFTail {
    var tail = AOFTail(byteCount: facts.byteCount.map { $0 - facts.soundOffset })
    if let input = file.bytes(from: facts.soundOffset) {
      var scan = AOFTailScan()
      scan.run(input)
      tail.commandCount = scan.commandCount
      tail.transactionCount = scan.transactionCount
    } else {
      tail.commandCount = facts.commandCount - facts.soundCommandCount
      tail.transactionCount = facts.openTransaction == nil ? 0 : 1
    }
    return tail
  }

  private mutating func reportEnd() {
    let sound = "; what stands before \(facts.soundOffset) (\(hex(facts.soundOffset))) is sound"
    if let error = facts.error {
      let kind = AOFProblem.Kind(rawValue: error.kind.rawValue) ?? .garbage
      add(
        AOFProblem(
          kind, in: facts.file, at: error.offset, line: facts.errorRecord?.line,
          error.message + (kind == .unreadable ? "" : sound)))
    }
    if let open = facts.openTransaction, facts.error?.kind != .unreadable {
      let message =
        facts.error == nil
        ? "the file ends within a transaction: no EXEC follows this MULTI" + sound
        : "the damage lies within the transaction that begins here: a server that cuts it off leaves "
          + "this MULTI open, and whatever is appended behind it is dropped at the next start; cut "
          + "the file here before a server sees it"
      add(
        AOFProblem(
          .openTransaction, in: facts.file, at: open.offset, line: open.line,
          command: open.command, message))
    }
    if let cut = facts.cutAnnotation {
      add(
        AOFProblem(
          .cutAnnotation, in: facts.file, at: cut.offset, line: cut.line,
          "the file ends within an annotation: servers that know such lines start, but the first "
            + "record that they append becomes part of this one, and the start after that fails"))
    }
  }

  // MARK: servers

  /// What follows for the server at `index`.
  private mutating func apply(
    _ judgement: CommandJudge.Judgement, to command: AOFCommand, server index: Int
  ) {
    let server = servers[index]
    switch judgement {
    case .unknown(isUnsure: false):
      refuse(index, .exits, at: command.offset, "knows no such command")
    case .unknownSubcommand(isUnsure: false):
      refuse(index, .exits, at: command.offset, "knows no such subcommand")
    case .wrongArity(_, let isTooFew):
      if server.checksArity {
        refuse(index, .exits, at: command.offset, "does not take this number of arguments")
      } else if isTooFew {
        wait(index, command, "reads past the arguments of a command, which mostly crashes it")
      }
    case .subscribes:
      if server.refusesSubscribe, command.transaction == nil { facts.errorCounts[index] += 1 }
    case .fine, .notAWrite, .unknown, .unknownSubcommand: break
    }
  }

  private mutating func refuse(
    _ index: Int, _ kind: AOFRefusal.Kind, at offset: Int, _ message: String
  ) {
    guard facts.refusals[index] == nil else { return }
    facts.refusals[index] = AOFRefusal(
      kind: kind, offset: offset, commandsEnd: facts.commandsEnd, message: message)
  }

  /// A crash of the server at `index`: at once, or when a transaction that holds the command back is
  /// executed.
  private mutating func wait(_ index: Int, _ command: AOFCommand, _ message: String) {
    guard command.transaction != nil, servers[index].queuesTransactions else {
      return refuse(index, .crashes, at: command.offset, message)
    }
    guard pending[index] == nil else { return }
    pending[index] = AOFRefusal(
      kind: .crashes, offset: command.offset, commandsEnd: facts.commandsEnd, message: message)
  }

  private func mask(_ isMember: (AOFServerTraits) -> Bool) -> Int {
    servers.indices.reduce(0) { isMember(servers[$1]) ? $0 | 1 << $1 : $0 }
  }

  private func names(_ mask: Int) -> String {
    servers.indices.filter { mask >> $0 & 1 != 0 }.map { servers[$0].server.displayName }
      .joined(separator: ", ")
  }

  // MARK: problems

  private func place(of command: AOFCommand) -> AOFPlace {
    AOFPlace(offset: command.offset, line: command.line, command: command.index)
  }

  private mutating func add(_ problem: AOFProblem) { facts.problems.append(problem) }

  /// Adds a problem with a command, if it is one of those to list.
  private mutating func add(
    _ command: AOFCommand, _ kind: AOFProblem.Kind, isWarning: Bool, _ message: String,
    servers: Int = AOFProblem.allServers
  ) {
    guard problems.takes(kind) else { return }
    list(command, kind, isWarning: isWarning, message, servers: servers)
  }

  private mutating func list(
    _ command: AOFCommand, _ kind: AOFProblem.Kind, isWarning: Bool, _ message: String,
    servers: Int
  ) {
    add(
      AOFProblem(
        kind, isWarning: isWarning, in: facts.file, at: command.offset, line: command.line,
        command: command.index, message, servers: servers))
  }

  /// A command that every server answers with an error.
  private mutating func fail(_ command: AOFCommand, _ kind: AOFProblem.Kind, _ message: String) {
    for index in servers.indices { facts.errorCounts[index] += 1 }
    add(command, kind, isWarning: false, message)
  }

  private mutating func report(
    _ judgement: CommandJudge.Judgement, _ command: AOFCommand, _ mask: Int
  ) {
    let kind: AOFProblem.Kind
    switch judgement {
    case .fine: return
    case .unknown, .unknownSubcommand:
      suspect(command)
      kind = .unknownCommand
    case .wrongArity:
      suspect(command)
      kind = .arity
    case .notAWrite: kind = .notAWrite
    case .subscribes: kind = .subscribe
    }
    guard problems.takes(kind) else { return }
    let isWarning =
      switch judgement {
      case .unknown(let isUnsure), .unknownSubcommand(let isUnsure): isUnsure
      case .notAWrite: true
      case .subscribes: command.transaction != nil
      case .fine, .wrongArity: false
      }
    list(
      command, kind, isWarning: isWarning, message(judgement, command, names(mask)),
      servers: mask)
  }

  /// What a judgement means, in words.
  private func message(
    _ judgement: CommandJudge.Judgement, _ command: AOFCommand, _ servers: String
  ) -> String {
    let name = PrintableText.line(
      String(decoding: command.name.prefix(CommandName.byteCountMax), as: UTF8.self))
    switch judgement {
    case .fine: return ""
    case .unknown(let isUnsure):
      return isUnsure
        ? "whether \(servers) knows the command \(name) is not known"
        : "\(servers) knows no command \(name), unless a module has it, and does not start"
    case .unknownSubcommand(let isUnsure):
      return isUnsure
        ? "whether \(servers) knows this subcommand of \(name) is not known"
        : "\(servers) knows no such subcommand of \(name) and does not start"
    case .wrongArity(let expected, _):
      return "\(name) with \(command.argumentCount) arguments, its name included; \(servers) takes "
        + (expected < 0 ? "\(-expected) or more" : "\(expected)")
    case .notAWrite:
      return "\(name) is no command that servers write; loading it changes nothing"
    case .subscribes:
      return "\(name) in the file, which servers answer with an error while they load"
    }
  }
}
