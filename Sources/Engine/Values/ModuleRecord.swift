import RedisCodecs

/// One part of what a module wrote of a value.
enum ModuleRecordPart {
  /// A signed integer.
  case signed(Int64)
  /// An unsigned integer.
  case unsigned(UInt64)
  /// The bits of a binary32.
  case float(UInt32)
  /// The bits of a binary64.
  case double(UInt64)
  /// A string.
  case string(Bytes)
}

/// The value of a module that is not known here: the parts of its record, so that it can be written
/// out again. A `RawString` of
///
///     u64 module id, then for each part: u8 opcode, 8 bytes, for strings: bytes
///
/// with the opcodes of snapshots (1 to 5); the 8 bytes hold the number, or the string's count.
struct ModuleRecord: BitwiseCopyable {
  private static let headerByteCount = 8
  private static let partByteCount = 9

  /// The record.
  let bytes: Bytes

  /// The record that a value has.
  init(_ value: Value) { bytes = Bytes(RawString(at: value.address).bytes) }

  /// The record in `bytes`, which `begin` and `append` made.
  init(_ bytes: Bytes) { self.bytes = bytes }

  /// The id of the module's type.
  var id: UInt64 { bytes.loadUnaligned(as: UInt64.self) }

  /// The id under which an array of Redis 8.8 is kept, which is no module's: whether it has an
  /// insertion cursor (0 or 1), the cursor, then of each element its index, its tag and its text.
  static let arrayID: UInt64 = 0

  /// The nine characters of the type's name, which stand in the id's high bits.
  var name: String { id == Self.arrayID ? "array" : Self.name(id) }

  /// The name within an id.
  static func name(_ id: UInt64) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    return String(
      decoding: (0..<9).map { alphabet[Int(id >> UInt64(58 - 6 * $0)) & 63] }, as: UTF8.self)
  }

  /// Calls `body` with each part, in order, until it says false.
  func forEach(_ body: (ModuleRecordPart) -> Bool) {
    var offset = Self.headerByteCount
    while let part = part(&offset) {
      if !body(part) { return }
    }
  }

  /// The part at `offset`, which moves behind it; `nil` at the end.
  func part(_ offset: inout Int) -> ModuleRecordPart? {
    guard offset + Self.partByteCount <= bytes.count else { return nil }
    let opcode = bytes[offset]
    let word = bytes.loadUnaligned(fromByteOffset: offset + 1, as: UInt64.self)
    offset += Self.partByteCount
    switch opcode {
    case 1: return .signed(Int64(bitPattern: word))
    case 2: return .unsigned(word)
    case 3: return .float(UInt32(truncatingIfNeeded: word))
    case 4: return .double(word)
    default:
      let start = offset
      offset += Int(word)
      return .string(bytes.part(start..<offset))
    }
  }

  /// Where the first part stands.
  static var firstOffset: Int { headerByteCount }

  // MARK: making

  /// Begins a record.
  static func begin(_ id: UInt64, _ record: inout [UInt8]) {
    record.removeAll(keepingCapacity: true)
    withUnsafeBytes(of: id) { record.append(contentsOf: $0) }
  }

  /// Adds a part to a record.
  static func append(_ part: ModuleRecordPart, _ record: inout [UInt8]) {
    let (opcode, word): (UInt8, UInt64) =
      switch part {
      case .signed(let value): (1, UInt64(bitPattern: value))
      case .unsigned(let value): (2, value)
      case .float(let bits): (3, UInt64(bits))
      case .double(let bits): (4, bits)
      case .string(let text): (5, UInt64(text.count))
      }
    record.append(opcode)
    withUnsafeBytes(of: word) { record.append(contentsOf: $0) }
    if case .string(let text) = part { record.append(contentsOf: text) }
  }
}
