import ByteKit
import Foundation
import TestSupport
import Testing

@testable import RDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Verifies the file at `path`.
func verify(
  _ path: String, _ change: (inout VerifyOptions) -> Void = { _ in }
) throws -> VerifyReport {
  var options = VerifyOptions()
  change(&options)
  return SnapshotVerifier.verify(try InputFile(opening: path), options)
}

/// Verifies a regular file of these bytes.
func verify(
  _ bytes: [UInt8], _ change: (inout VerifyOptions) -> Void = { _ in }
) throws -> VerifyReport {
  try withTemporaryFolder { folder in
    try verify(folder.write(bytes, to: "dump.rdb").path, change)
  }
}

/// Verifies these bytes as they come through a pipe.
func verify(
  throughPipe bytes: [UInt8], _ change: (inout VerifyOptions) -> Void = { _ in }
) throws -> VerifyReport {
  try withTemporaryFolder { folder in
    let path = folder.file("pipe").path
    try #require(mkfifo(path, 0o600) == 0)
    Thread.detachNewThread {
      let pipe = FileHandle(forWritingAtPath: path)
      try? pipe?.write(contentsOf: Data(bytes))
      try? pipe?.close()
    }
    return try verify(path, change)
  }
}

extension VerifyReport {
  /// The findings that make a file bad.
  var errors: [RDBViolation] { findings.filter { !$0.isWarning } }
  /// The findings that do not.
  var warnings: [RDBViolation] { findings.filter(\.isWarning) }
  /// The names of the keys in which something stands twice, or which do, and where.
  var duplicates: [RDBViolation] { findings.filter { $0.error.kind == .duplicate } }
}

extension SnapshotBuilder {
  /// A length in the shortest of the forms for 6, 14 and 32 bits.
  mutating func length(_ count: Int) {
    if count < 64 {
      raw([UInt8(count)])
    } else if count < 1 << 14 {
      raw([0x40 | UInt8(count >> 8), UInt8(count & 255)])
    } else {
      raw([0x80] + (0..<4).map { UInt8(count >> (24 - 8 * $0) & 255) })
    }
  }

  /// A collection in its plainest encoding, of `members`.
  mutating func collection(_ plain: PlainCollection, _ name: String, _ members: [String]) {
    raw([plain.byte])
    string(name.utf8)
    if plain == .pathHash {
      // One path, and no field of it expires.
      length(1)
      string("p".utf8)
    }
    length(members.count)
    for member in members {
      string(member.utf8)
      raw(plain.tail)
    }
  }
}

/// Encodings that are a count and then element after element.
enum PlainCollection: CaseIterable {
  case list, set, zset, hash, fieldExpiryHash, pathHash

  /// The type byte.
  var byte: UInt8 {
    switch self {
    case .list: 1
    case .set: 2
    case .zset: 5
    case .hash: 4
    case .fieldExpiryHash: 22
    case .pathHash: 23
    }
  }

  /// The magic under which the byte means that.
  var magic: String {
    switch self {
    case .fieldExpiryHash: "VALKEY080"
    case .pathHash: "VALKEY081"
    default: "REDIS0011"
    }
  }

  /// What stands behind a member: a score, a value, a value and its expiry.
  fileprivate var tail: [UInt8] {
    switch self {
    case .list, .set: []
    case .zset: [UInt8](repeating: 0, count: 8)
    case .hash, .pathHash: [1, 0x76]
    case .fieldExpiryHash: [1, 0x76] + [UInt8](repeating: 0xff, count: 8)
    }
  }
}
