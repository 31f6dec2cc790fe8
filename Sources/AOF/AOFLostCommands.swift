import ByteKit
import RDB

/// Reads what a repair leaves out: commands, and what is none.
public struct AOFLostCommands {
  /// One thing that is left out.
  public enum Item {
    /// A whole command.
    case command(AOFCommand)
    /// A line that begins with `#`.
    case annotation(AOFAnnotation)
    /// Bytes that are no whole command: where, what was found there, and the first of them.
    case unreadable(Range<Int>, message: String, front: [UInt8])
  }

  /// What is shown of what is no command.
  private static let frontByteCountMax = 256

  private let removal: AOFRemoval
  private let file: FileDescriptor
  private var resync: AOFResync

  /// - Throws: where the file cannot be opened any more.
  public init(_ removal: AOFRemoval) throws(AOFPlanError) {
    self.removal = removal
    do throws(InputError) {
      guard case .file(let file, _) = try removal.part.open().input.access else {
        throw InputError(.system, at: 0, "is no regular file any more")
      }
      self.file = file
      resync = AOFResync(file, upTo: removal.range.upperBound)
    } catch {
      throw AOFPlanError(.unreadable, removal.part.path, error.message)
    }
  }

  /// Gives each thing to `body`, in order.
  public mutating func read(_ body: (Item) -> Void) throws(AOFPlanError) {
    var position = removal.range.lowerBound
    if position == 0, removal.kind == .behindDamage { position = passSnapshot(body) }
    var database = removal.database
    while position < removal.range.upperBound {
      var reader = resync.reader(at: position)
      reader.database = database
      do throws(AOFError) {
        while let record = try reader.next() {
          switch record {
          case .command(let command): body(.command(command))
          case .annotation(let line): body(.annotation(line))
          }
        }
        return
      } catch {
        if error.kind == .unreadable {
          throw AOFPlanError(.unreadable, removal.part.path, at: error.offset, error.message)
        }
        let start = reader.recordOffset
        let next = resync.nextCommand(behind: start) ?? removal.range.upperBound
        body(.unreadable(start..<next, message: error.message, front: front(of: start..<next)))
        position = next
        database = reader.database
      }
    }
  }

  /// Passes over a snapshot in front of a file that is left out as a whole.
  private func passSnapshot(_ body: (Item) -> Void) -> Int {
    guard let opened = try? removal.part.open(), opened.content == .snapshot else { return 0 }
    let front = opened.skipSnapshot(.init())
    let end = front.snapshot?.failure == nil ? front.snapshot?.endOffset ?? 0 : 0
    guard end > 0 else { return 0 }
    body(.unreadable(0..<end, message: "a snapshot", front: []))
    return end
  }

  private func front(of range: Range<Int>) -> [UInt8] {
    let count = min(range.count, Self.frontByteCountMax)
    var input = ByteInput(
      FileSource(file, from: range.lowerBound, to: range.lowerBound + count),
      windowByteCount: count)
    guard let seen = try? input.peek(count) else { return [] }
    return Array(UnsafeRawBufferPointer(start: input.cursor, count: seen))
  }
}
