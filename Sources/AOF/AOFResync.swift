import ByteKit
import RedisModel

/// Finds where commands go on behind damage.
struct AOFResync {
  /// How many places are tried.
  private static let attemptCountMax = 4096
  /// The window of an attempt.
  private static let attemptByteCount = 4096

  private let file: FileDescriptor
  private let end: Int
  private var attempts = 0

  /// - Parameter end: where the search ends.
  init(_ file: FileDescriptor, upTo end: Int) {
    self.file = file
    self.end = end
  }

  /// Where the next whole command begins, in the form that servers write, that some server knows.
  mutating func nextCommand(behind offset: Int) -> Int? {
    var input = ByteInput(FileSource(file, from: offset, to: end), at: offset)
    while attempts < Self.attemptCountMax, let seen = try? input.peek(2), seen == 2 {
      let pair = (input.cursor.load(as: UInt8.self), (input.cursor + 1).load(as: UInt8.self))
      let place = input.offset
      input.cursor += 1
      guard pair.0 == UInt8(ascii: "*"), (0x31...0x39).contains(pair.1), place > offset else {
        continue
      }
      attempts += 1
      var reader = reader(at: place, windowByteCount: Self.attemptByteCount)
      if case .command(let command)? = try? reader.next(), command.oddities.isEmpty,
        CommandTable.all.index(of: command.name) != nil
      {
        return place
      }
    }
    return nil
  }

  /// A reader of the records from `offset` on.
  func reader(at offset: Int, windowByteCount: Int = ByteInput.windowByteCount) -> AOFReader {
    let source = FileSource(file, from: offset, to: end)
    return AOFReader(
      ByteInput(source, at: offset, windowByteCount: windowByteCount), holding: .front)
  }
}
