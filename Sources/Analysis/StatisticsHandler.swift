import RDB

/// Counts the keys of one chunk.
public struct StatisticsHandler: RDBChunkHandler {
  /// What has been counted so far.
  public private(set) var statistics: SnapshotStatistics

  /// Counts into a copy of `empty`.
  public init(_ empty: SnapshotStatistics) { statistics = empty }

  /// Nothing is counted of records that are no keys.
  public mutating func record(_ record: RDBRecord, offset: Int) {}

  /// Passes over the value and counts the key.
  public mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    let summary = try reader.skipValue()
    statistics.add(header, summary, endOffset: reader.input.offset)
  }
}
