import ArgumentParser
import ByteKit
import RDB
import RedisModel

/// How a snapshot is gone over.
struct ScanOptions: ParsableArguments {
  /// More threads than any machine has use for.
  private static let threadsMax = 1024

  @Option(help: ArgumentHelp("Threads to use; all processors by default.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Take a version of the format that is not known for a warning, not an error.")
  var force = false

  func validate() throws {
    if let threads, !(1...Self.threadsMax).contains(threads) {
      throw ValidationError("--threads takes 1 to \(Self.threadsMax), not \(threads).")
    }
  }

  /// The options of a pass.
  var scan: RDBScanOptions {
    var options = RDBScanOptions()
    options.threads = threads ?? Threads.available
    options.force = force
    return options
  }
}

/// The moment that decides what has expired.
struct MomentOption: ParsableArguments {
  @Option(
    name: .customLong("at"),
    help: ArgumentHelp(
      "The moment that decides what has expired: RFC 3339 or Unix time; now by default.",
      valueName: "time"),
    transform: { try TimeText.parse($0) })
  var time: Int64?

  /// Unix milliseconds.
  var nowMs: Int64 { time ?? Clock.nowMs }
}

/// What counts as an error.
struct StrictOption: ParsableArguments {
  @Flag(help: "Treat bytes behind the end of the snapshot as an error.")
  var strict = false
}
