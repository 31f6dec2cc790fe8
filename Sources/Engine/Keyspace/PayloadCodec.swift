/// Reads DUMP payloads, for an engine that knows no wire format.
public protocol PayloadCodec {
  /// Reads a payload into `loader`.
  ///
  /// - Returns: false where the payload is not whole and sound, or of a version that the engine's
  ///   target does not take.
  func read(_ payload: Bytes, into loader: inout ValueLoader) -> PayloadOutcome
}

/// What became of a payload.
public enum PayloadOutcome: Sendable {
  /// The loader has the value.
  case loaded
  /// The loader has the value, but only its module knows what it means: which value.
  case kept(String)
  /// The version is newer than the server's, or the checksum is not that of the bytes.
  case wrongVersionOrChecksum
  /// The bytes are no value.
  case badFormat
  /// The value is sound, but of a type that the engine does not keep: which.
  case unsupported(String)
}
