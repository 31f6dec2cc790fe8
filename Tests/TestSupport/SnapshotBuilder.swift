/// Builds small snapshots for tests, byte by byte, in the plainest encodings.
public struct SnapshotBuilder: Sendable {
  /// The bytes so far.
  public private(set) var bytes: [UInt8]

  /// A snapshot with the given magic and version, `REDIS0011` by default.
  public init(_ magic: String = "REDIS0011") { bytes = Array(magic.utf8) }

  /// Appends bytes as they are.
  public mutating func raw(_ more: some Sequence<UInt8>) { bytes += more }

  /// Chooses a database, below 64.
  public mutating func select(_ database: UInt8) { bytes += [254, database] }

  /// An AUX field.
  public mutating func aux(_ name: String, _ value: String) {
    bytes.append(250)
    string(name.utf8)
    string(value.utf8)
  }

  /// A string of fewer than 16384 bytes.
  public mutating func string(_ text: some Collection<UInt8>) {
    if text.count < 64 {
      bytes.append(UInt8(text.count))
    } else {
      bytes += [0x40 | UInt8(text.count >> 8), UInt8(text.count & 255)]
    }
    bytes += text
  }

  /// A string key.
  public mutating func key(_ name: String, _ value: String, expireAtMs: Int64? = nil) {
    expiry(expireAtMs)
    bytes.append(0)
    string(name.utf8)
    string(value.utf8)
  }

  /// A list key (type 1) of fewer than 64 elements.
  public mutating func list(_ name: String, _ elements: [String], expireAtMs: Int64? = nil) {
    expiry(expireAtMs)
    bytes.append(1)
    string(name.utf8)
    bytes.append(UInt8(elements.count))
    for element in elements { string(element.utf8) }
  }

  private mutating func expiry(_ expireAtMs: Int64?) {
    guard let expireAtMs else { return }
    bytes.append(252)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: expireAtMs >> Int64(shift)))
    }
  }

  /// The whole snapshot, its checksum switched off.
  public var finished: [UInt8] { bytes + [255] + [UInt8](repeating: 0, count: 8) }
}
