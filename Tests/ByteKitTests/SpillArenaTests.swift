import ByteKit
import Foundation
import Testing

struct SpillArenaTests {
  /// Byte `index` of the pattern that the tests append.
  static func pattern(_ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: index &* 131 &+ index >> 8)
  }

  struct Case: CustomTestStringConvertible {
    var memoryMax: Int
    var byteCount: Int
    var chunk: Int
    var isSpilled: Bool
    var testDescription: String { "\(byteCount) bytes by \(chunk), \(memoryMax) in memory" }
  }

  static let cases = [
    Case(memoryMax: 64, byteCount: 64, chunk: 1, isSpilled: false),
    Case(memoryMax: 64, byteCount: 65, chunk: 1, isSpilled: true),
    Case(memoryMax: 1 << 16, byteCount: 1 << 16, chunk: 7, isSpilled: false),
    Case(memoryMax: 1 << 16, byteCount: (1 << 16) + 1, chunk: 7, isSpilled: true),
    Case(memoryMax: 1 << 12, byteCount: 1 << 20, chunk: 4093, isSpilled: true),
    Case(memoryMax: 1 << 12, byteCount: 300_000, chunk: 300_000, isSpilled: true),
  ]

  @Test(arguments: cases)
  func `bytes come back in order from memory and from the file`(_ test: Case) {
    var arena = SpillArena(memoryMax: test.memoryMax)
    for round in 1...2 {
      let source = (0..<test.byteCount).map { Self.pattern($0 &* round) }
      source.withUnsafeBytes { source in
        var position = 0
        while position < source.count {
          let end = min(position + test.chunk, source.count)
          arena.append(UnsafeRawBufferPointer(rebasing: source[position..<end]))
          position = end
        }
      }
      let (spilled, failure) = (arena.isSpilled, arena.failure)
      #expect(spilled == test.isSpilled)
      #expect(failure == nil)
      let same = arena.bytes.elementsEqual(source)
      #expect(same)
      arena.removeAll()
      let left = arena.count
      let stillSpilled = arena.isSpilled
      #expect(left == 0)
      #expect(!stillSpilled)
    }
  }

  @Test func `values come back from unaligned places`() {
    var arena = SpillArena(memoryMax: 64)
    arena.append(value: UInt8(1))
    for value in 0..<100 { arena.append(value: Int64(value) - 50) }
    let count = arena.count
    #expect(count == 801)
    for value in 0..<100 {
      let loaded = arena.load(Int64.self, at: 1 + value * 8)
      #expect(loaded == Int64(value) - 50)
    }
  }

  @Test func `a folder that is not there is a sticky failure until removal`() {
    var arena = SpillArena(memoryMax: 64, folder: "/nonexistent/folder")
    for value in 0..<20 { arena.append(value: Int64(value)) }
    let (failure, count, last) = (arena.failure, arena.count, arena.load(Int64.self, at: 56))
    #expect(failure == ENOENT)
    #expect(count == 64)
    #expect(last == 7)
    arena.append(value: UInt8(1))
    let dropped = arena.count
    #expect(dropped == 64)
    arena.removeAll()
    arena.append(value: UInt8(1))
    let (fresh, one) = (arena.failure, arena.count)
    #expect(fresh == nil)
    #expect(one == 1)
  }
}
