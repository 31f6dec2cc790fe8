/// The names of type bytes and opcodes. Some mean another thing in Valkey's own files.
public enum RDBFormatTable {
  /// One meaning of a byte.
  public struct Entry: Equatable, Sendable {
    /// The byte.
    public let byte: UInt8
    /// The magic under which it has this meaning; `nil` for both.
    public let magic: ServerVersion.Product?
    /// The name: `HASH_LISTPACK`, `SELECTDB`.
    public let name: String
    /// For a type the kind of value that clients see (`hash`), for an opcode what it belongs to:
    /// `file` or `key`.
    public let kind: String

    init(_ byte: UInt8, _ magic: ServerVersion.Product?, _ name: String, _ kind: String) {
      self.byte = byte
      self.magic = magic
      self.name = name
      self.kind = kind
    }
  }

  /// The type that `byte` is under `magic`; `nil` if there is none.
  public static func type(_ byte: UInt8, magic: ServerVersion.Product) -> Entry? {
    types.first { $0.byte == byte && ($0.magic ?? magic) == magic }
  }

  /// The opcode that `byte` is under `magic`; `nil` if there is none.
  public static func opcode(_ byte: UInt8, magic: ServerVersion.Product) -> Entry? {
    opcodes.first { $0.byte == byte && ($0.magic ?? magic) == magic }
  }
}
