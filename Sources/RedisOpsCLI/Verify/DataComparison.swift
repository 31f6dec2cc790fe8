import ByteKit
import Engine
import RedisModel
import Rendering

/// How data differ from others.
struct DataComparison {
  /// How a key differs.
  enum Change: String {
    /// Only the others have it.
    case removed
    /// Only the data have it.
    case added
    /// Another value.
    case changed
    /// Another expiry.
    case ttl
  }

  /// A key that differs.
  struct Difference {
    /// Its database.
    var database: Int
    /// Its name.
    var key: [UInt8]
    /// How it differs.
    var change: Change
  }

  /// So many keys are named.
  static let listedMax = 100

  /// What the data were compared with.
  let name: String
  /// The digest of the others; `nil` where none was asked for.
  var digest: Digest160?
  /// The first keys that differ, by database.
  private(set) var differences: [Difference] = []
  /// How many keys differ, by kind.
  private(set) var counts: [Change: Int] = [:]

  /// By how much the moments of expiry may differ, milliseconds.
  private let expiryToleranceMs: Int64

  /// Nothing found yet.
  init(name: String, expiryToleranceMs: Int64 = 0) {
    self.name = name
    self.expiryToleranceMs = expiryToleranceMs
  }

  /// Whether both are equal.
  var isEqual: Bool { counts.isEmpty }

  /// Notes a key that differs.
  mutating func add(_ change: Change, _ key: Bytes, _ database: Int) {
    counts[change, default: 0] += 1
    guard differences.count < Self.listedMax else { return }
    differences.append(Difference(database: database, key: Array(key), change: change))
  }

  /// One line for people.
  var summary: String {
    if isEqual { return "equal to \(name)" }
    let parts: [(Change, String)] = [
      (.removed, "only there"), (.added, "only here"), (.changed, "with another value"),
      (.ttl, "with another expiry"),
    ]
    let texts = parts.compactMap { change, text in
      counts[change].map { "\(HumanNumber.count($0, "key")) \(text)" }
    }
    return "differs from \(name): \(texts.joined(separator: ", "))"
  }

  /// Compares two keyspaces key by key.
  mutating func compare(_ left: inout Keyspace, _ right: inout Keyspace) {
    let areEqual = left.digest == right.digest
    digest = right.digest
    for database in 0..<max(left.databaseCount, right.databaseCount) {
      let isLeft = left.select(database)
      let isRight = right.select(database)
      if isLeft {
        left.forEachKey(of: database) { key, expiry in
          guard isRight, right.hasKey(key, database: database) else {
            return add(.added, key, database)
          }
          if !areEqual, left.digestValue(of: key) != right.digestValue(of: key) {
            add(.changed, key, database)
          } else if !isSame(expiry, right.expiry(of: key, database: database)) {
            add(.ttl, key, database)
          }
        }
      }
      if isRight {
        right.forEachKey(of: database) { key, _ in
          if !isLeft || !left.hasKey(key, database: database) { add(.removed, key, database) }
        }
      }
    }
  }

  private func isSame(_ left: Int64?, _ right: Int64?) -> Bool {
    guard let left, let right else { return left == right }
    return abs(left.subtractingReportingOverflow(right).partialValue) <= expiryToleranceMs
  }
}
