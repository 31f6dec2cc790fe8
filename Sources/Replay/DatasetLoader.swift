import AOF
import ByteKit
import Engine
import RDB
import RedisModel
import Scripting

/// Loads snapshots and append-only files into a keyspace, as a server does at its start.
///
/// The keyspace lies at an address of its own, as the pass over a snapshot takes closures.
public struct DatasetLoader: ~Copyable {
  private let space: UnsafeMutablePointer<Keyspace>
  /// What came up so far.
  public private(set) var report = LoadReport()
  private let options: LoadOptions
  private let scripts: ServerScripts
  private var progress = AOFReader.Progress()
  private var arguments: [Bytes] = []
  private var emptyStream: EmptyStreamRewrite?

  /// Nothing loaded yet.
  public init(_ options: LoadOptions) {
    self.options = options
    scripts = ServerScripts(options.target, limits: options.scriptLimits)
    space = .allocate(capacity: 1)
    space.initialize(
      to: Keyspace(
        target: options.target, databaseCount: options.databaseCount, seed: options.seed))
    space.pointee.nowMs = options.nowMs
    space.pointee.zsetRules.packedCountMax = options.zsetRules.packedCountMax
    space.pointee.zsetRules.packedMemberMax = options.zsetRules.packedMemberMax
    space.pointee.memoryLimit = options.memoryByteCountMax
    space.pointee.isLoading = true
    space.pointee.reply.keepsOnlyErrors = true
    space.pointee.payloadCodec = PayloadReader(options.target)
    space.pointee.scriptHost = scripts
  }

  deinit {
    space.deinitialize(count: 1)
    space.deallocate()
  }

  /// Calls `body` with the data as they are, for commands and questions.
  public func withKeyspace<R>(_ body: (inout Keyspace) throws -> R) rethrows -> R {
    try body(&space.pointee)
  }

  /// The libraries of functions that are held, in the order of their names.
  public var functionLibraries: [FunctionLibrary] { scripts.libraries }

  /// Loading is over: from here on keys expire, and answers are kept.
  ///
  /// - Parameter deletesDue: whether what is due goes at once, as it does soon after a server's
  ///   start.
  public func finish(deletesDue: Bool = false) {
    space.pointee.isLoading = false
    space.pointee.reply.keepsOnlyErrors = false
    space.pointee.select(0)
    if deletesDue { space.pointee.deleteDue() }
  }

  /// Loads a snapshot by itself: what is due is dropped.
  public mutating func load(snapshot input: InputFile) {
    let scan = scanOptions(input)
    let pass = SnapshotPass(
      space, options, dropsExpired: true, isInOrder: scan.threads == 1)
    let result = RDBScan.run(
      input, scan, makeHandler: pass.makeHandler, commit: pass.commit)
    finish(pass, result, input.name)
  }

  /// Several threads for what lies in a file; anything else is read in order.
  private func scanOptions(_ input: InputFile) -> RDBScanOptions {
    var scan = RDBScanOptions()
    if case .file = input.access { scan.threads = max(1, options.threads) }
    scan.chunkByteCount = options.chunkByteCount
    scan.onBytes = options.onBytes
    return scan
  }

  private mutating func finish(_ pass: SnapshotPass, _ result: RDBScanResult, _ name: String) {
    pass.close()
    pass.outcome.add(to: &report)
    for code in pass.outcome.libraries {
      guard let error = scripts.load(library: code) else { continue }
      // A server does not start then.
      report.skip("function library: \(error)")
    }
    report.functionCount = scripts.libraries.count
    if pass.isOutOfMemory || space.pointee.isOutOfMemory {
      report.stopForMemory(name, byteCount: space.pointee.byteCount)
    } else if let failure = result.failure {
      report.stop = .snapshot(file: name, failure)
    } else if options.checksChecksums, let error = result.loadError {
      report.stop = .commands(file: name, error)
    } else if pass.outcome.doubledCount > 0 {
      report.stop = .doubledKeys(file: name, count: pass.outcome.doubledCount)
    }
  }

  /// Loads the files of an append-only file in a server's order, up to the first that cannot be
  /// read to its end.
  public mutating func load(set: AOFSet) {
    let parts = set.loadedParts
    for (number, part) in parts.enumerated() {
      guard report.stop == nil, !report.hasReachedStopPoint, !report.hasMetScript else { return }
      do throws(InputError) {
        load(try part.open(), name: part.name, isLast: number == parts.count - 1)
      } catch {
        report.stop = .input(file: part.name, message: error.message)
      }
    }
  }

  /// Loads one file: a snapshot in front, if it has one, and commands.
  private mutating func load(_ file: AOFFile, name: String, isLast: Bool) {
    let scan = scanOptions(file.input)
    let pass = SnapshotPass(
      space, options, dropsExpired: false, isInOrder: scan.threads == 1)
    var front = file.scanSnapshot(
      scan, makeHandler: pass.makeHandler, commit: pass.commit)
    if let result = front.snapshot { finish(pass, result, name) } else { pass.close() }
    guard report.stop == nil, var input = front.takeTail() else { return }
    if let onBytes = options.onBytes { input.tap = LoadTap(onBytes) }
    replay(input, name, limit(in: name, isLast: isLast))
  }

  /// The offset in a file at which loading ends; none is `Int.max`.
  private func limit(in name: String, isLast: Bool) -> Int {
    guard case .offset(let offset, let file) = options.stopPoint else { return .max }
    return file.map { $0 == name } ?? isLast ? offset : .max
  }

  private mutating func replay(_ input: consuming ByteInput, _ name: String, _ limit: Int) {
    var reader = AOFReader(input, progress: progress)
    space.pointee.select(0)
    do throws(AOFError) {
      while report.stop == nil, let record = try reader.next() {
        switch record {
        case .command(let command):
          if command.offset >= limit {
            report.hasReachedStopPoint = true
          } else {
            execute(command, name)
          }
        case .annotation(let line): look(at: line)
        }
        if options.endsAtScript, scripts.evaluatedCount > 0 { report.hasMetScript = true }
        if report.hasReachedStopPoint || report.hasMetScript { break }
      }
    } catch {
      report.stop = .commands(file: name, error)
    }
    if space.pointee.abandonTransaction() {
      report.openTransactionCount += 1
      if report.openTransaction == nil, let offset = reader.openTransactionError?.offset {
        report.openTransaction = LoadReport.Place(file: name, offset: offset)
      }
    }
    report.functionCount = scripts.libraries.count
    progress = reader.progress
  }

  private mutating func look(at line: AOFAnnotation) {
    guard let seconds = line.timestamp else { return }
    if case .time(let stopMs) = options.stopPoint,
      seconds.multipliedReportingOverflow(by: 1000).partialValue > stopMs
    {
      report.hasReachedStopPoint = true
    } else {
      report.timestamp = seconds
    }
  }

  @inline(__always)
  private mutating func execute(_ command: AOFCommand, _ file: String) {
    let count = command.heldCount
    arguments.removeAll(keepingCapacity: true)
    for index in 0..<count { arguments.append(command[index]) }
    if !options.renamedCommands.isEmpty, !takeOriginalName(command, file) { return }
    let outcome = arguments.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return CommandOutcome.done }
      return space.pointee.execute(Arguments(start: start, count: count))
    }
    report.commandCount &+= 1
    if options.countsRelativeExpiries, RelativeExpiry.isStated(by: command) {
      report.relativeExpiryCount += 1
    }
    if outcome != .done { note(command, outcome, file) }
    if space.pointee.isOutOfMemory {
      report.stopForMemory(file, byteCount: space.pointee.byteCount)
    }
  }

  @inline(never)
  private mutating func note(_ command: AOFCommand, _ outcome: CommandOutcome, _ file: String) {
    let name = String(decoding: command.name, as: UTF8.self)
    if outcome == .unsupported {
      if HarmlessCommand.isOne(command) { return noteHarmless(command, file) }
      return report.skip(space.pointee.unsupportedPart ?? name.uppercased())
    }
    if outcome == .unknown, isAllowed(command) {
      return report.skip(name.uppercased())
    }
    let refused = LoadReport.RefusedCommand(
      file: file, offset: command.offset, line: command.line, index: command.index, name: name,
      error: space.pointee.reply.lastError)
    if outcome == .failed, explain(refused, command) { return }
    report.refuse(refused)
    if outcome == .unknown { report.stop = .unknownCommand(refused) }
  }
}

extension DatasetLoader {
  /// Puts the usual name in the place of one that was given by `rename-command`.
  ///
  /// - Returns: false where no command has the name: servers exit then.
  @inline(never)
  private mutating func takeOriginalName(_ command: AOFCommand, _ file: String) -> Bool {
    switch options.renamedCommands.meaning(of: command.name) {
    case .itself: return true
    case .command(let name):
      arguments[0] = name
      return true
    case .nothing:
      report.commandCount &+= 1
      let name = String(decoding: command.name, as: UTF8.self)
      let refused = LoadReport.RefusedCommand(
        file: file, offset: command.offset, line: command.line, index: command.index, name: name,
        error: "ERR unknown command '\(name)': rename-command took it away")
      report.refuse(refused)
      report.stop = .unknownCommand(refused)
      return false
    }
  }

  /// Notes an error that the server which wrote the file had as well.
  ///
  /// - Returns: false where it is none.
  private mutating func explain(
    _ refused: LoadReport.RefusedCommand, _ command: AOFCommand
  ) -> Bool {
    let scripts = space.pointee.stoppedScripts
    // For a server that writes effects alone another one wrote the script, and whether that one had
    // the error is not known.
    let isOfAll = scripts.count > 0 && scripts.count == space.pointee.reply.errorCount
    if isOfAll, options.target.writesScripts {
      report.explain(refused, .stoppedScript(writeCount: scripts.writeCount))
      return true
    }
    if emptyStream?.take(command) == true {
      if command.isArgument(0, "XGROUP") { report.countLostGroup() }
      return true
    }
    emptyStream = EmptyStreamRewrite(command)
    guard emptyStream != nil else { return false }
    report.explain(refused, .emptyStream(key: [UInt8](command[1]), groupCount: 0))
    return true
  }

  /// Whether the server knows a command that its table does not have.
  private func isAllowed(_ command: AOFCommand) -> Bool {
    if options.allowsModuleCommands, command.name.contains(UInt8(ascii: ".")) { return true }
    return CommandName(command.name).map { options.allowedCommands.contains($0) } ?? false
  }

  /// A command that changes nothing; newer servers answer SUBSCRIBE with an error while they load.
  private mutating func noteHarmless(_ command: AOFCommand, _ file: String) {
    guard HarmlessCommand.subscribes(command), command.transaction == nil,
      AOFServerTraits(options.target).refusesSubscribe
    else { return }
    let name = String(decoding: command.name, as: UTF8.self)
    report.refuse(
      LoadReport.RefusedCommand(
        file: file, offset: command.offset, line: command.line, index: command.index, name: name,
        error: "ERR \(name.uppercased()) isn't allowed for a DENY BLOCKING client"))
  }
}

/// Tells how many bytes have gone by.
private final class LoadTap: ByteTap {
  private let count: @Sendable (Int) -> Void

  init(_ count: @escaping @Sendable (Int) -> Void) { self.count = count }

  func see(_ bytes: UnsafeRawBufferPointer) { count(bytes.count) }
}
