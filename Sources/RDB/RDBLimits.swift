/// What a snapshot may ask of the reader before it has shown the bytes for it.
public enum RDBLimits {
  /// The longest string or largest count × element size that a source of unknown length is
  /// believed.
  public static let streamByteCountMax = 1 << 46
  /// Key metadata has at most so many classes (Redis 8.6).
  public static let metadataClassesMax = 7
  /// Template ids go up to here.
  public static let templateIDMax = 1 << 21
  /// A field's expiry fits 48 bits of milliseconds.
  public static let fieldExpiryMax: UInt64 = 1 << 48 - 1
  /// Errors, and likewise warnings, that are kept; the rest are counted.
  public static let violationsKeptMax = 100
  /// The longest element that a speculative pass takes: a wrong guess must not cost memory.
  public static let speculativeElementByteCountMax = 8 << 20
  /// The longest first line of a replication capture: `$EOF:`, forty digits, CRLF.
  public static let framingByteCountMax = 64
}
