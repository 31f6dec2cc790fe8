/// A JSON document that is written as it is built, compact and with its members in the order given.
///
/// The document keeps no tree and no stack: one flag tells whether a comma is due. That every
/// `begin` has its `end` is the caller's affair; the closure forms see to it.
public struct JSONDocument: ~Copyable {
  private var writer: ByteWriter
  private var needsComma = false

  /// - Parameters:
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the text in order; the bytes are valid during the call only.
  public init(capacity: Int = 1 << 16, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    writer = ByteWriter(capacity: capacity, drain: drain)
  }

  /// The text of the document that `body` builds, without a newline; for small ones and for tests.
  public static func text(_ body: (inout JSONDocument) -> Void) -> String {
    var bytes: [UInt8] = []
    var document = JSONDocument { bytes.append(contentsOf: $0) }
    body(&document)
    document.flush()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes `{`.
  public mutating func beginObject() {
    separate()
    writer.write(UInt8(ascii: "{"))
    needsComma = false
  }

  /// Writes `}`.
  public mutating func endObject() {
    writer.write(UInt8(ascii: "}"))
    needsComma = true
  }

  /// Writes `[`.
  public mutating func beginArray() {
    separate()
    writer.write(UInt8(ascii: "["))
    needsComma = false
  }

  /// Writes `]`.
  public mutating func endArray() {
    writer.write(UInt8(ascii: "]"))
    needsComma = true
  }

  /// Writes the name of a member; its value must follow.
  public mutating func key(_ name: String) {
    separate()
    writer.writeJSON(text: name)
    writer.write(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes the name of a member that comes from data; its value must follow.
  public mutating func key(bytes: UnsafeRawBufferPointer) {
    separate()
    writer.writeJSON(bytes: bytes)
    writer.write(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a string.
  public mutating func value(_ text: String) {
    separate()
    writer.writeJSON(text: text)
    needsComma = true
  }

  /// Writes bytes in the lossless string form of `JSONText`.
  public mutating func value(bytes: UnsafeRawBufferPointer) {
    separate()
    writer.writeJSON(bytes: bytes)
    needsComma = true
  }

  /// Writes bytes in the lossless string form of `JSONText`.
  public mutating func value(bytes: [UInt8]) {
    bytes.withUnsafeBytes { value(bytes: $0) }
  }

  /// Writes an integer.
  public mutating func value(_ number: some FixedWidthInteger) {
    separate()
    if let small = Int64(exactly: number) {
      writer.write(decimal: small)
    } else if let large = UInt64(exactly: number) {
      writer.write(decimal: large)
    } else {
      writer.write(text: String(number))
    }
    needsComma = true
  }

  /// Writes a number in the form of `ByteWriter.writeJSON(score:)`.
  public mutating func value(_ number: Double) {
    separate()
    writer.writeJSON(score: number)
    needsComma = true
  }

  /// Writes `true` or `false`.
  public mutating func value(_ flag: Bool) {
    separate()
    if flag { writer.write("true") } else { writer.write("false") }
    needsComma = true
  }

  /// Writes `null`.
  public mutating func null() {
    separate()
    writer.write("null")
    needsComma = true
  }

  /// Hands what is written so far to `drain`.
  public mutating func flush() { writer.flush() }

  /// Ends the document, or one line of many, with a newline; the next value starts afresh.
  public mutating func endLine() {
    writer.write(UInt8(ascii: "\n"))
    needsComma = false
  }

  private mutating func separate() {
    if needsComma { writer.write(UInt8(ascii: ",")) }
  }
}

extension JSONDocument {
  /// Writes an object whose members `body` writes.
  public mutating func object<Failure: Error>(
    _ body: (inout JSONDocument) throws(Failure) -> Void
  ) throws(Failure) {
    beginObject()
    try body(&self)
    endObject()
  }

  /// Writes an array whose elements `body` writes.
  public mutating func array<Failure: Error>(
    _ body: (inout JSONDocument) throws(Failure) -> Void
  ) throws(Failure) {
    beginArray()
    try body(&self)
    endArray()
  }

  /// Writes a member which is an object.
  public mutating func object<Failure: Error>(
    _ name: String, _ body: (inout JSONDocument) throws(Failure) -> Void
  ) throws(Failure) {
    key(name)
    try object(body)
  }

  /// Writes a member which is an array.
  public mutating func array<Failure: Error>(
    _ name: String, _ body: (inout JSONDocument) throws(Failure) -> Void
  ) throws(Failure) {
    key(name)
    try array(body)
  }

  /// Writes a member; none when `text` is nil: what is not known is left out.
  public mutating func member(_ name: String, _ text: String?) {
    guard let text else { return }
    key(name)
    value(text)
  }

  /// Writes a member; none when `number` is nil.
  public mutating func member<Number: FixedWidthInteger>(_ name: String, _ number: Number?) {
    guard let number else { return }
    key(name)
    value(number)
  }

  /// Writes a member; none when `number` is nil.
  public mutating func member(_ name: String, _ number: Double?) {
    guard let number else { return }
    key(name)
    value(number)
  }

  /// Writes a member; none when `flag` is nil.
  public mutating func member(_ name: String, _ flag: Bool?) {
    guard let flag else { return }
    key(name)
    value(flag)
  }

  /// Writes a member in the lossless string form of `JSONText`; none when `bytes` is nil.
  public mutating func member(_ name: String, bytes: [UInt8]?) {
    guard let bytes else { return }
    key(name)
    value(bytes: bytes)
  }

  /// Writes the member that names the shape of a document: `"schema":"redisops/NAME/VERSION"`.
  public mutating func schema(_ name: String, version: Int = 1) {
    member("schema", "redisops/\(name)/\(version)")
  }
}
