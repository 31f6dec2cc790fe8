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
