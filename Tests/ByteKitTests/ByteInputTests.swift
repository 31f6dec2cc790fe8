import TestSupport
import Testing

@testable import ByteKit

/// The window over a source, at sizes and splits where each of its paths is taken.
@Suite struct ByteInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var window: Int
    var chunk: Int
    var knowsSize: Bool
    var testDescription: String { "window \(window), chunks of \(chunk), size known: \(knowsSize)" }

    static let all = [16, 17, 64, 4096].flatMap { window in
      [1, 2, 7, 16, .max].flatMap { chunk in
        [true, false].map { Case(window: window, chunk: chunk, knowsSize: $0) }
      }
    }

    func input(_ bytes: [UInt8], at offset: Int = 0) -> ByteInput {
      ByteInput(
        MemorySource(bytes, chunkByteCount: chunk, knowsSize: knowsSize), at: offset,
        windowByteCount: window)
    }
  }

  private static func randomBytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = RepeatableRandom(seed: seed)
    return random.bytes(count: count)
  }

  @Test(arguments: Case.all)
  func `pieces of all sizes come in order`(_ test: Case) throws {
    let bytes = Self.randomBytes(5000, seed: 1)
    var random = RepeatableRandom(seed: 2)
    var input = test.input(bytes, at: 1000)
    var read: [UInt8] = []
    while try !input.isAtEnd() {
      let count = min(Int.random(in: 0...90, using: &random), bytes.count - read.count)
      let offset = input.offset
      #expect(offset == 1000 + read.count)
      read += try input.take(count)
    }
    #expect(read == bytes)
    let ends = [input.endOffset, input.remainingByteCount]
    #expect(ends == (test.knowsSize ? [6000, 0] : [nil, nil]))
  }

  @Test(arguments: Case.all)
  func `pinned bytes stay while the window moves`(_ test: Case) throws {
    let bytes = Self.randomBytes(2000, seed: 3)
    var input = test.input(bytes)
    _ = try input.take(13)
    input.pin = input.cursor
    for _ in 0..<300 { _ = try input.take(1) }
    let pinned = input.pin
    let pin = try #require(pinned)
    let (offset, position) = (input.offset(of: pin), input.position(at: 13))
    #expect(offset == 13)
    #expect(position == pin)
    #expect(Array(UnsafeRawBufferPointer(start: pin, count: 300)) == Array(bytes[13..<313]))
    input.pin = nil
    let rest = try input.take(1687)
    #expect(rest == Array(bytes[313...]))
  }

  @Test(arguments: Case.all)
  func `skipping is reading without looking`(_ test: Case) throws {
    let bytes = Self.randomBytes(3000, seed: 4)
    var random = RepeatableRandom(seed: 5)
    var input = test.input(bytes)
    let tap = KeepingTap()
    input.tap = tap
    var position = 0
    while position < bytes.count {
      let step = min(Int.random(in: 0...200, using: &random), bytes.count - position)
      try input.skip(step)
      position += step
      let offset = input.offset
      #expect(offset == position)
      guard position < bytes.count else { break }
      let next = try input.take(1)
      #expect(next == [bytes[position]])
      position += 1
    }
    input.tapThroughCursor()
    #expect(tap.bytes == bytes, "a tap sees each byte once, in order")
  }

  @Test(arguments: Case.all)
  func `a tap can be told to leave bytes out`(_ test: Case) throws {
    let bytes = Self.randomBytes(100, seed: 6)
    var input = test.input(bytes)
    let tap = KeepingTap()
    input.tap = tap
    // What is to be left out must not leave the window before: first all of it, then the cursor.
    _ = try input.take(12)
    input.skipTapToCursor()
    _ = try input.take(50)
    input.tapThroughCursor()
    _ = try input.take(8)
    input.skipTapToCursor()
    _ = try input.take(30)
    input.tapThroughCursor()
    #expect(tap.bytes == Array(bytes[12..<62]) + Array(bytes[70...]))
  }

  @Test(arguments: Case.all)
  func `an input that ends early says where and how much is missing`(_ test: Case) throws {
    var input = test.input(Self.randomBytes(100, seed: 7), at: 10)
    try input.skip(95)
    let expected = InputError(
      .truncated, at: 105, "the input ends at 110 (0x6e), 7 bytes short")
    var thrown: InputError?
    do throws(InputError) { try input.ensure(12) } catch { thrown = error }
    #expect(thrown == expected)
    let left = try input.peek(12)
    #expect(left == 5)
    let rest = try input.take(5)
    #expect(rest.count == 5, "what there is can still be read")
    let isAtEnd = try input.isAtEnd()
    #expect(isAtEnd)
    let nothing = try input.peek(1)
    #expect(nothing == 0)
    thrown = nil
    do throws(InputError) { try input.skip(1) } catch { thrown = error }
    #expect(thrown?.kind == .truncated)
  }

  @Test func `a skip past the end is refused`() {
    for knowsSize in [true, false] {
      var input = ByteInput(
        MemorySource([1, 2, 3], knowsSize: knowsSize), windowByteCount: 16)
      var thrown: InputError?
      do throws(InputError) { try input.skip(.max) } catch { thrown = error }
      #expect(thrown?.kind == .truncated)
    }
  }

  @Test func `a length that lies costs no memory`() {
    for knowsSize in [true, false] {
      let source = RoomRecordingSource(
        MemorySource(
          [UInt8](repeating: 7, count: 10_000), chunkByteCount: 100, knowsSize: knowsSize))
      var input = ByteInput(source, windowByteCount: 64)
      var thrown: InputError?
      do throws(InputError) { try input.ensure(1 << 44) } catch { thrown = error }
      #expect(thrown?.kind == .truncated)
      #expect(source.roomMax <= 2 * 10_000 + 4096, "the buffer grows as bytes come")
    }
  }

  @Test func `an element above the limit of a pass is refused`() throws {
    var input = ByteInput(
      MemorySource([UInt8](repeating: 7, count: 10_000)), windowByteCount: 16)
    input.elementByteCountMax = 5000
    try input.ensure(5000)
    var thrown: InputError?
    do throws(InputError) { try input.ensure(5001) } catch { thrown = error }
    #expect(thrown?.kind == .limited)
    try input.skip(10_000)
    let isAtEnd = try input.isAtEnd()
    #expect(isAtEnd, "what is only passed over needs no limit")
  }

  @Test func `what the source throws arrives`() {
    let failure = InputError(.system, at: 3, "cannot read: Input/output error")
    var input = ByteInput(FailingSource(after: [1, 2, 3], failure), windowByteCount: 16)
    var thrown: [InputError] = []
    do throws(InputError) { try input.ensure(4) } catch { thrown.append(error) }
    do throws(InputError) { try input.skip(4) } catch { thrown.append(error) }
    do throws(InputError) { _ = try input.peek(4) } catch { thrown.append(error) }
    #expect(thrown == [failure, failure, failure])
  }

  @Test func `offsets print as hexadecimal`() {
    #expect(hex(0x1f3a) == "0x1f3a")
    #expect(hex(0) == "0x0")
  }
}

extension ByteInput {
  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(InputError) -> [UInt8] {
    try ensure(count)
    let bytes = Array(UnsafeRawBufferPointer(start: cursor, count: count))
    cursor += count
    return bytes
  }
}

/// Keeps what a tap is shown.
private final class KeepingTap: ByteTap {
  private(set) var bytes: [UInt8] = []
  func see(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
}

/// Remembers the largest room that it was offered.
private final class RoomRecordingSource: ByteSource {
  private let source: any ByteSource
  private(set) var roomMax = 0
  init(_ source: any ByteSource) { self.source = source }
  var remainingByteCount: Int? { source.remainingByteCount }
  func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    roomMax = max(roomMax, target.count)
    return try source.read(into: target)
  }
}

/// Gives out some bytes, then fails.
private final class FailingSource: ByteSource {
  private let front: MemorySource
  private let failure: InputError
  init(after bytes: [UInt8], _ failure: InputError) {
    front = MemorySource(bytes)
    self.failure = failure
  }
  var remainingByteCount: Int? { nil }
  func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = try front.read(into: target)
    if count == 0 { throw failure }
    return count
  }
}
