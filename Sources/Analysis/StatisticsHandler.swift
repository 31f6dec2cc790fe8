import RDB

/// Counts the selected keys of one chunk.
public struct StatisticsHandler: RDBChunkHandler {
  /// What has been counted so far.
  public private(set) var statistics: SnapshotStatistics
  private let gate: KeyGate

  /// Counts the keys that pass `gate` into a copy of `empty`.
  public init(_ empty: SnapshotStatistics, _ gate: KeyGate) {
    statistics = empty
    self.gate = gate
  }

  /// Nothing is counted of records that are no keys.
  public mutating func record(_ record: RDBRecord, offset: Int) {}

  /// Passes over the value and counts the key.
  public mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    let decision = try gate.decide(header)
    let summary = try reader.skipValue()
    switch decision {
    case .no: return
    case .yes: break
    case .undecided:
      guard gate.accepts(elements: summary.elements, byteCount: summary.byteCount) else { return }
    }
    statistics.add(header, summary, endOffset: reader.input.offset)
    try gate.keyPassed(reader.input.offset)
  }
}
