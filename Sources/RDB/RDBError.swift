import ByteKit
import RedisCodecs

/// Why a snapshot could not be read on, or which rule of the format it breaks.
public struct RDBError: Error, Equatable, Sendable {
  /// The causes that callers tell apart; the raw value is the finding's id.
  public enum Kind: String, Sendable {
    /// The system refused to give the bytes: no verdict on the data.
    case unreadable = "rdb-unreadable"
    /// A pass on a guess does not take an element of this size.
    case limited = "rdb-limited"
    /// Something that was to be checked later is unsound; a pass that puts nothing off says what.
    case deferred = "rdb-deferred"
    /// The sink asked to stop.
    case stopped = "rdb-stopped"
    /// No snapshot begins here.
    case notASnapshot = "rdb-magic"
    /// A format version that is not known.
    case unknownVersion = "rdb-version"
    /// A type or opcode that is not known.
    case unknownType = "rdb-type"
    /// A type or opcode that is known and cannot be read: pre-release modules, vendors' own.
    case unsupported = "rdb-unsupported"
    /// The data ends before what it promises.
    case truncated = "rdb-truncated"
    /// The gzip layer is damaged.
    case damagedGzip = "rdb-gzip"
    /// The checksum in the footer is not that of the bytes.
    case checksum = "rdb-checksum"
    /// A length or string encoding that does not exist.
    case encoding = "rdb-encoding"
    /// A count or size that the bytes left cannot hold.
    case count = "rdb-count"
    /// An LZF stream that does not unpack as stated.
    case lzf = "rdb-lzf"
    /// A damaged ziplist, listpack, intset or zipmap.
    case blob = "rdb-blob"
    /// A value that breaks a rule of its type.
    case value = "rdb-value"
    /// A key, member or field that stands twice.
    case duplicate = "rdb-duplicate"
    /// A stream or consumer group whose parts disagree.
    case stream = "rdb-stream"
    /// An attribute, AUX field, module or slot record that breaks its rule.
    case record = "rdb-record"
    /// Bytes after the end.
    case trailing = "rdb-trailing"
    /// The target server would not load it.
    case target = "rdb-target"
  }

  /// The cause.
  public let kind: Kind
  /// The absolute offset in the (unpacked) input.
  public let offset: Int
  /// What was found and what was expected.
  public let message: String

  /// An error of `kind` at `offset`.
  @inline(never)
  public init(_ kind: Kind, at offset: Int, _ message: String) {
    self.kind = kind
    self.offset = offset
    self.message = message
  }

  /// The same for what the input threw.
  @inline(never)
  public init(_ error: InputError) {
    switch error.kind {
    case .system: kind = .unreadable
    case .limited: kind = .limited
    case .truncated: kind = .truncated
    case .damagedGzip: kind = .damagedGzip
    }
    offset = error.offset
    message = error.message
  }

  /// The same for what a codec threw about a blob.
  @inline(never)
  init(_ error: CodecError, in blob: Blob) {
    switch error.structure {
    case .lzf: kind = .lzf
    case .stream: kind = .stream
    default: kind = .blob
    }
    let name = error.structure == .lzf ? "LZF string" : error.structure.rawValue
    if blob.isCompressed && error.structure != .lzf {
      offset = blob.offset
      message = "\(name) (byte \(error.offset) once unpacked): \(error.message)"
    } else {
      offset = blob.offset + error.offset
      message = "\(name): \(error.message)"
    }
  }

  /// What the reader was doing when an error came up.
  public enum Phase: String, Sendable {
    case header = "the header"
    case record = "a record's first byte"
    case opcode = "an opcode's data"
    case key = "a key"
    case value = "a value"
    case checksum = "the checksum"
  }
}

/// A string of the file that holds an encoded structure, and where it stands.
struct Blob {
  /// The bytes, unpacked.
  var bytes: UnsafeRawBufferPointer
  /// Where its first stored byte stands.
  var offset: Int
  /// Whether LZF was in between, so that offsets within it have no place in the file.
  var isCompressed: Bool
}
