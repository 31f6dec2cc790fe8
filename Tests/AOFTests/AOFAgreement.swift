import ByteKit
import RESP

@testable import AOF

/// What all that reads append-only files has to say of some bytes, whatever the window's size.
struct AOFAgreement: Equatable {
  var reading: Reading
  var rewrite: RewriteEstimate
  var total: CommandTally
  var prefixes: [PrefixTallies.Entry]
  var hotKeys: [HotKeys.Entry]
  var times: [TimeBuckets.Bucket]
  var trace: KeyTrace
  var history: [Int]
  var manifest: AOFManifest

  init(_ bytes: [UInt8], chunkByteCount: Int, windowByteCount: Int) {
    reading = Reading(
      bytes, chunkByteCount: chunkByteCount, windowByteCount: windowByteCount)
    func read(_ body: (AOFRecord) -> Void) {
      let source = MemorySource(bytes, chunkByteCount: chunkByteCount)
      var reader = AOFReader(
        ByteInput(source, windowByteCount: windowByteCount), holding: .front)
      while let record = try? reader.next() { body(record) }
    }
    var options = AOFStatistics.Options()
    options.ledgerSlotCountMax = 1 << 10
    var statistics = AOFStatistics(options)
    var log = NameLog()
    var name = KeyName(database: 0, key: [])
    read { record in
      log.add(record)
      guard case .command(let command) = record else { return }
      statistics.add(command)
      if command.heldCount > 1 {
        name = KeyName(database: command.database, key: Array(command[1]))
      }
    }
    rewrite = statistics.estimateRewrite()
    total = statistics.total
    prefixes = statistics.prefixes.sorted
    hotKeys = statistics.hotKeys.top(10)
    times = statistics.times.condensed(to: 3).sorted
    trace = KeyTrace(name, in: log)
    var follower = KeyFollower(trace)
    var history: [Int] = []
    read { record in
      if case .command(let command) = record, follower.touch(by: command) != nil {
        history.append(command.index)
      }
    }
    self.history = history
    manifest = AOFManifest(parsing: bytes)
  }

  /// What does not add up; `nil` while all is well.
  var flaw: String? {
    if total.commands != reading.commands.count { return "commands are counted otherwise" }
    if total.byteCount != reading.commands.reduce(0, { $0 + $1.byteCount }) {
      return "bytes are counted otherwise"
    }
    if rewrite.isExact, rewrite.liveByteCount < 0 || rewrite.liveByteCount > rewrite.byteCount {
      return "more counts than was written"
    }
    let readable = AOFManifest(manifest.entries)
    if manifest.problems.isEmpty, !readable.entries.isEmpty,
      AOFManifest(parsing: readable.bytes).entries.count != readable.entries.count
    {
      return "a manifest that is written anew is read otherwise"
    }
    return nil
  }
}
