import RDB

/// The keys with the greatest of some measure, in falling order; of equal ones, those that come
/// first in the file.
public struct LargestKeys: Sendable {
  /// One of them.
  public struct Entry: Equatable, Sendable {
    /// What counts.
    public var measure: Int
    /// The database.
    public var database: Int
    /// The key's bytes.
    public var key: [UInt8]
    /// What a client sees.
    public var kind: RDBValueKind
    /// The elements of its value.
    public var elements: Int
    /// The bytes of its value in the file.
    public var byteCount: Int
    /// Where its record begins.
    public var offset: Int
    /// Which of several files it is in, from 0.
    public var fileIndex = 0
  }

  /// At most so many are kept, whatever a user asks for.
  public static let countMax = 100_000

  /// The keys, the greatest first.
  public private(set) var entries: [Entry] = []
  /// How many are kept.
  public let capacity: Int
  /// A key must measure more than this to come in.
  @usableFromInline var threshold: Int

  /// Keeps up to `capacity` keys, 0…`countMax`.
  public init(capacity: Int) {
    self.capacity = min(max(capacity, 0), Self.countMax)
    threshold = self.capacity == 0 ? .max : -1
  }

  /// Whether a key of this measure comes in.
  @inlinable
  public func wants(_ measure: Int) -> Bool { measure > threshold }

  /// Puts a key in, behind those that measure as much.
  ///
  /// - Complexity: O(`capacity`), and seldom called: the threshold rises quickly.
  public mutating func insert(_ entry: Entry) {
    guard wants(entry.measure) else { return }
    if entries.count == capacity { entries.removeLast() }
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].measure >= entry.measure { low = middle + 1 } else { high = middle }
    }
    entries.insert(entry, at: low)
    if entries.count == capacity, let last = entries.last { threshold = last.measure }
  }

  /// Adds the keys of what comes later in the file, or of a later file.
  public mutating func merge(_ later: LargestKeys, fileIndex: Int = 0) {
    for var entry in later.entries {
      entry.fileIndex += fileIndex
      insert(entry)
    }
  }
}
