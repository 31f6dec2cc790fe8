import ByteKit
import RedisCodecs
import RedisModel

/// Writes a snapshot, or a DUMP payload, piece by piece: it holds nothing but a buffer.
///
/// For a file: `begin`, fields and libraries, for each database `database` and its keys, `finish`.
/// A key is `key`, then its body, written with the methods of `RDBWriter+Primitives.swift`. For a
/// payload: `beginPayload`, the body, `finishPayload`. The caller sees to it that the server takes
/// what it writes (`RDBForm`).
public struct RDBWriter: ~Copyable {
  /// The checksum of what was drained.
  final class Checksum {
    var value: UInt64 = 0
  }

  /// What the file looks like.
  public let form: RDBForm
  var output: ByteWriter
  /// Compresses strings; `nil` where they stay as they are.
  var packer: LZFCompressor?
  private let checksum = Checksum()
  private let writesChecksum: Bool

  /// - Parameters:
  ///   - form: what the file looks like.
  ///   - compresses: whether strings are compressed where that pays (`rdbcompression`).
  ///   - writesChecksum: whether the checksum at the end is the true one; else it is zero, and
  ///     servers do not look at it (`rdbchecksum`).
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the bytes, in order; they are valid during the call only.
  public init(
    _ form: RDBForm, compresses: Bool = true, writesChecksum: Bool = true,
    capacity: Int = 1 << 18, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    self.form = form
    self.writesChecksum = writesChecksum
    packer = compresses ? LZFCompressor() : nil
    output = ByteWriter(capacity: capacity) { [checksum] bytes in
      if writesChecksum { checksum.value = CRC64.update(checksum.value, bytes) }
      drain(bytes)
    }
  }

  // MARK: a file

  /// Writes the magic and the version.
  public mutating func begin() { output.write(text: form.magic) }

  /// Writes a field of the file about itself, where the server's version has any.
  public mutating func field(_ name: String, _ value: String) {
    guard form.hasFields else { return }
    output.write(RDBOpcode.aux)
    string(text: name)
    string(text: value)
  }

  /// Writes a function library.
  public mutating func function(_ code: [UInt8]) {
    output.write(RDBOpcode.function)
    code.withUnsafeBytes { string($0) }
  }

  /// Begins a database.
  ///
  /// - Parameters:
  ///   - keyCount: how many keys follow.
  ///   - expiryCount: how many of them expire.
  public mutating func database(_ number: Int, keyCount: Int, expiryCount: Int) {
    output.write(RDBOpcode.selectDatabase)
    length(number)
    guard form.hasFields else { return }
    output.write(RDBOpcode.resizeDatabase)
    length(keyCount)
    length(expiryCount)
  }

  /// Begins a key; the body of its value must follow.
  ///
  /// - Parameters:
  ///   - type: a type that the server takes.
  ///   - expireAtMs: Unix milliseconds; `nil` for never. Servers before 2.6 know seconds only: they
  ///     get the next second, and none where 32 bits do not hold it.
  /// - Returns: false where the expiry could not be written.
  @discardableResult
  public mutating func key(
    _ key: UnsafeRawBufferPointer, type: UInt8, expireAtMs: Int64?
  ) -> Bool {
    let isWhole = expireAtMs.map { expiry($0) } ?? true
    output.write(type)
    string(key)
    return isWhole
  }

  private mutating func expiry(_ milliseconds: Int64) -> Bool {
    if form.hasMilliseconds {
      output.write(RDBOpcode.expireMilliseconds)
      integer(milliseconds)
      return true
    }
    let seconds = milliseconds / 1000 + (milliseconds % 1000 > 0 ? 1 : 0)
    guard let stated = Int32(exactly: seconds) else { return false }
    output.write(RDBOpcode.expireSeconds)
    withUnsafeBytes(of: stated.littleEndian) { output.write($0) }
    return true
  }

  /// Writes the end and hands everything to `drain`.
  public mutating func finish() {
    output.write(RDBOpcode.end)
    output.flush()
    guard form.hasChecksum else { return }
    integer(Int64(bitPattern: checksum.value))
    output.flush()
  }

  // MARK: a payload

  /// Begins the payload of a value of `type`.
  public mutating func beginPayload(type: UInt8) { output.write(type) }

  /// Writes the footer and hands everything to `drain`.
  public mutating func finishPayload() {
    withUnsafeBytes(of: UInt16(truncatingIfNeeded: form.version).littleEndian) { output.write($0) }
    output.flush()
    integer(Int64(bitPattern: checksum.value))
    output.flush()
  }
}
