/// Standard base64 (RFC 4648, section 4), padded.
enum Base64Text {
  /// The 64 digits, in order.
  private static let digits: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  /// Writes the text of the `count` bytes at `source` to `target`, which has room for it: four
  /// bytes for each three, the last group padded.
  ///
  /// - Returns: the position behind the text.
  static func write(
    _ source: UnsafeRawPointer, count: Int, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let table = digits.utf8Start
    var cursor = target
    var position = 0
    while count &- position >= 3 {
      let group =
        UInt32(source.load(fromByteOffset: position, as: UInt8.self)) &<< 16
        | UInt32(source.load(fromByteOffset: position &+ 1, as: UInt8.self)) &<< 8
        | UInt32(source.load(fromByteOffset: position &+ 2, as: UInt8.self))
      cursor.storeBytes(of: text(of: group, table).littleEndian, as: UInt32.self)
      position &+= 3
      cursor += 4
    }
    let tail = count &- position
    guard tail > 0 else { return cursor }
    var group = UInt32(source.load(fromByteOffset: position, as: UInt8.self)) &<< 16
    if tail == 2 {
      group |= UInt32(source.load(fromByteOffset: position &+ 1, as: UInt8.self)) &<< 8
    }
    let padding: UInt32 = tail == 1 ? 0x3D3D_0000 : 0x3D00_0000
    let kept: UInt32 = tail == 1 ? 0x0000_FFFF : 0x00FF_FFFF
    cursor.storeBytes(
      of: (text(of: group, table) & kept | padding).littleEndian, as: UInt32.self)
    return cursor + 4
  }

  /// The four digits of a group of 24 bits, the first one in the low byte.
  @inline(__always)
  private static func text(of group: UInt32, _ table: UnsafePointer<UInt8>) -> UInt32 {
    UInt32(table[Int(group &>> 18)])
      | UInt32(table[Int(group &>> 12 & 63)]) &<< 8
      | UInt32(table[Int(group &>> 6 & 63)]) &<< 16
      | UInt32(table[Int(group & 63)]) &<< 24
  }
}
