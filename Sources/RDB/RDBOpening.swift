import ByteKit

/// What stands before the first record: the magic, and what a replication stream puts around it.
public struct RDBOpening: Equatable, Sendable {
  /// How a replication capture frames the snapshot.
  public enum Framing: Equatable, Sendable {
    /// Not at all: a file.
    case none
    /// `$<bytes>` CRLF: a snapshot of that many bytes.
    case length(Int)
    /// `$EOF:<40 digits>` CRLF: the digits stand again behind the snapshot.
    case endMark([UInt8])
  }

  /// How a replication capture frames the snapshot.
  public var framing: Framing
  /// Where the magic stands.
  public var offset: Int
  /// Whose magic it is.
  public var family: RDBFamily
  /// The version behind it.
  public var version: Int

  /// The bytes of the magic and the version.
  static let magicByteCount = 9

  /// That the version is newer than the newest one known; `nil` where it is known. Much of such a
  /// file can mostly be read all the same: servers rarely change what they wrote before.
  public var unknownVersionError: RDBError? {
    guard version > family.newestVersion else { return nil }
    return RDBError(
      .unknownVersion, at: offset,
      "\(family.rawValue) version \(version); known up to \(family.newestVersion)")
  }

  /// Reads the front of `input`, which then stands at the first record.
  public static func read(_ input: inout ByteInput) throws(RDBError) -> RDBOpening {
    let framing = try readFraming(&input)
    input.skipTapToCursor()
    let offset = input.offset
    let count = try peek(&input, magicByteCount)
    let bytes = Array(UnsafeRawBufferPointer(start: input.cursor, count: count))
    guard let (family, digits) = magic(bytes) else { throw notASnapshot(bytes, at: offset) }
    guard count == magicByteCount else {
      throw RDBError(.truncated, at: offset + count, "the input ends within the header")
    }
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let version = Int(String(decoding: digits, as: UTF8.self))
    else {
      throw RDBError(
        .notASnapshot, at: offset, "no digits follow the magic word \(family.rawValue)")
    }
    guard version >= 1 else {
      throw RDBError(.unknownVersion, at: offset, "RDB version 0 does not exist; they start at 1")
    }
    input.cursor += magicByteCount
    return RDBOpening(framing: framing, offset: offset, family: family, version: version)
  }

  private static func magic(_ bytes: [UInt8]) -> (RDBFamily, ArraySlice<UInt8>)? {
    for family in [RDBFamily.redis, .valkey] {
      let word = Array(family.rawValue.utf8)
      let shared = min(word.count, bytes.count)
      if shared > 0, bytes.prefix(shared) == word.prefix(shared) {
        return (family, bytes.dropFirst(word.count))
      }
    }
    return nil
  }

  private static func peek(_ input: inout ByteInput, _ count: Int) throws(RDBError) -> Int {
    do throws(InputError) { return try input.peek(count) } catch { throw RDBError(error) }
  }

  /// Passes over `$…` CRLF and the newlines that keep a connection alive before it.
  private static func readFraming(_ input: inout ByteInput) throws(RDBError) -> Framing {
    while try peek(&input, 1) == 1, input.cursor.load(as: UInt8.self) == 0x0a { input.cursor += 1 }
    let count = try peek(&input, RDBLimits.framingByteCountMax)
    let bytes = Array(UnsafeRawBufferPointer(start: input.cursor, count: count))
    guard bytes.first == UInt8(ascii: "$") else { return .none }
    let offset = input.offset
    guard let end = bytes.firstIndex(of: 0x0a), bytes[end - 1] == 0x0d else {
      throw RDBError(.notASnapshot, at: offset, "a '$' that begins no replication header")
    }
    let text = bytes[1..<(end - 1)]
    input.cursor += end + 1
    if text.starts(with: "EOF:".utf8), text.count == 44 {
      return .endMark(Array(text.dropFirst(4)))
    }
    guard let length = Int(String(decoding: text, as: UTF8.self)), length >= 0 else {
      throw RDBError(.notASnapshot, at: offset, "a replication header without a length")
    }
    return .length(length)
  }

  private static func notASnapshot(_ bytes: [UInt8], at offset: Int) -> RDBError {
    guard !bytes.isEmpty else {
      return RDBError(
        .truncated, at: offset, "the input is empty; a snapshot begins with its magic word")
    }
    let known: [(front: [UInt8], name: String)] = [
      ([0x28, 0xb5, 0x2f, 0xfd], "zstd data; unpack it first (zstd -dc FILE | redisops … -)"),
      ([0x04, 0x22, 0x4d, 0x18], "LZ4 data; unpack it first (lz4 -dc FILE | redisops … -)"),
      (Array("BZh".utf8), "bzip2 data; unpack it first (bzip2 -dc FILE | redisops … -)"),
      ([0xfd, 0x37, 0x7a, 0x58], "xz data; unpack it first (xz -dc FILE | redisops … -)"),
      (
        Array("VCS".utf8),
        "a snapshot in the LZ4 envelope of Valkey 9.2; let that server save it with "
          + "rdbcompression lzf"
      ),
      (Array("version h".utf8), "a Git LFS pointer, not the file; run git lfs pull"),
      (Array("*".utf8), "an append-only file without a snapshot in front; see redisops aof"),
    ]
    for (front, name) in known where bytes.starts(with: front) {
      return RDBError(.notASnapshot, at: offset, "this is \(name)")
    }
    return RDBError(
      .notASnapshot, at: offset,
      "wrong signature: the first bytes are neither REDIS nor VALKEY and digits, but "
        + "\(quoted(bytes))"
    )
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    "\""
      + bytes.map {
        (0x20..<0x7f).contains($0)
          ? String(UnicodeScalar($0)) : "\\x" + (($0 < 16 ? "0" : "") + String($0, radix: 16))
      }.joined() + "\""
  }
}
