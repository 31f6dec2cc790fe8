import ByteKit
import Engine
import Findings
import RedisModel
import Rendering
import Replay

/// What the data of a backup are expected to be.
struct Expectations {
  /// How many keys there are of a pattern.
  struct KeyCount {
    /// The pattern, as KEYS has it.
    var pattern: GlobPattern
    /// The database; `nil` for all together.
    var database: Int?
    /// The least and the greatest number; `nil` for none.
    var countMin: Int?
    var countMax: Int?
    /// Where it stands.
    var line: Int
  }

  /// A key that is there.
  struct Key {
    /// Its name.
    var name: [UInt8]
    /// Its database.
    var database: Int
    /// Where it stands.
    var line: Int
  }

  /// A prefix, all keys of which expire.
  struct Prefix {
    /// The prefix.
    var name: [UInt8]
    /// Where it stands.
    var line: Int
  }

  /// The file that they come from.
  var file = ""
  /// Numbers of keys.
  var keyCounts: [KeyCount] = []
  /// Keys that are there.
  var required: [Key] = []
  /// Prefixes, all keys of which expire.
  var expiringPrefixes: [Prefix] = []
  /// How long ago the newest write may be, milliseconds.
  var newestWriteWithinMs: Int64?
  /// The digest.
  var digest: Digest160?
  /// How long a server may take to load, milliseconds.
  var recoveryMsMax: Int64?
  /// How much of what was written last a crash may lose, milliseconds.
  var lossMsMax: Int64?
  /// The memory that the data may take, bytes.
  var memoryByteCountMax: Int?

  /// How many keys are named that should expire and do not.
  private static let sampleCountMax = 5

  /// What is not as expected, and the answer.
  ///
  /// - Parameters:
  ///   - data: what the server holds; `nil` where that is not known.
  ///   - loader: has the same data.
  func judge(
    _ data: HeldData?, _ loader: borrowing DatasetLoader, _ recovery: RecoveryEstimate?,
    nowMs: Int64
  ) -> (findings: [Finding], answer: FolderVerdict.Verdict) {
    guard let data else {
      let finding = Finding(
        ExpectationRule.unchecked, .error, at: Location(file: file),
        "what the server would hold is not known, so nothing of this could be checked")
      return ([finding], .unknown)
    }
    var findings = loader.withKeyspace { keyFindings(&$0) }
    if let digest, digest != data.digest {
      findings.append(
        Finding(
          ExpectationRule.digest, .error, at: Location(file: file),
          "the digest is \(data.digest), expected is \(digest)"))
    }
    if let memoryByteCountMax, data.byteCount > memoryByteCountMax {
      findings.append(
        Finding(
          ExpectationRule.memory, .error, at: Location(file: file),
          "the data take about \(HumanNumber.size(Int64(data.byteCount))), at most "
            + "\(HumanNumber.size(Int64(memoryByteCountMax))) are expected"))
    }
    findings += recoveryFindings(recovery, nowMs: nowMs)
    let isUnknown = findings.contains { $0.id == ExpectationRule.unchecked }
    let isBad = findings.contains {
      $0.severity == .error && $0.id != ExpectationRule.unchecked
    }
    return (findings, isBad ? .bad : isUnknown ? .unknown : .good)
  }

  // MARK: keys

  private func keyFindings(_ space: inout Keyspace) -> [Finding] {
    var counts = Array(repeating: 0, count: keyCounts.count)
    var lasting = Array(repeating: (count: 0, samples: [Sample]()), count: expiringPrefixes.count)
    for database in 0..<space.databaseCount where space.keyCount(database) > 0 {
      space.forEachKey(of: database) { key, expiry in
        for (index, expected) in keyCounts.enumerated()
        where expected.database ?? database == database && expected.pattern.matches(key) {
          counts[index] += 1
        }
        guard expiry == nil else { return }
        for (index, prefix) in expiringPrefixes.enumerated() where key.starts(with: prefix.name) {
          lasting[index].count += 1
          if lasting[index].samples.count < Self.sampleCountMax {
            lasting[index].samples.append(Sample(key: Array(key), database: database))
          }
        }
      }
    }
    return zip(keyCounts, counts).compactMap { finding($0, found: $1) }
      + required.compactMap { missing($0, space) }
      + zip(expiringPrefixes, lasting).compactMap { finding($0, $1.count, $1.samples) }
  }

  private struct Sample {
    var key: [UInt8]
    var database: Int
  }

  private func finding(_ expected: KeyCount, found count: Int) -> Finding? {
    let isTooFew = expected.countMin.map { count < $0 } ?? false
    let isTooMany = expected.countMax.map { count > $0 } ?? false
    guard isTooFew || isTooMany else { return nil }
    let bound =
      isTooFew ? "at least \(expected.countMin ?? 0)" : "at most \(expected.countMax ?? 0)"
    let place = expected.database.map { " in db \($0)" } ?? ""
    return Finding(
      ExpectationRule.keys, .error, at: Location(file: file, line: expected.line),
      "\(HumanNumber.count(count, "key")) of \(PrintableText.quoted(expected.pattern.source))"
        + "\(place), expected are \(bound)")
  }

  private func missing(_ key: Key, _ space: borrowing Keyspace) -> Finding? {
    let isThere =
      key.database < space.databaseCount
      && key.name.withUnsafeBytes { space.hasKey($0, database: key.database) }
    if isThere { return nil }
    return Finding(
      ExpectationRule.required, .error, at: Location(file: file, line: key.line),
      "a key that is required is not there", key: key.name, database: key.database)
  }

  private func finding(_ prefix: Prefix, _ count: Int, _ samples: [Sample]) -> Finding? {
    guard count > 0 else { return nil }
    let names = samples.map { "\(PrintableText.quoted($0.key)) of db \($0.database)" }
    return Finding(
      ExpectationRule.expiry, .error, at: Location(file: file, line: prefix.line),
      "\(HumanNumber.count(count, "key")) under \(PrintableText.quoted(prefix.name)) never "
        + "\(count == 1 ? "expires" : "expire"): \(names.joined(separator: ", "))"
        + (count > samples.count ? ", …" : ""))
  }

  // MARK: recovery

  private func recoveryFindings(_ recovery: RecoveryEstimate?, nowMs: Int64) -> [Finding] {
    var findings: [Finding] = []
    func add(_ id: String, _ severity: Severity, _ message: String) {
      findings.append(Finding(id, severity, at: Location(file: file), message))
    }
    if let newestWriteWithinMs {
      if let last = recovery?.lastWriteMs {
        let age = nowMs - last
        if age > newestWriteWithinMs {
          add(
            ExpectationRule.newestWrite, .error,
            "the newest write is \(HumanNumber.duration(seconds: age / 1000)) old, at most "
              + "\(HumanNumber.duration(seconds: newestWriteWithinMs / 1000)) are expected")
        }
      } else {
        add(ExpectationRule.unchecked, .error, "nothing tells when the newest write was made")
      }
    }
    if let lossMsMax, let recovery {
      if let seconds = recovery.lossSecondsMax {
        if Int64(seconds) * 1000 > lossMsMax {
          add(
            ExpectationRule.loss, .error,
            "a crash can lose \(seconds) s of writes, at most \(lossMsMax) ms are expected: "
              + recovery.loss)
        }
      } else {
        add(ExpectationRule.loss, .error, "nothing bounds what a crash loses: \(recovery.loss)")
      }
    }
    if let recoveryMsMax, let recovery {
      let limit = Double(recoveryMsMax) / 1000
      if recovery.serverSeconds > limit {
        add(
          ExpectationRule.recovery, .error,
          "loading is expected to take \(recovery.serverText), at most \(recoveryMsMax) ms are "
            + "expected")
      } else if recovery.serverSecondsMax > limit {
        add(
          ExpectationRule.recovery, .warning,
          "loading is expected to take \(recovery.serverText), which may be longer than the "
            + "\(recoveryMsMax) ms that are expected")
      }
    }
    return findings
  }
}

/// The rules of `--expect`.
enum ExpectationRule {
  /// Numbers of keys.
  static let keys = "expect-keys"
  /// Keys that are there.
  static let required = "expect-required"
  /// Prefixes whose keys expire.
  static let expiry = "expect-ttl"
  /// The age of the newest write.
  static let newestWrite = "expect-newest-write"
  /// The digest.
  static let digest = "expect-digest"
  /// How long loading takes.
  static let recovery = "expect-rto"
  /// What a crash loses.
  static let loss = "expect-rpo"
  /// Memory.
  static let memory = "expect-memory"
  /// What could not be checked.
  static let unchecked = "expect-unchecked"

  /// All of them.
  static let all: [RuleDescription] = [
    (keys, "There are as many keys as expected"),
    (required, "The keys that are required are there"),
    (expiry, "Keys expire where they are to"),
    (newestWrite, "The newest write is as young as expected"),
    (digest, "The digest is the one that is expected"),
    (recovery, "A server loads the data as fast as expected"),
    (loss, "A crash loses no more than expected"),
    (memory, "The data take no more memory than expected"),
    (unchecked, "What is expected can be checked"),
  ].map { RuleDescription(id: $0.0, slug: "", summary: $0.1, severity: .error) }
}
