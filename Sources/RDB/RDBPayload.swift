import ByteKit
import RedisCodecs

/// A DUMP payload: `[F3 key metadata] type body u16le version u64le crc`.
///
/// The checksum covers everything before itself; the version says which family wrote it (80 and up
/// are Valkey's). Source: format.md section 10.
public enum RDBPayload {
  /// The version and the checksum.
  public static let footerByteCount = 10
  /// Valkey's versions begin here.
  private static let valkeyVersionMin = 80

  /// What a payload says before its value.
  public struct Header: Sendable {
    /// The version in the footer.
    public var version: Int
    /// The value's type.
    public var type: RDBType
    /// Key metadata in front of the type.
    public var metadata: [KeyMetadata]
    /// The footer's checksum is that of the bytes; `disabled` where it is zero.
    public var checksum: RDBChecksum
  }

  /// Reads the value of a payload into `sink`.
  ///
  /// - Throws: where it is not whole and sound, or holds what only files can (types 30 and 32).
  /// - Returns: the header, and the rules that the value breaks.
  public static func read<S: ValueSink & ~Copyable>(
    _ bytes: [UInt8], into sink: inout S
  ) throws(RDBError) -> (header: Header, violations: [RDBViolation]) {
    guard bytes.count > footerByteCount else {
      throw RDBError(
        .truncated, at: 0,
        "\(bytes.count) bytes; the footer of a payload alone has \(footerByteCount)"
      )
    }
    let end = bytes.count - footerByteCount
    let version = Int(bytes[end]) | Int(bytes[end + 1]) << 8
    let checksum = self.checksum(of: bytes)
    if case .bad(let stored, let computed) = checksum {
      throw RDBError(
        .checksum, at: end + 2,
        "DUMP payload checksum is wrong: \(String(stored, radix: 16)), not "
          + "\(String(computed, radix: 16))"
      )
    }
    let family: RDBFamily = version >= valkeyVersionMin ? .valkey : .redis
    guard version <= family.newestVersion else {
      throw RDBError(
        .unknownVersion, at: end,
        "DUMP payload of version \(version); known up to \(family.newestVersion)")
    }
    var reader = RDBReader(
      ByteInput(MemorySource(Array(bytes[..<end]))), family: family, version: version)
    return try read(&reader, version, checksum, into: &sink)
  }

  private static func read<S: ValueSink & ~Copyable>(
    _ reader: inout RDBReader, _ version: Int, _ checksum: RDBChecksum, into sink: inout S
  ) throws(RDBError) -> (header: Header, violations: [RDBViolation]) {
    var header = Header(
      version: version, type: try reader.readPayloadType(), metadata: [], checksum: checksum)
    header.metadata = reader.metadata?.classes ?? []
    if header.type.byte == 30 || header.type.byte == 32 {
      throw RDBError(
        .value, at: 0,
        "template reference in a DUMP payload: hash type \(header.type.byte) not valid in a "
          + "DUMP payload"
      )
    }
    try reader.readValue(into: &sink)
    let left = reader.input.remainingByteCount ?? 0
    guard left == 0 else {
      throw RDBError(
        .trailing, at: reader.input.offset, "\(left) bytes follow the value of a DUMP payload")
    }
    return (header, reader.violations.kept)
  }

  private static func checksum(of bytes: [UInt8]) -> RDBChecksum {
    bytes.withUnsafeBytes { bytes in
      let covered = bytes.count - 8
      let stored = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: covered, as: UInt64.self))
      if stored == 0 { return .disabled }
      let computed = CRC64.update(0, UnsafeRawBufferPointer(rebasing: bytes[..<covered]))
      return stored == computed ? .good : .bad(stored: stored, computed: computed)
    }
  }
}

extension RDBReader {
  /// Reads what stands before a payload's value.
  mutating func readPayloadType() throws(RDBError) -> RDBType {
    let offset = input.offset
    var byte = try readByte()
    if byte == RDBOpcode.keyMetadata, family == .redis {
      metadata = KeyMetadataBox(try readKeyMetadata())
      byte = try readByte()
    }
    guard let type = RDBType(byte: byte, family: family) else {
      throw RDBError(.unknownType, at: offset, "unknown type \(byte) in a DUMP payload")
    }
    phase = .value
    header = KeyHeader(
      database: 0, key: UnsafeRawBufferPointer(start: nil, count: 0), type: type, expireAtMs: nil,
      idleSeconds: nil, lfu: nil, metadataOwner: nil, offset: 0, valueOffset: input.offset)
    return type
  }

  /// From here on, `recorder` sees the file's bytes: the raw body of a value when called before it
  /// is read.
  public mutating func beginRecording(_ recorder: any ByteTap) { input.beginRecording(recorder) }

  /// Ends what `beginRecording` began.
  public mutating func endRecording() { input.endRecording() }
}
