import ByteKit

/// Writes one key per line.
///
/// A key that is valid UTF-8 without control bytes is written as it is; any other as the JSON
/// string of `ByteWriter.writeJSON(bytes:)`, and so is a key that begins with `"`, so that a reader
/// can tell the two forms apart.
public struct KeySink: ~Copyable {
  private var writer: ByteWriter

  /// - Parameters:
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the text, in order; the bytes are valid during the call only.
  public init(
    capacity: Int = 1 << 16, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    writer = ByteWriter(capacity: capacity, drain: drain)
  }

  /// Writes the line of `key`.
  public mutating func write(_ key: UnsafeRawBufferPointer) {
    if Self.isPlain(key) { writer.write(key) } else { writer.writeJSON(bytes: key) }
    writer.write(UInt8(ascii: "\n"))
  }

  /// Hands everything to `drain`.
  public mutating func finish() { writer.flush() }

  /// Whether `key` can stand on a line as it is.
  static func isPlain(_ key: UnsafeRawBufferPointer) -> Bool {
    guard key.first != UInt8(ascii: "\""), UTF8Text.isValid(key) else { return false }
    return !key.contains { $0 < 0x20 || $0 == 0x7F }
  }
}
