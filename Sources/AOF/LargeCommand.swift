import ByteKit

/// The bytes of a command that left the window: all of them, or its front.
struct LargeCommand: ~Copyable {
  /// What is kept; beyond some megabytes it lies in a mapped temporary file.
  private(set) var arena = SpillArena()
  /// The `errno` of what went wrong; `nil` while all is well.
  var failure: Int32? { arena.failure }
  /// Whether the command that is being read has left the window.
  private(set) var isActive = false
  /// Whether the bytes that come now are kept.
  private(set) var keeps = false

  /// The first byte.
  var base: UnsafeRawPointer { UnsafeRawPointer(arena.base) }

  /// The command of before is done with.
  mutating func reset() {
    guard isActive else { return }
    arena.removeAll()
    isActive = false
    keeps = false
  }

  /// Takes over what the window has of the command.
  mutating func begin(_ bytes: UnsafeRawBufferPointer) {
    isActive = true
    keeps = true
    arena.append(bytes)
  }

  /// Takes the next bytes, if they are to be kept.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if keeps { arena.append(bytes) }
  }

  /// Keeps nothing from here on.
  mutating func stopKeeping() { keeps = false }
}
