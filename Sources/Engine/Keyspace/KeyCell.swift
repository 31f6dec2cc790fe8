/// A key, what is said of it, and a short string value, in one cell:
///
///     u64 word, u32 info, u32 key count, key, [i64 expiry], [string]
///
/// `info` holds the form in its low byte, and whether there is an expiry in bit 8.
enum KeyCell: CellLayout {
  /// Where the key begins.
  static let keyOffset = 16
  private static let infoOffset = 8
  private static let expiryFlag: UInt32 = 1 << 8
  /// A longer string has a block of its own, so that keys stay cheap to move.
  static let embeddedMax = 4096

  /// The form of the value.
  @inline(__always)
  static func form(of cell: UnsafeMutableRawPointer) -> ValueForm {
    let byte = cell.load(fromByteOffset: infoOffset, as: UInt8.self)
    guard let form = ValueForm(rawValue: byte) else {
      preconditionFailure("a key's cell is overwritten")
    }
    return form
  }

  /// The word of the value: an integer, an address or a count.
  @inline(__always)
  static func word(of cell: UnsafeMutableRawPointer) -> UInt64 { cell.load(as: UInt64.self) }

  /// The value, where it is not embedded.
  @inline(__always)
  static func value(of cell: UnsafeMutableRawPointer) -> Value {
    Value(form: form(of: cell), word: word(of: cell))
  }

  /// Puts another value in the place of one; neither is embedded.
  @inline(__always)
  static func setValue(_ value: Value, of cell: UnsafeMutableRawPointer) {
    cell.storeBytes(of: value.word, as: UInt64.self)
    cell.storeBytes(of: value.form.rawValue, toByteOffset: infoOffset, as: UInt8.self)
  }

  /// Whether the key expires.
  @inline(__always)
  static func hasExpiry(_ cell: UnsafeMutableRawPointer) -> Bool {
    cell.load(fromByteOffset: infoOffset, as: UInt32.self) & expiryFlag != 0
  }

  @inline(__always)
  private static func behindKey(_ cell: UnsafeMutableRawPointer) -> Int {
    keyOffset &+ Int(cell.load(fromByteOffset: 12, as: UInt32.self))
  }

  /// When the key expires, Unix milliseconds; `nil` for never.
  @inline(__always)
  static func expiry(of cell: UnsafeMutableRawPointer) -> Int64? {
    guard hasExpiry(cell) else { return nil }
    return cell.loadUnaligned(fromByteOffset: behindKey(cell), as: Int64.self)
  }

  /// Changes the expiry of a key that has one.
  @inline(__always)
  static func setExpiry(_ expiry: Int64, of cell: UnsafeMutableRawPointer) {
    cell.storeBytes(of: expiry, toByteOffset: behindKey(cell), as: Int64.self)
  }

  /// The bytes of an embedded string.
  @inline(__always)
  static func embedded(_ cell: UnsafeMutableRawPointer) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: cell + (behindKey(cell) &+ (hasExpiry(cell) ? 8 : 0)),
      count: Int(truncatingIfNeeded: word(of: cell)))
  }

  /// Changes the count of an embedded string; the cell has room for it.
  @inline(__always)
  static func setEmbeddedCount(_ count: Int, of cell: UnsafeMutableRawPointer) {
    cell.storeBytes(of: UInt64(truncatingIfNeeded: count), as: UInt64.self)
  }

  /// The bytes of a cell of these parts.
  @inline(__always)
  static func byteCount(keyCount: Int, hasExpiry: Bool, embedded: Int) -> Int {
    keyOffset &+ keyCount &+ (hasExpiry ? 8 : 0) &+ embedded
  }

  /// The bytes of the whole cell.
  static func byteCount(of cell: UnsafeMutableRawPointer) -> Int {
    let isEmbedded = form(of: cell) == .embedded
    return behindKey(cell) &+ (hasExpiry(cell) ? 8 : 0)
      &+ (isEmbedded ? Int(truncatingIfNeeded: word(of: cell)) : 0)
  }

  /// A new cell. An embedded string's bytes are the caller's to fill.
  @inline(__always)
  static func make(
    _ key: Bytes, form: ValueForm, word: UInt64, expiry: Int64?, _ heap: Heap
  ) -> UnsafeMutableRawPointer {
    let embedded = form == .embedded ? Int(truncatingIfNeeded: word) : 0
    let cell = heap.allocate(
      byteCount(keyCount: key.count, hasExpiry: expiry != nil, embedded: embedded))
    cell.storeBytes(of: word, as: UInt64.self)
    cell.storeBytes(
      of: UInt32(form.rawValue) | (expiry == nil ? 0 : expiryFlag), toByteOffset: infoOffset,
      as: UInt32.self)
    setKey(key, of: cell)
    if let expiry { setExpiry(expiry, of: cell) }
    return cell
  }
}
