/// A blob that is walked entry by entry: a listpack or a ziplist.
public protocol BlobEntries {
  /// What it is, for messages.
  static var structure: CodecError.Structure { get }
  /// The bytes before the first entry; the last two of them are the count.
  static var headerByteCount: Int { get }
  /// A stated count that means "walk and see".
  static var countUnknown: Int { get }
  /// The count in the header; `countUnknown` when it did not fit.
  var statedCount: Int { get }

  /// Checks the header and the end mark.
  init(_ blob: UnsafeRawBufferPointer) throws(CodecError)
  /// The next entry; `nil` at the end mark.
  mutating func read() throws(CodecError) -> Element?
}
