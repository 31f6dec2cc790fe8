import ByteKit
import RESP

/// One record of an append-only file. What it points to is borrowed until the reader goes on.
public enum AOFRecord {
  /// A command.
  case command(AOFCommand)
  /// A line that begins with `#`.
  case annotation(AOFAnnotation)
}

/// What servers take although it is not what they write.
///
/// The first group is about the bytes, the second about the order of commands, the third about a
/// SELECT. Whether a given server takes it is for a check to say.
public struct AOFOddities: OptionSet, Sendable {
  /// One bit each.
  public let rawValue: UInt16

  /// The oddities of these bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// A number's line ends in LF alone.
  public static let bareLineFeed = AOFOddities(rawValue: 1 << 0)
  /// Other text stands between a number and the end of its line.
  public static let textAfterNumber = AOFOddities(rawValue: 1 << 1)
  /// A number with spaces, a sign or zeros in front, or an empty one that counts as 0.
  public static let looseNumber = AOFOddities(rawValue: 1 << 2)
  /// Two other bytes stand where CR LF should follow an argument.
  public static let wrongLineEnd = AOFOddities(rawValue: 1 << 3)

  /// A MULTI within a transaction: answered by an error, the transaction goes on.
  public static let nestedMulti = AOFOddities(rawValue: 1 << 4)
  /// An EXEC without a MULTI: answered by an error.
  public static let execWithoutMulti = AOFOddities(rawValue: 1 << 5)
  /// A DISCARD within a transaction: it is queued and ends nothing.
  public static let discardInMulti = AOFOddities(rawValue: 1 << 6)
  /// A WATCH within a transaction: answered by an error, or worse.
  public static let watchInMulti = AOFOddities(rawValue: 1 << 7)

  /// A SELECT without exactly one number from 0 up: the database stays.
  public static let badSelect = AOFOddities(rawValue: 1 << 8)

  /// A line with a number is longer than servers before Redis 7.0 take.
  public static let longNumberLine = AOFOddities(rawValue: 1 << 9)

  /// Those that are about bytes.
  public static let ofForm: AOFOddities = [
    .bareLineFeed, .textAfterNumber, .looseNumber, .wrongLineEnd, .longNumberLine,
  ]
}

/// A command and where it stands.
public struct AOFCommand {
  /// Where its `*` stands.
  public let offset: Int
  /// From there to behind its last byte.
  public let byteCount: Int
  /// Its number among the commands, from 1.
  public let index: Int
  /// The line of its `*`, from 1, where each number and each argument is one line, as
  /// redis-check-aof counts.
  public let line: Int
  /// The database that it works on; for a SELECT the one that it chooses.
  public let database: Int
  /// The number of the transaction that it belongs to, MULTI and EXEC included, from 1; `nil`
  /// outside.
  public let transaction: Int?
  /// The last `#TS:` before it, Unix seconds.
  public let timestamp: Int64?
  /// What is odd about it.
  public let oddities: AOFOddities
  /// How many arguments it has, its name included; at least 1.
  public let argumentCount: Int
  /// How many of them are at hand: all, unless the reader was told to keep only the front.
  public let heldCount: Int

  let base: UnsafeRawPointer
  let spans: UnsafePointer<RequestSpans.Span>

  /// Whether all of its bytes are at hand.
  public var isWhole: Bool { heldCount == argumentCount }

  /// The bytes of the argument at `index`, which is below `heldCount`; 0 is the name.
  public subscript(index: Int) -> UnsafeRawBufferPointer {
    let span = spans[index]
    return UnsafeRawBufferPointer(start: base + span.offset, count: span.count)
  }

  /// The name as it is written; empty where even that is not at hand.
  public var name: UnsafeRawBufferPointer {
    heldCount > 0 ? self[0] : UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The record as it stands in the file; all of it only if `isWhole`.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base, count: byteCount)
  }

  /// Whether the argument at `index` is `word`, letters in either case.
  ///
  /// - Parameter word: in upper case.
  public func isArgument(_ index: Int, _ word: StaticString) -> Bool {
    index < heldCount && ASCIIWord.matches(self[index], word)
  }
}

/// A line that begins with `#`, and where it stands.
public struct AOFAnnotation {
  /// Where its `#` stands.
  public let offset: Int
  /// From there to behind its line end.
  public let byteCount: Int
  /// Its line, from 1.
  public let line: Int
  /// What stands between `#` and the line's end.
  public let text: UnsafeRawBufferPointer
  /// The Unix seconds of a whole `#TS:`.
  public let timestamp: Int64?
  /// Whether the file ends within it.
  public let isCut: Bool
}

/// Words of commands: ASCII, letters in either case.
enum ASCIIWord {
  /// Whether `bytes` are `word`, which is in upper case.
  static func matches(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    guard bytes.count == word.utf8CodeUnitCount else { return false }
    for index in bytes.indices {
      let byte = bytes[index]
      let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      if (isLower ? byte &- 32 : byte) != word.utf8Start[index] { return false }
    }
    return true
  }
}
