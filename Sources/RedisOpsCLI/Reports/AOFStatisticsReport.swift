import AOF
import ByteKit
import RDB
import Rendering

/// What `aof stats` says beside its counts.
struct AOFStatisticsReport {
  /// One file that was read.
  struct File {
    /// Where it lies.
    var path: String
    /// Its size, where that is known.
    var byteCount: Int?
    /// The commands that were counted; touches of keys are not.
    var tally = CommandTally()
    /// Transactions that begin in it.
    var transactions = 0
    /// Keys of the snapshot in front.
    var baseKeys: Int?
    /// Whether its end was reached.
    var isComplete = true

    init(path: String, byteCount: Int?) {
      self.path = path
      self.byteCount = byteCount
    }
  }

  /// How many rows a list has.
  let top: Int
  /// Whether the user chose the length of the stretches of time.
  let hasBucket: Bool
  /// What a rewrite would save; `nil` where commands were left out, so that nothing can be said.
  var rewrite: RewriteEstimate?
  /// The files, in the order in which they were read.
  var files: [File] = []

  /// How many stretches of time are shown where the user did not choose their length.
  private static let bucketCount = 40

  /// The stretches of time to show.
  func times(_ statistics: borrowing AOFStatistics) -> TimeBuckets {
    hasBucket ? statistics.times : statistics.times.condensed(to: Self.bucketCount)
  }
}

/// The report as a JSON document.
enum AOFStatisticsJSON {
  static func write(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics,
    to document: inout JSONDocument
  ) {
    document.beginObject()
    document.schema("aof-stats")
    document.array("files") { for file in report.files { write(file, to: &$0) } }
    write(statistics.total, to: &document)
    document.member("transactions", report.files.reduce(0) { $0 + $1.transactions })
    document.member("baseKeys", statistics.baseKeyCount)
    document.member("baseBytes", statistics.baseByteCount)
    writeCommands(statistics, to: &document)
    writeDatabases(statistics, to: &document)
    writePrefixes(report, statistics, to: &document)
    write(report.times(statistics), to: &document)
    writeHotKeys(report, statistics, to: &document)
    writeLargest(report, statistics, to: &document)
    if let rewrite = report.rewrite { write(rewrite, to: &document) }
    document.endObject()
  }

  private static func write(
    _ file: AOFStatisticsReport.File, to document: inout JSONDocument
  ) {
    document.object {
      $0.member("file", file.path)
      $0.member("size", file.byteCount)
      $0.member("commands", file.tally.commands)
      $0.member("bytes", file.tally.byteCount)
      $0.member("transactions", file.transactions)
      $0.member("baseKeys", file.baseKeys)
      $0.member("complete", file.isComplete)
    }
  }

  private static func write(_ tally: CommandTally, to document: inout JSONDocument) {
    document.member("commands", tally.commands)
    document.member("keys", tally.touches)
    document.member("bytes", tally.byteCount)
  }

  private static func writeCommands(
    _ statistics: borrowing AOFStatistics, to document: inout JSONDocument
  ) {
    let commands = statistics.commands
    document.array("byCommand") {
      for (name, tally) in commands {
        $0.object {
          $0.member("command", name)
          write(tally, to: &$0)
        }
      }
    }
  }

  private static func writeDatabases(
    _ statistics: borrowing AOFStatistics, to document: inout JSONDocument
  ) {
    let databases = statistics.databases
    document.array("databases") {
      for (database, tally, baseKeys) in databases {
        $0.object {
          $0.member("db", database)
          write(tally, to: &$0)
          $0.member("baseKeys", baseKeys)
        }
      }
    }
    let others = statistics.otherDatabases
    if others.commands > 0 { document.object("otherDatabases") { write(others, to: &$0) } }
  }

  private static func writePrefixes(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics,
    to document: inout JSONDocument
  ) {
    let prefixes = statistics.prefixes.sorted
    let others = statistics.prefixes.others
    document.array("prefixes") {
      for prefix in prefixes {
        $0.object {
          $0.member("prefix", bytes: prefix.prefix)
          if prefix.prefixByteCount > prefix.prefix.count {
            $0.member("prefixBytes", prefix.prefixByteCount)
          }
          write(prefix, to: &$0)
        }
      }
    }
    if others.touches + others.baseKeyCount > 0 {
      document.object("otherPrefixes") { write(others, to: &$0) }
    }
    let keyless = statistics.keyless
    document.object("keyless") {
      $0.member("commands", keyless.commands)
      $0.member("bytes", keyless.byteCount)
    }
    if statistics.unseenKeyCommands > 0 {
      document.member("commandsWithUnseenKeys", statistics.unseenKeyCommands)
    }
  }

  private static func write(_ prefix: PrefixTallies.Entry, to document: inout JSONDocument) {
    document.member("keys", prefix.touches)
    document.member("bytes", prefix.byteCount)
    document.member("baseKeys", prefix.baseKeyCount)
  }

  private static func write(_ times: TimeBuckets, to document: inout JSONDocument) {
    document.object("times") {
      $0.member("bucketSeconds", times.seconds)
      $0.array("buckets") {
        for bucket in times.sorted {
          $0.object {
            $0.member("start", bucket.start)
            $0.member("commands", bucket.commands)
            $0.member("bytes", bucket.byteCount)
            $0.member("bytesPerSecond", Double(bucket.byteCount) / Double(times.seconds))
          }
        }
      }
      $0.object("untimed") {
        $0.member("commands", times.untimed.commands)
        $0.member("bytes", times.untimed.byteCount)
      }
    }
  }

  private static func writeHotKeys(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics,
    to document: inout JSONDocument
  ) {
    let keys = statistics.hotKeys.top(report.top)
    let error = statistics.hotKeys.error
    document.object("hotKeys") {
      $0.member("error", error)
      $0.array("keys") {
        for key in keys {
          $0.object {
            $0.member("db", key.database)
            $0.member("key", bytes: key.key)
            if key.keyByteCount > key.key.count { $0.member("keyBytes", key.keyByteCount) }
            $0.member("touches", key.touches)
            $0.member("bytes", key.byteCount)
          }
        }
      }
    }
  }

  private static func writeLargest(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics,
    to document: inout JSONDocument
  ) {
    let entries = statistics.largest.entries
    document.array("largestCommands") {
      for entry in entries {
        $0.object {
          $0.member("file", report.files[entry.fileIndex].path)
          $0.member("offset", entry.offset)
          $0.member("index", entry.index)
          $0.member("db", entry.database)
          $0.member("timestamp", entry.timestamp)
          $0.member("command", bytes: entry.name)
          $0.member("arguments", entry.argumentCount)
          $0.member("key", bytes: entry.key)
          $0.member("bytes", entry.byteCount)
        }
      }
    }
  }

  private static func write(_ rewrite: RewriteEstimate, to document: inout JSONDocument) {
    document.object("rewrite") {
      $0.member("method", "form")
      $0.member("distinctKeys", rewrite.keyCount)
      $0.member("distinctKeysError", rewrite.keyCountError)
      $0.member("followedKeys", rewrite.sampledKeyCount)
      $0.member("exact", rewrite.isExact)
      $0.member("bytes", rewrite.byteCount)
      $0.member("liveBytes", rewrite.liveByteCount)
      $0.member("savedBytes", rewrite.savedByteCount)
      $0.member("overwrittenBytes", rewrite.overwrittenByteCount)
      $0.member("deletedBytes", rewrite.deletedByteCount)
      $0.member("flushedBytes", rewrite.flushedByteCount)
      $0.member("tracelessBytes", rewrite.tracelessByteCount)
      $0.member("amplification", rewrite.amplification)
    }
  }
}
