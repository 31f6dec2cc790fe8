import RedisModel

/// The type of a value, with the number that DEBUG DIGEST gives it.
public enum ValueType: UInt8, Sendable {
  /// In the order of their numbers.
  case string, list, set, zset, hash, module, stream

  /// The word that TYPE answers; modules answer with their type's own name.
  public var name: StaticString {
    switch self {
    case .string: "string"
    case .list: "list"
    case .set: "set"
    case .zset: "zset"
    case .hash: "hash"
    case .module: "module"
    case .stream: "stream"
    }
  }
}

/// How a value is kept.
enum ValueForm: UInt8 {
  /// A string that is the canonical text of a 64-bit integer: the word is the integer.
  case integer
  /// A short string within its key's cell: the word is its count.
  case embedded
  /// A string in a block of its own (`RawString`).
  case raw
  /// A list in one `PackedList`.
  case packedList
  /// A list in a `BlockList`.
  case blockList
  /// A set of integers in one `IntegerSet`.
  case integerSet
  /// A set in one `PackedList`.
  case packedSet
  /// A set in a `CellTable` of `MemberCell`.
  case tableSet
  /// A sorted set in one `PackedList`, ordered.
  case packedZset
  /// A sorted set in a `RankedSet`.
  case rankedZset
  /// A hash in one `PackedList`.
  case packedHash
  /// A hash in a `FieldTable`.
  case tableHash
  /// A stream (`StreamValue`).
  case stream
  /// A vector set (`VectorSet`), which servers keep as a module does.
  case vectorSet
  /// The value of a module that is not known here (`ModuleRecord`).
  case module
  /// An array of Redis 8.8, whose commands are not known here (`ModuleRecord`).
  case array

  /// The type that clients see.
  @inline(__always)
  var type: ValueType {
    switch self {
    case .integer, .embedded, .raw: .string
    case .packedList, .blockList: .list
    case .integerSet, .packedSet, .tableSet: .set
    case .packedZset, .rankedZset: .zset
    case .packedHash, .tableHash: .hash
    case .stream: .stream
    case .vectorSet, .module, .array: .module
    }
  }
}

/// A value that stands by itself: its form, and an integer or an address.
struct Value: BitwiseCopyable {
  /// How it is kept; never `embedded`.
  var form: ValueForm
  /// What the form says.
  var word: UInt64

  /// A value at an address.
  @inline(__always)
  init(_ form: ValueForm, _ address: UnsafeMutableRawPointer) {
    self.form = form
    word = UInt64(UInt(bitPattern: address))
  }

  /// A value of any form.
  @inline(__always)
  init(form: ValueForm, word: UInt64) {
    self.form = form
    self.word = word
  }

  /// Where the value lies; not for integers and embedded strings.
  @inline(__always)
  var address: UnsafeMutableRawPointer {
    guard let address = UnsafeMutableRawPointer(bitPattern: UInt(word)) else {
      preconditionFailure("a value of form \(form) has no address")
    }
    return address
  }
}
