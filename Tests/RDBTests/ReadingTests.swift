import ByteKit
import RedisCodecs
import TestSupport
import Testing

@testable import RDB

/// Windows, splits and levels change nothing about what is read.
@Suite struct ReadingTests {
  struct Split: Sendable, CustomTestStringConvertible {
    var window: Int
    var chunk: Int
    var testDescription: String { "window \(window), chunks of \(chunk)" }
  }

  @Test(arguments: [
    Split(window: 16, chunk: 1), Split(window: 17, chunk: 3), Split(window: 64, chunk: 1),
    Split(window: 64, chunk: .max), Split(window: 4096, chunk: 1000),
  ])
  func `every split gives the same events`(_ split: Split) throws {
    try withEach(SnapshotFile.all) { file in
      let bytes = try file.bytes()
      let whole = Walk(bytes)
      if file.isSound { #expect(whole.failure == nil, "\(file.testDescription)") }
      let known = Walk(
        ByteInput(
          MemorySource(bytes, chunkByteCount: split.chunk), windowByteCount: split.window))
      #expect(known == whole, "\(file.testDescription)")
      let pipe = Walk(
        ByteInput(
          MemorySource(bytes, chunkByteCount: split.chunk, knowsSize: false),
          windowByteCount: split.window))
      if whole.failure == nil {
        #expect(pipe == whole, "\(file.testDescription)")
      } else {
        // What the bytes left cannot hold is only found later where their number is not known.
        #expect(pipe.failure != nil, "\(file.testDescription)")
        #expect(pipe.endOffset == whole.endOffset, "\(file.testDescription)")
      }
    }
  }

  @Test func `skipping goes where reading goes`() throws {
    try withEach(SnapshotFile.all) { file in
      let bytes = try file.bytes()
      let read = Walk(bytes)
      let skipped = Walk(bytes, .skip)
      let shared = min(read.valueEnds.count, skipped.valueEnds.count)
      #expect(
        read.valueEnds.prefix(shared) == skipped.valueEnds.prefix(shared),
        "\(file.testDescription)")
      guard read.failure == nil, read.violationCount == 0 else { return }
      #expect(skipped.failure == nil, "\(file.testDescription)")
      #expect(skipped.endOffset == read.endOffset, "\(file.testDescription)")
      for (index, (read, skipped)) in zip(read.elements, skipped.elements).enumerated() {
        #expect(read == skipped, "\(file.testDescription), key \(index)")
      }
    }
  }

  @Test func `the layout of each file is as its server's dump of it says`() throws {
    let opcodes = [
      "EOF": 255, "SELECTDB": 254, "EXPIRETIME": 253, "EXPIRETIME_MS": 252, "RESIZEDB": 251,
      "AUX": 250, "FREQ": 249, "IDLE": 248, "MODULE_AUX": 247, "FUNCTION": 246,
      "FUNCTION_PRE_GA": 246, "FUNCTION2": 245, "SLOT_INFO": 244, "KEY_META": 243,
      "SLOT_IMPORT": 243,
    ]
    try withEach(CorpusCase.all) { test in
      let layout = try test.layout()
      var stated = [Int](repeating: 0, count: 256)
      for member in layout["opcodes"]?.members ?? [] {
        let byte = try #require(opcodes[member.name], "\(member.name)")
        stated[byte] = try #require(member.value.int)
      }
      let walk = Walk(try test.bytes(), .skip)
      #expect(walk.opcodeCounts == stated, "\(test.testDescription)")
      #expect(walk.types.count == layout["keys"]?.int, "\(test.testDescription)")
      #expect(walk.endOffset == layout["size"]?.int, "\(test.testDescription)")
    }
  }
}
