import ByteKit
import RDB
import RedisModel

/// Goes over one file once, and notes what servers make of it.
struct AOFPartCheck: ~Copyable {
  let judge: CommandJudge
  let databases: Int
  var facts: AOFPartFacts
  var problems = AOFProblemCounts()
  /// By server: what crashes it when the transaction is executed.
  var pending: [AOFRefusal?]
  /// Where a run of suspect commands begins, and where it ends.
  var suspects: (start: AOFRecordPlace, end: Int)?
  /// The MULTI of the transaction that began last.
  var multi: AOFRecordPlace?
  /// Whether a transaction is open where DISCARD ends it.
  var isOpenUntilDiscard = false

  /// The servers that it is checked for.
  var servers: [AOFServerTraits] { judge.servers }

  init(
    _ part: AOFSet.Part, _ servers: [AOFServerTraits], _ tables: [CommandTable],
    _ options: AOFCheckOptions
  ) {
    judge = CommandJudge(servers, tables, options)
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
      facts.errorRecord = AOFRecordPlace(
        offset: reader.recordOffset, line: reader.line, command: nil)
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

  /// Says where to cut, and what would be lost.
  mutating func conclude(
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
    if facts.error != nil || isOpen || facts.cutAnnotation != nil && facts.isAppendedTo {
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
        : "the damage lies within the transaction that begins here: a server that cuts it off "
          + "leaves this MULTI open, and whatever is appended behind it is dropped at the next "
          + "start; cut the file here before a server sees it"
      add(
        AOFProblem(
          .openTransaction, in: facts.file, at: open.offset, line: open.line,
          command: open.command, message))
    }
    if let cut = facts.cutAnnotation {
      add(
        AOFProblem(
          .cutAnnotation, isWarning: !facts.isAppendedTo, in: facts.file, at: cut.offset,
          line: cut.line,
          facts.isAppendedTo
            ? "the file ends within an annotation: servers that know such lines start, but the "
              + "first record that they append becomes part of it, and the start after that fails"
            : "the file ends within an annotation; servers that know such lines pass over it"))
    }
  }
}
