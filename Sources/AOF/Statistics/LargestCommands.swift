/// The commands with the most bytes, in falling order; of equal ones, those that come first.
public struct LargestCommands: Sendable {
  /// One of them.
  public struct Entry: Equatable, Sendable {
    /// The file, counted from 0 in the order in which they were read.
    public var fileIndex: Int
    /// Where its `*` stands.
    public var offset: Int
    /// Its number among the commands.
    public var index: Int
    /// Its bytes.
    public var byteCount: Int
    /// Its name as it is written.
    public var name: [UInt8]
    /// How many arguments it has, its name included.
    public var argumentCount: Int
    /// Its first key; of a long one the first 256 bytes; `nil` where it has none.
    public var key: [UInt8]?
    /// The database.
    public var database: Int
    /// The last `#TS:` before it.
    public var timestamp: Int64?
  }

  /// At most so many are kept, whatever a user asks for.
  public static let countMax = 10_000

  /// The commands, the largest first.
  public private(set) var entries: [Entry] = []
  private let capacity: Int
  private var threshold: Int

  /// Keeps up to `capacity` commands, 0…`countMax`.
  init(capacity: Int) {
    self.capacity = min(max(capacity, 0), Self.countMax)
    threshold = self.capacity == 0 ? .max : -1
  }

  /// Whether a command of so many bytes comes in.
  @inline(__always)
  func wants(_ byteCount: Int) -> Bool { byteCount > threshold }

  /// Puts a command in, behind those of the same size.
  mutating func insert(_ entry: Entry) {
    if entries.count == capacity { entries.removeLast() }
    let place = entries.firstIndex { $0.byteCount < entry.byteCount } ?? entries.count
    entries.insert(entry, at: place)
    if entries.count == capacity, let last = entries.last { threshold = last.byteCount }
  }
}
