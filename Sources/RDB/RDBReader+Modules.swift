import ByteKit
import RedisCodecs

/// Modules' values, AUX data and key metadata: framed streams of opcodes that describe themselves.
extension RDBReader {
  /// Type 7: `len` id, then a framed stream.
  mutating func readModule<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let name = ModuleName(id: try readLength())
    sink.module(name: name, version: name.version)
    try readModuleParts(of: name, into: &sink)
  }

  /// Type 6 of the 4.0 candidates has no frames: where it ends only the module knows.
  mutating func refusePreReleaseModule() throws(RDBError) -> Never {
    let offset = input.offset
    let name = ModuleName(id: try readLength())
    throw RDBError(
      .unsupported, at: offset,
      "a value of module '\(name)' in the form of the Redis 4.0 release candidates (type 6), "
        + "whose length only the module knows; load it with Redis 4.0–7.0 and that module, "
        + "and save again"
    )
  }

  /// Opcodes up to the end mark: 0 end, 1 signed, 2 unsigned, 3 float, 4 double, 5 string.
  mutating func readModuleParts<S: ValueSink & ~Copyable>(
    of name: ModuleName, into sink: inout S
  ) throws(RDBError) {
    while true {
      let offset = input.offset
      switch try readLength() {
      case 0: return
      case 1: sink.modulePart(.signed(Int64(bitPattern: try readLength())))
      case 2: sink.modulePart(.unsigned(try readLength()))
      case 3: sink.modulePart(.float(Float(bitPattern: try readUInt32())))
      case 4: sink.modulePart(.double(try readDouble()))
      case 5:
        sink.modulePart(.string(element(try readString())))
      case let other:
        throw RDBError(
          .record, at: offset, "opcode \(other) in the data of module '\(name)'; 0 to 5 exist")
      }
      if sink.isStopped { throw RDBError(.stopped, at: offset, "stopped") }
    }
  }

  /// Opcode 243: `len` classes, each a 32-bit spec and a framed stream; directly before the type.
  ///
  /// The spec's bits: 31…8 four characters of six bits, 7…3 version, 2…0 flags.
  mutating func readKeyMetadata() throws(RDBError) -> [KeyMetadata] {
    let offset = input.offset
    let count = try readLength()
    guard count <= UInt64(RDBLimits.metadataClassesMax) else {
      throw RDBError(
        .record, at: offset,
        "key meta class count \(count); at most \(RDBLimits.metadataClassesMax) classes exist")
    }
    if count == 0 { note(.record, at: offset, "key meta class count 0; writers leave it out") }
    var classes: [KeyMetadata] = []
    for _ in 0..<count { classes.append(try readMetadataClass()) }
    try need(1)
    let next = input.cursor.load(as: UInt8.self)
    guard RDBType.isKnown(next, family) else {
      throw RDBError(
        .record, at: input.offset,
        "key meta not followed by a value type, but by \(next); it must stand directly before it")
    }
    return classes
  }

  private mutating func readMetadataClass() throws(RDBError) -> KeyMetadata {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".utf8)
    let spec = try readUInt32()
    let name = (0..<4).map { alphabet[Int(spec >> UInt32(26 - 6 * $0)) & 63] }
    var parts = ModulePartCollector()
    try readModuleParts(of: ModuleName(id: 0), into: &parts)
    return KeyMetadata(
      className: String(decoding: name, as: UTF8.self), version: Int(spec >> 3 & 31),
      flags: Int(spec & 7), parts: parts.parts)
  }
}

/// Keeps the parts of a framed stream.
struct ModulePartCollector: ValueSink {
  var parts: [OwnedModulePart] = []

  mutating func modulePart(_ part: ModulePart) {
    switch part {
    case .signed(let value): parts.append(.signed(value))
    case .unsigned(let value): parts.append(.unsigned(value))
    case .float(let value): parts.append(.float(value))
    case .double(let value): parts.append(.double(value))
    case .string(let value): parts.append(.string(value.bytes))
    }
  }
}
