import ByteKit
import RedisModel

/// Ids and options of stream commands.
enum StreamArguments {
  /// The error for what is no id.
  static var badID: CommandError {
    .message("ERR Invalid stream ID specified as stream command argument")
  }

  /// An id, `ms-seq` or `ms`.
  ///
  /// - Parameter missing: the sequence of an id without one.
  static func id(_ text: Bytes, missing: UInt64 = 0) throws(CommandError) -> StreamID {
    let dash = text.firstIndex(of: UInt8(ascii: "-"))
    guard let milliseconds = IntegerText.unsigned(text.part(0..<(dash ?? text.count))) else {
      throw badID
    }
    guard let dash else { return StreamID(milliseconds: milliseconds, sequence: missing) }
    guard let sequence = IntegerText.unsigned(text.part((dash + 1)..<text.count)) else {
      throw badID
    }
    return StreamID(milliseconds: milliseconds, sequence: sequence)
  }

  /// An end of a range: `-`, `+`, an id, or `(` and an id that does not belong to it.
  static func bound(
    _ text: Bytes, isStart: Bool
  ) throws(CommandError) -> (id: StreamID, isOpen: Bool) {
    if text.count == 1, text[0] == UInt8(ascii: "-") { return (.zero, false) }
    if text.count == 1, text[0] == UInt8(ascii: "+") { return (.largest, false) }
    let isOpen = text.first == UInt8(ascii: "(")
    let number = isOpen ? text.part(1..<text.count) : text
    return (try id(number, missing: isStart ? 0 : .max), isOpen)
  }

  /// MAXLEN or MINID, its value and LIMIT.
  struct Trimming {
    /// What stays.
    var limit: StreamValue.Limit
    /// Whether only whole nodes go.
    var isApproximate: Bool
    /// The bound that LIMIT states, or that `~` has by itself; 0 for none.
    var deletedMax: Int

    /// Reads from the word at `index` on, which moves behind; `nil` where that is another word.
    init?(_ arguments: Arguments, _ index: inout Int, _ age: Dialect.Age) throws(CommandError) {
      let isMinimum = age >= .since62 && arguments.isWord(index, "MINID")
      guard isMinimum || arguments.isWord(index, "MAXLEN") else { return nil }
      index += 1
      isApproximate = arguments.isWord(index, "~")
      if isApproximate || arguments.isWord(index, "=") { index += 1 }
      guard index < arguments.count else { throw .syntax }
      if isMinimum {
        limit = .id(try StreamArguments.id(arguments[index]))
      } else {
        let count = try arguments.integer(index)
        if count < 0 { throw .message("ERR The MAXLEN argument must be >= 0.") }
        limit = .count(Int(count))
      }
      index += 1
      deletedMax = isApproximate ? 100 * StreamNode.entryCountMax : 0
      guard age >= .since62, arguments.isWord(index, "LIMIT"), index + 1 < arguments.count else {
        return
      }
      let stated = try arguments.integer(index + 1)
      if stated < 0 { throw .message("ERR The LIMIT argument must be >= 0.") }
      // In a file `=` stands with the LIMIT that `~` had.
      deletedMax = isApproximate ? Int(stated) : 0
      index += 2
    }
  }
}

extension StreamID {
  /// The greatest id of all.
  static let largest = StreamID(milliseconds: .max, sequence: .max)

  /// The next id; `nil` behind the greatest.
  var next: StreamID? {
    if sequence < .max { return StreamID(milliseconds: milliseconds, sequence: sequence + 1) }
    if milliseconds < .max { return StreamID(milliseconds: milliseconds + 1, sequence: 0) }
    return nil
  }

  /// The id before; `nil` before 0-0.
  var previous: StreamID? {
    if sequence > 0 { return StreamID(milliseconds: milliseconds, sequence: sequence - 1) }
    if milliseconds > 0 { return StreamID(milliseconds: milliseconds - 1, sequence: .max) }
    return nil
  }
}

extension Keyspace {
  /// The text of an id, valid until the next number.
  ///
  /// - Parameter separator: a dash; a dot in digests.
  func idText(_ id: StreamID, separator: UInt8 = UInt8(ascii: "-")) -> Bytes {
    var count = DecimalText.write(id.milliseconds, to: scratch)
    scratch.storeBytes(of: separator, toByteOffset: count, as: UInt8.self)
    count += 1 + DecimalText.write(id.sequence, to: scratch + (count + 1))
    return Bytes(start: scratch, count: count)
  }

  /// Answers with an id.
  mutating func answer(_ id: StreamID) { reply.bulk(idText(id)) }

  /// Answers with an entry: its id, its fields and values.
  mutating func answer(_ node: StreamNode, _ entry: StreamNode.Entry) {
    reply.array(2)
    answer(entry.id)
    reply.array(2 * entry.fieldCount)
    node.forEachField(of: entry) { field, value in
      answer(field)
      answer(value)
    }
  }

  /// The stream of a key.
  func stream(
    _ key: Bytes
  ) throws(CommandError) -> UnsafeMutablePointer<StreamValue>? {
    try find(key, .stream).map { StreamValue.at($0.value.address) }
  }
}
