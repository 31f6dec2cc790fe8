import ByteKit
import RDB
import RedisModel

/// A stream in the making: its commands, until its groups have said which entries they refer to.
struct HeldStream: ~Copyable {
  /// The bytes of a record of `index`: id, then where its command begins.
  static let indexStride = 24
  /// The bytes of a record of `gone`: id.
  static let goneStride = 16

  /// The `XADD` commands of the live entries.
  var entries = HeldText()
  /// The commands of groups, pending entries and idempotent producers.
  var groups = HeldText()
  /// What the stream says of itself, once it has.
  var metadata: StreamMetadata?
  /// The name of the group that is being read.
  var groupName: [UInt8] = []
  /// The name of the producer that is being read.
  var producerName: [UInt8] = []
  /// Whether an entry without owner was seen.
  var hasNack = false
  /// Whether producers, counters or settings other than the default were seen.
  var hasIDMP = false
  private var index = SpillArena()
  private var gone = SpillArena()

  /// Holds nothing.
  init() {}

  /// The `errno` of a temporary file that could not be made or grown.
  var failure: Int32? {
    entries.failure ?? groups.failure ?? index.failure ?? gone.failure
  }

  /// Whether there is something that only a payload carries exactly.
  var wantsPayload: Bool { hasNack || hasIDMP }

  /// Live entries held.
  var length: Int { index.count / Self.indexStride }

  /// Forgets the stream before this one.
  mutating func begin() {
    entries.clear()
    groups.clear()
    if index.failure == nil { index.removeAll() }
    if gone.failure == nil { gone.removeAll() }
    metadata = nil
    hasNack = false
    hasIDMP = false
  }

  /// The next command in `entries` makes the entry `id`; ids ascend.
  mutating func addEntry(_ id: StreamID) {
    index.append(value: id.milliseconds)
    index.append(value: id.sequence)
    index.append(value: entries.byteCount)
  }

  /// The id of the live entry at `position`.
  func entryID(_ position: Int) -> StreamID {
    Self.loadID(index, at: position * Self.indexStride)
  }

  /// The live entries from `position` up to the first that is not below `id`, as a range of
  /// positions.
  func entries(from position: Int, below id: StreamID) -> Range<Int> {
    var low = position
    var high = length
    while low < high {
      let middle = low + (high - low) / 2
      if entryID(middle) < id { low = middle + 1 } else { high = middle }
    }
    return position..<low
  }

  /// Notes a pending id, which may be gone from the stream.
  mutating func addPending(_ id: StreamID) {
    let position = entries(from: 0, below: id).upperBound
    if position < length, entryID(position) == id { return }
    gone.append(value: id.milliseconds)
    gone.append(value: id.sequence)
  }

  /// The pending ids that are gone from the stream, ascending, each once.
  func goneIDs() -> [StreamID] {
    var ids = (0..<gone.count / Self.goneStride).map {
      Self.loadID(gone, at: $0 * Self.goneStride)
    }
    ids.sort()
    var kept = 0
    for id in ids where kept == 0 || ids[kept - 1] != id {
      ids[kept] = id
      kept += 1
    }
    ids.removeLast(ids.count - kept)
    return ids
  }

  /// Writes the commands of the live entries at `positions`.
  mutating func writeEntries(_ positions: Range<Int>, to target: inout ByteWriter) {
    let start = offset(of: positions.lowerBound)
    entries.copy(start..<max(start, offset(of: positions.upperBound)), to: &target)
  }

  private func offset(of position: Int) -> Int {
    guard position < length else { return entries.byteCount }
    return index.load(Int.self, at: position * Self.indexStride + 16)
  }

  private static func loadID(_ arena: borrowing SpillArena, at offset: Int) -> StreamID {
    StreamID(
      milliseconds: arena.load(UInt64.self, at: offset),
      sequence: arena.load(UInt64.self, at: offset + 8))
  }
}
