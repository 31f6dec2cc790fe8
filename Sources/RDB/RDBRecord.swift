import RedisCodecs

/// One record of a snapshot. Elements are borrowed until the reader goes on.
public enum RDBRecord {
  /// A key; its value follows and must be read or skipped.
  case key(KeyHeader)
  /// The database of the next keys.
  case selectDatabase(Int)
  /// How many keys, and keys with expiry, the writer had in the database: a hint.
  case resizeDatabase(keys: UInt64, expires: UInt64)
  /// A field about the file.
  case aux(name: Element, value: Element)
  /// The source of a function library.
  case function(Element)
  /// A function of the Redis 7.0 candidates: the later form of its library.
  case preReleaseFunction([UInt8])
  /// Data of a module outside keys; `when` is 1 before them and 2 after.
  case moduleAux(ModuleName, when: UInt64)
  /// How many keys, and keys with expiry, a slot has: a hint (Redis, cluster mode).
  case slotInfo(slot: UInt64, keys: UInt64, expires: UInt64)
  /// A running slot migration (Valkey).
  case slotImport(job: [UInt8], ranges: [ClosedRange<Int>])
  /// A field list that hashes share (Redis RDB 15).
  case hashTemplate(id: Int, fieldCount: Int)
  /// The slot of the next keys (Redis Enterprise).
  case enterpriseSlot(UInt64)
  /// The end; the footer's checksum, `nil` before RDB 5, and the offset of its first byte.
  case end(checksum: UInt64?, offset: Int)
}

/// The bytes that begin what is no key.
enum RDBOpcode {
  static let end: UInt8 = 255
  static let selectDatabase: UInt8 = 254
  static let expireSeconds: UInt8 = 253
  static let expireMilliseconds: UInt8 = 252
  static let resizeDatabase: UInt8 = 251
  static let aux: UInt8 = 250
  static let frequency: UInt8 = 249
  static let idle: UInt8 = 248
  static let moduleAux: UInt8 = 247
  static let preReleaseFunction: UInt8 = 246
  static let function: UInt8 = 245
  static let slotInfo: UInt8 = 244
  /// REDIS: key metadata; VALKEY: slot import.
  static let keyMetadata: UInt8 = 243
  static let slotImport: UInt8 = 243
  /// REDIS: hash template; VALKEY: update.
  static let hashTemplate: UInt8 = 242
  static let update: UInt8 = 242
  static let enterpriseSlot: UInt8 = 121
  static let enterpriseRAM: UInt8 = 107

  /// Whose a byte is that no server of the two families knows; format.md section 18.1.
  static func vendorName(_ byte: UInt8) -> String? {
    switch byte {
    case 100, 101, 102: "a record of Redis Enterprise"
    case 128...137: "a record of Ctrip ROR"
    case 200...202, 210: "a record of Dragonfly"
    default: nil
    }
  }
}
