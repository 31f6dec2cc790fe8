/// What is wrong within an encoded blob, and where.
public struct CodecError: Error, Equatable, Sendable {
  /// The structure that was being read.
  public enum Structure: String, Sendable {
    case lzf, listpack, ziplist, intset, zipmap, stream
  }

  /// The structure that was being read.
  public let structure: Structure
  /// The offset within the blob.
  public let offset: Int
  /// What was found and what was expected.
  public let message: String

  /// An error of `structure` at `offset` of its blob.
  @inline(never)
  public init(_ structure: Structure, at offset: Int, _ message: String) {
    self.structure = structure
    self.offset = offset
    self.message = message
  }
}
