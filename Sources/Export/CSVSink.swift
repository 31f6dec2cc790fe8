import ByteKit
import RDB

/// Writes one row per key: `db,key,type,encoding,elements,bytes,expireAtMs` (RFC 4180).
///
/// Fields with commas, quotes or line ends are quoted; lines end with LF. A key that is not valid
/// UTF-8, or begins with U+0000, is written as U+0000, `b64:` and base64, as in JSON. Values are
/// not looked at: the caller skips them and hands in what it learnt.
public struct CSVSink: ~Copyable {
  /// The head row.
  public static let head: StaticString = "db,key,type,encoding,elements,bytes,expireAtMs\n"

  private var writer: ByteWriter

  /// - Parameters:
  ///   - hasHead: whether to begin with the head row.
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the text, in order; the bytes are valid during the call only.
  public init(
    hasHead: Bool = true, capacity: Int = 1 << 16,
    drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    writer = ByteWriter(capacity: capacity, drain: drain)
    if hasHead { writer.write(Self.head) }
  }

  /// Writes the row of a key.
  ///
  /// - Parameters:
  ///   - header: what stands before the value.
  ///   - elementCount: elements of the value, 1 for a string.
  ///   - byteCount: bytes of the value as the file stores it.
  ///   - stringEncoding: how a string is stored.
  public mutating func write(
    _ header: KeyHeader, elementCount: Int, byteCount: Int, stringEncoding: StringEncoding?
  ) {
    writer.write(decimal: header.database)
    writer.write(UInt8(ascii: ","))
    writer.writeCSV(header.key)
    writer.write(UInt8(ascii: ","))
    writer.write(header.type.kind.label)
    writer.write(UInt8(ascii: ","))
    writer.write(stringEncoding?.name ?? header.type.encodingName)
    writer.write(UInt8(ascii: ","))
    writer.write(decimal: elementCount)
    writer.write(UInt8(ascii: ","))
    writer.write(decimal: byteCount)
    writer.write(UInt8(ascii: ","))
    if let expireAtMs = header.expireAtMs { writer.write(decimal: expireAtMs) }
    writer.write(UInt8(ascii: "\n"))
  }

  /// Hands everything to `drain`.
  public mutating func finish() { writer.flush() }
}

extension ByteWriter {
  /// Writes `bytes` as a CSV field.
  fileprivate mutating func writeCSV(_ bytes: UnsafeRawBufferPointer) {
    guard UTF8Text.isValid(bytes), bytes.first != 0 else {
      write("\"\0b64:")
      write(base64: bytes)
      return write(UInt8(ascii: "\""))
    }
    let needsQuotes = bytes.contains {
      $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
    }
    guard needsQuotes else { return write(bytes) }
    write(UInt8(ascii: "\""))
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { write(byte) }
      write(byte)
    }
    write(UInt8(ascii: "\""))
  }
}
