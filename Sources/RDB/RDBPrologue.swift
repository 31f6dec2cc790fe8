import ByteKit
import RedisCodecs
import RedisModel

/// What a snapshot says of itself before its first key, read ahead of a pass: how to understand the
/// rest can depend on who wrote it.
public struct RDBPrologue: Sendable {
  /// One AUX field.
  public struct Field: Sendable {
    /// The field's name.
    public var name: [UInt8]
    /// What it says.
    public var value: [UInt8]
  }

  /// A prologue that is longer is read up to here.
  static let byteCountMax = 16 << 20
  /// The window that it is read through.
  private static let windowByteCount = 16 << 10

  /// The magic and its framing.
  public var opening: RDBOpening
  /// The AUX fields before the first key, in file order.
  public var fields: [Field] = []
  /// Where the first record stands.
  let start: RDBReader.Checkpoint

  /// The value of the first field called `name`.
  public func field(_ name: String) -> String? {
    let bytes = Array(name.utf8)
    return fields.first { $0.name == bytes }.map { String(decoding: $0.value, as: UTF8.self) }
  }

  /// The server that wrote the file; a file that does not say counts as the newest release that
  /// writes its version.
  public var writer: ServerVersion {
    for name in ["valkey-ver", "redis-ver"] {
      if let value = field(name), let version = ServerVersion(auxName: name, value: value) {
        return version
      }
    }
    let product: ServerVersion.Product = opening.family == .valkey ? .valkey : .redis
    let known = min(opening.version, opening.family.newestVersion)
    return ServerVersion.newestWriter(ofRDBVersion: known, product: product)
      ?? (product == .valkey ? ServerVersion(.valkey, 9, 1, 2) : ServerVersion(.redis, 8, 10, 0))
  }

  /// Reads the opening and the records before the first key; those alone that `source` has whole.
  ///
  /// - Throws: where no snapshot begins there.
  public static func read(_ source: any ByteSource) throws(RDBError) -> RDBPrologue {
    var input = ByteInput(source, windowByteCount: windowByteCount)
    let opening = try RDBOpening.read(&input)
    let start = RDBReader.Checkpoint(
      offset: input.offset, database: 0, templates: HashTemplates(), family: opening.family,
      version: opening.version)
    var prologue = RDBPrologue(opening: opening, start: start)
    input.elementByteCountMax = byteCountMax
    var reader = RDBReader(resuming: start, input: input)
    while reader.input.offset - start.offset < byteCountMax {
      // Damage among these records is found again, and reported, by the pass itself.
      guard let record = try? reader.next() else { break }
      if case .key = record { break }
      if case .end = record { break }
      if case .aux(let name, let value) = record {
        prologue.fields.append(Field(name: name.bytes, value: value.bytes))
      }
    }
    return prologue
  }
}
