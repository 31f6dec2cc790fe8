import Foundation
import TestSupport
import Testing

/// Runs the built program.
func redisops(
  _ arguments: String..., input: [UInt8] = [], environment: [String: String?] = [:]
) throws -> ProcessResult {
  try redisops(arguments, input: input, environment: environment)
}

/// Runs the built program.
func redisops(
  _ arguments: [String], input: [UInt8] = [], environment: [String: String?] = [:]
) throws -> ProcessResult {
  var settings = ProcessSettings()
  settings.input = input
  settings.environment = environment
  return try runProcess(try builtProduct(), arguments, settings: settings)
}

/// A snapshot with two databases, strings, lists and an expiry in the year 2100.
func smallSnapshot() -> [UInt8] {
  var builder = SnapshotBuilder()
  builder.aux("redis-ver", "7.2.4")
  builder.select(0)
  builder.key("a", "1st")
  builder.key("b", "second", expireAtMs: 4_102_444_800_000)
  builder.list("l", ["x", "y", "z"])
  builder.select(2)
  builder.key("a", "other")
  return builder.finished
}

/// Selection flags, and the keys of `smallSnapshot` that they leave, as database and name.
struct SelectionCase: Sendable, CustomTestStringConvertible {
  let flags: [String]
  let keys: [String]
  var testDescription: String { flags.joined(separator: " ") }

  static let all = [
    SelectionCase(flags: [], keys: ["0 a", "0 b", "0 l", "2 a"]),
    SelectionCase(flags: ["--db", "0"], keys: ["0 a", "0 b", "0 l"]),
    SelectionCase(flags: ["--type", "list"], keys: ["0 l"]),
    SelectionCase(flags: ["--match", "[ab]"], keys: ["0 a", "0 b", "2 a"]),
    SelectionCase(flags: ["--not-match", "a"], keys: ["0 b", "0 l"]),
    SelectionCase(flags: ["--regex", "^l$"], keys: ["0 l"]),
    SelectionCase(flags: ["--slot", "3300"], keys: ["0 b"]),
    SelectionCase(flags: ["--ttl", "any"], keys: ["0 b"]),
    SelectionCase(flags: ["--min-size", "6"], keys: ["0 b", "0 l", "2 a"]),
    SelectionCase(flags: ["--max-size", "4"], keys: ["0 a"]),
    SelectionCase(flags: ["--min-elements", "3"], keys: ["0 l"]),
    SelectionCase(flags: ["--min-elements", "2", "--max-elements", "2"], keys: []),
    SelectionCase(flags: ["--limit", "2"], keys: ["0 a", "0 b"]),
    SelectionCase(flags: ["--max-elements", "1", "--limit", "3"], keys: ["0 a", "0 b", "2 a"]),
  ]

  /// The snapshot of these keys alone.
  var snapshot: [UInt8] {
    var builder = SnapshotBuilder()
    builder.aux("redis-ver", "7.2.4")
    builder.select(0)
    if keys.contains("0 a") { builder.key("a", "1st") }
    if keys.contains("0 b") { builder.key("b", "second", expireAtMs: 4_102_444_800_000) }
    if keys.contains("0 l") { builder.list("l", ["x", "y", "z"]) }
    builder.select(2)
    if keys.contains("2 a") { builder.key("a", "other") }
    return builder.finished
  }
}

/// Calls `body` with the path of a file with these bytes.
func withSnapshot<Result>(
  _ bytes: [UInt8], _ body: (String) throws -> Result
) throws -> Result {
  try withTemporaryFolder { folder in
    try body(try folder.write(bytes, to: "dump.rdb").path)
  }
}

/// The JSON document on standard output.
func document(_ result: ProcessResult) throws -> JSONValue { try JSONValue(parsing: result.output) }

/// The lines of standard output, each a JSON document.
func documents(_ result: ProcessResult) throws -> [JSONValue] {
  try result.output.split(separator: 0x0A).map { try JSONValue(parsing: $0) }
}
