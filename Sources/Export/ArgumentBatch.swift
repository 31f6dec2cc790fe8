import ByteKit
import RedisCodecs
import RedisModel

/// The arguments of one command in the making, as bulk strings, until their number is known.
///
/// The room is fixed: what does not fit goes out in a command of its own, without being copied
/// here.
struct ArgumentBatch: ~Copyable {
  /// Bytes of arguments in one command.
  static let byteCountMax = 1 << 16
  /// Elements (pairs of a hash, scored members) in one command: a server is busy for well under a
  /// millisecond.
  static let itemCountMax = 1000

  /// Items gathered.
  private(set) var itemCount = 0
  /// Arguments gathered.
  private(set) var argumentCount = 0
  private let start: UnsafeMutableRawPointer
  private var cursor: UnsafeMutableRawPointer

  /// An empty batch.
  init() {
    start = .allocate(byteCount: Self.byteCountMax, alignment: 16)
    cursor = start
  }

  deinit { start.deallocate() }

  /// The arguments as they stand in the command.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: cursor - start)
  }

  /// Whether nothing is gathered.
  var isEmpty: Bool { itemCount == 0 }

  /// Whether an item of arguments with `byteCount` bytes in all can be added.
  @inline(__always)
  func hasRoom(_ byteCount: Int) -> Bool {
    Self.byteCountMax &- (cursor - start) >= byteCount
  }

  /// The most bytes that `element` takes as an argument.
  @inline(__always)
  static func byteCountMax(of element: Element) -> Int {
    (element.start == nil ? DecimalText.byteCountMax : element.count)
      &+ ByteWriter.bulkOverheadMax
  }

  /// An item begins; the caller has asked for room.
  @inline(__always)
  mutating func beginItem() { itemCount &+= 1 }

  /// Adds an argument; there is room.
  @inline(__always)
  mutating func append(_ element: Element) {
    argumentCount &+= 1
    if let source = element.start {
      let bytes = UnsafeRawBufferPointer(start: source, count: element.count)
      cursor = BulkText.write(bytes, to: cursor)
    } else {
      cursor = BulkText.write(decimal: element.integer, to: cursor)
    }
  }

  /// The argument at `offset` within `bytes`, which moves on to the next; `nil` behind the last.
  func argument(at offset: inout Int) -> Element? {
    guard offset < cursor - start else { return nil }
    var count = 0
    offset += 1
    while case let digit = start.load(fromByteOffset: offset, as: UInt8.self) &- 48, digit < 10 {
      count = 10 * count + Int(digit)
      offset += 1
    }
    let text = UnsafeRawPointer(start + (offset + 2))
    offset += count + 4
    return Element(start: text, count: count)
  }

  /// Forgets everything.
  mutating func removeAll() {
    cursor = start
    itemCount = 0
    argumentCount = 0
  }
}

/// The text of a score in a command: it reads back as the same double.
public enum ScoreArgument {
  /// Calls `body` with the text of `score`, which is not NaN, as an element.
  @inline(__always)
  public static func with(_ score: Double, _ body: (Element) -> Void) {
    // Integral values below 2^53 are exact; -0 keeps its sign only as text.
    if score.magnitude < 0x1p53 {
      let integer = Int64(score)
      if Double(integer) == score, integer != 0 || score.sign == .plus {
        return body(Element(integer: integer))
      }
    }
    withUnsafeTemporaryAllocation(byteCount: ScoreText.byteCountMax, alignment: 8) { room in
      guard let start = room.baseAddress else { return }
      let count = ScoreText.fpconv.write(score, to: start)
      body(Element(start: UnsafeRawPointer(start), count: count))
    }
  }
}
