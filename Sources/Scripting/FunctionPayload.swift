import RedisCodecs

/// The payload of FUNCTION DUMP: per library the opcode of a snapshot and its text, then a version
/// and the checksum, as in DUMP.
enum FunctionPayload {
  private static let opcode: UInt8 = 245
  private static let footerByteCount = 10
  /// The longest text of a library, bytes: the servers' own `proto-max-bulk-len`.
  private static let codeByteCountMax = 512 << 20

  /// A payload, nothing in it compressed.
  ///
  /// - Parameter version: of snapshots.
  static func write(_ codes: [[UInt8]], version: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for code in codes {
      bytes.append(opcode)
      append(length: code.count, to: &bytes)
      bytes += code
    }
    bytes += [UInt8(truncatingIfNeeded: version), UInt8(truncatingIfNeeded: version >> 8)]
    let crc = bytes.withUnsafeBytes { CRC64.update(0, $0) }
    withUnsafeBytes(of: crc.littleEndian) { bytes.append(contentsOf: $0) }
    return bytes
  }

  private static func append(length: Int, to bytes: inout [UInt8]) {
    if length < 1 << 6 {
      bytes.append(UInt8(length))
    } else if length < 1 << 14 {
      bytes += [0x40 | UInt8(length >> 8), UInt8(length & 0xff)]
    } else {
      bytes.append(0x80)
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: length).bigEndian) {
        bytes.append(contentsOf: $0)
      }
    }
  }

  /// The texts in a payload; `nil` where it is none, or of a version that is not taken.
  ///
  /// - Parameter versionMax: the newest version of snapshots that is taken.
  static func read(_ payload: Bytes, versionMax: Int) -> [[UInt8]]? {
    guard payload.count >= footerByteCount else { return nil }
    let end = payload.count - footerByteCount
    let version = Int(payload[end]) | Int(payload[end + 1]) << 8
    guard version <= versionMax else { return nil }
    let stored = UInt64(
      littleEndian: payload.loadUnaligned(fromByteOffset: end + 2, as: UInt64.self))
    let computed = CRC64.update(0, Bytes(rebasing: payload[..<(end + 2)]))
    guard stored == 0 || stored == computed else { return nil }
    var reader = Reader(bytes: Bytes(rebasing: payload[..<end]))
    var codes: [[UInt8]] = []
    while reader.offset < end {
      guard reader.byte() == opcode, let code = reader.string(codeByteCountMax) else {
        return nil
      }
      codes.append(code)
    }
    return codes
  }

  /// Reads lengths and strings as snapshots have them.
  private struct Reader {
    let bytes: Bytes
    var offset = 0

    mutating func byte() -> UInt8? {
      guard offset < bytes.count else { return nil }
      defer { offset += 1 }
      return bytes[offset]
    }

    private mutating func bigEndian(_ count: Int) -> Int? {
      guard bytes.count - offset >= count else { return nil }
      var number: UInt64 = 0
      for _ in 0..<count {
        number = number << 8 | UInt64(bytes[offset])
        offset += 1
      }
      return Int(exactly: number)
    }

    /// A length; `nil` for what is none.
    private mutating func length() -> Int? {
      guard let first = byte() else { return nil }
      switch first >> 6 {
      case 0: return Int(first)
      case 1:
        guard let low = byte() else { return nil }
        return Int(first & 0x3f) << 8 | Int(low)
      default:
        if first == 0x80 { return bigEndian(4) }
        return first == 0x81 ? bigEndian(8) : nil
      }
    }

    /// A string, plain or compressed; a library's text is never a number.
    mutating func string(_ byteCountMax: Int) -> [UInt8]? {
      guard offset < bytes.count else { return nil }
      guard bytes[offset] == 0xc3 else {
        guard let count = length(), count <= bytes.count - offset else { return nil }
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
      }
      offset += 1
      guard let packed = length(), let count = length(), count <= byteCountMax,
        packed <= bytes.count - offset, count / LZF.expansionMax <= packed
      else { return nil }
      defer { offset += packed }
      return unpack(Bytes(rebasing: bytes[offset..<(offset + packed)]), count)
    }

    private func unpack(_ packed: Bytes, _ count: Int) -> [UInt8]? {
      withUnsafeTemporaryAllocation(
        byteCount: count + LZF.slackByteCount, alignment: 16
      ) { room in
        guard let start = room.baseAddress else { return nil }
        do throws(CodecError) {
          try LZF.unpack(packed, to: start, expected: count)
        } catch {
          return nil
        }
        return Array(room[..<count])
      }
    }
  }
}
