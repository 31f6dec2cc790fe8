import RDB

/// Gathers the facts of one chunk; values are passed over.
public struct FactsHandler: RDBChunkHandler {
  /// The type byte of module values that say whose they are.
  private static let moduleByte: UInt8 = 7

  /// What has been gathered so far.
  public private(set) var facts = SnapshotFacts()

  /// Nothing yet.
  public init() {}

  /// Takes the facts of a record that is no key.
  public mutating func record(_ record: RDBRecord, offset: Int) { facts.add(record) }

  /// Counts the key; of a module's value only the name is looked at.
  public mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    if header.type.byte == Self.moduleByte {
      var sink = ModuleNameSink()
      try reader.readValue(into: &sink)
      if let name = sink.name { facts.addValue(of: name) }
    } else {
      _ = try reader.skipValue()
    }
    facts.add(header, valueByteCount: reader.input.offset &- header.valueOffset)
  }
}

/// Learns whose a module value is.
private struct ModuleNameSink: ValueSink {
  var name: ModuleName?

  mutating func module(name: ModuleName, version: Int) { self.name = name }
}

extension SnapshotFacts {
  /// Adds what the handler of the next chunk has gathered.
  public mutating func append(_ handler: FactsHandler) { append(handler.facts) }
}
