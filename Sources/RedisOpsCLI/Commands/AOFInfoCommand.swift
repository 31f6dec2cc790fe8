import AOF
import Analysis
import ArgumentParser
import RDB

/// `redisops aof info`.
struct AOFInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Shows the files of an append-only file, and how many commands they hold.",
    discussion: """
      Layout, files with sizes and roles, the writer of the snapshot, commands and transactions,
      databases, first and last timestamp, files that the manifest does not name. Of a damaged
      file, what stands before the damage is counted.

      Example: redisops aof info --format json /var/lib/redis/appendonlydir
      """.flowing)

  @OptionGroup var input: AOFArgument
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: TextOrJSON = .text
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions

  func run() throws {
    let run = try CommandRun(output)
    let pass = AOFPass(
      diagnostics: run.diagnostics, options: scan.scan, isQuiet: output.quiet, holding: .front)
    if let set = pass.open(input.path) {
      let facts = AOFFacts(of: set, pass)
      switch format {
      case .text: AOFFactsText(style: run.style, width: run.width).write(facts, to: run.output)
      case .json: run.output.writeJSON { AOFFactsJSON.write(facts, to: &$0) }
      }
    }
    try run.finish()
  }
}

/// What `aof info` knows of a set.
struct AOFFacts {
  /// What it knows of one file.
  struct File {
    /// The file.
    var part: AOFSet.Part
    /// What was counted in it; history files, and missing ones, are not gone over.
    var counts: Counts?
  }

  /// What is counted in one file.
  struct Counts {
    /// What the snapshot in front says of itself.
    var snapshot: SnapshotFacts?
    /// Whole commands.
    var commands = 0
    /// Transactions begun.
    var transactions = 0
    /// The first `#TS:`, Unix seconds.
    var firstTimestamp: Int64?
    /// The last one.
    var lastTimestamp: Int64?
    /// Lines that begin with `#`.
    var annotations = 0
    /// Commands that choose no database and are no MULTI or EXEC, by database.
    var databases = DatabaseCounts()
    /// How the pass ended.
    var result = AOFPartResult(progress: .init())
  }

  /// The set.
  let set: AOFSet
  /// Its files.
  private(set) var files: [File] = []

  /// Goes over what a server would load.
  init(of set: AOFSet, _ pass: AOFPass) {
    self.set = set
    var progress = AOFReader.Progress()
    var counts: [String: Counts] = [:]
    for part in set.loadedParts where counts[part.path] == nil {
      guard let found = Self.count(part, progress, pass) else { continue }
      progress = found.result.progress
      counts[part.path] = found
    }
    files = set.parts.map { part in
      File(part: part, counts: part.role == .history ? nil : counts[part.path])
    }
  }

  private static func count(
    _ part: AOFSet.Part, _ progress: AOFReader.Progress, _ pass: AOFPass
  ) -> Counts? {
    let snapshot = Gathered(SnapshotFacts())
    var counts = Counts()
    let result = pass.run(part, progress) { file, options in
      file.scanSnapshot(
        options, makeHandler: { _ in FactsHandler() }, commit: { snapshot.value.append($0) })
    } _: { record in
      switch record {
      case .command(let command): counts.databases.add(command)
      case .annotation(let line):
        counts.annotations += 1
        counts.firstTimestamp = counts.firstTimestamp ?? line.timestamp
        counts.lastTimestamp = line.timestamp ?? counts.lastTimestamp
      }
      return true
    }
    guard let result else { return nil }
    counts.result = result
    counts.commands = result.progress.commandCount - progress.commandCount
    counts.transactions = result.progress.transactionCount - progress.transactionCount
    if result.snapshot != nil { counts.snapshot = snapshot.value }
    return counts
  }

  /// What was counted in all files.
  var counts: [Counts] { files.compactMap(\.counts) }

  /// The databases with keys in a snapshot or commands, by number.
  var databases: [(database: Int, keys: Int, commands: Int)] {
    var keys: [Int: Int] = [:]
    var commands: [Int: Int] = [:]
    for counts in counts {
      for (database, tally) in counts.snapshot?.databases ?? [] {
        keys[database, default: 0] += tally.keys
      }
      for (database, count) in counts.databases.all { commands[database, default: 0] += count }
    }
    return Set(keys.keys).union(commands.keys).sorted()
      .map { ($0, keys[$0] ?? 0, commands[$0] ?? 0) }
  }
}

/// Commands by database. They come in runs, so that the table is asked once per run.
struct DatabaseCounts {
  private var finished: [Int: Int] = [:]
  private var database = 0
  private var count = 0

  /// Counts a command, unless it only chooses a database or marks a transaction.
  @inline(__always)
  mutating func add(_ command: AOFCommand) {
    if (4...6).contains(command.name.count),
      command.isArgument(0, "SELECT") || command.isArgument(0, "MULTI")
        || command.isArgument(0, "EXEC")
    {
      return
    }
    if command.database != database { change(to: command.database) }
    count &+= 1
  }

  private mutating func change(to database: Int) {
    if count > 0 { finished[self.database, default: 0] += count }
    self.database = database
    count = 0
  }

  /// The databases with commands, in no order.
  var all: [Int: Int] {
    var copy = self
    copy.change(to: database)
    return copy.finished
  }
}
