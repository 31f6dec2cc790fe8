/// What `rename-command` does to the names of commands.
///
/// Servers write a command that a client sent under the name that the client used, and what they
/// make of commands themselves under the usual names.
public final class RenamedCommands: Sendable {
  /// What a name stands for.
  public enum Meaning {
    /// For itself.
    case itself
    /// For the command of this name; valid as long as the renamed commands are.
    case command(UnsafeRawBufferPointer)
    /// For nothing: the command has another name, or none.
    case nothing
  }

  /// A name in upper case, and the command that has it; `nil` where none has.
  private struct Entry: @unchecked Sendable {
    var name: [UInt8]
    var original: UnsafeRawBufferPointer?
  }

  /// No renamed command.
  public static let none = RenamedCommands([])

  private let entries: [Entry]

  /// - Parameter pairs: the old name and the new one, in the order of the configuration; an empty
  ///   new name takes the command away.
  public init(_ pairs: [(from: String, to: String)]) {
    // What each name means so far: the original name, or none.
    var meanings: [(name: [UInt8], original: [UInt8]?)] = []
    func set(_ name: [UInt8], _ original: [UInt8]?) {
      meanings.removeAll { $0.name == name }
      meanings.append((name, original))
    }
    for (from, to) in pairs {
      let (old, new) = (Self.upper(from.utf8), Self.upper(to.utf8))
      let known = meanings.first { $0.name == old }
      guard let original = known == nil ? old : known?.original else { continue }
      set(old, nil)
      if !new.isEmpty { set(new, original) }
    }
    entries = meanings.map { meaning in
      Entry(name: meaning.name, original: meaning.original.map(Self.copy))
    }
  }

  deinit { for entry in entries { entry.original?.deallocate() } }

  private static func copy(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let place = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    place.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(place)
  }

  private static func upper(_ text: some Sequence<UInt8>) -> [UInt8] {
    text.map { $0 &- 0x61 < 26 ? $0 &- 32 : $0 }
  }

  /// Whether every name stands for itself.
  public var isEmpty: Bool { entries.isEmpty }

  /// What a name stands for, letters in either case.
  public func meaning(of name: UnsafeRawBufferPointer) -> Meaning {
    for entry in entries where entry.name.count == name.count {
      let isSame = zip(entry.name, name).allSatisfy { wanted, byte in
        wanted == (byte &- 0x61 < 26 ? byte &- 32 : byte)
      }
      if isSame { return entry.original.map { .command($0) } ?? .nothing }
    }
    return .itself
  }
}
