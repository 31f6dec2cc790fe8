import TestSupport
import Testing

@testable import RedisCodecs

/// LZF streams: sound ones, cut ones, damaged ones, through all three readers.
@Suite struct LZFTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var packed: [UInt8]
    var unpacked: [UInt8]
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var packed: [UInt8]
    var expected: Int
    var offset: Int
    var message: String
  }

  private static let sound: [Case] = [
    Case(testDescription: "one literal", packed: [0, 7], unpacked: [7]),
    Case(testDescription: "two runs", packed: [0, 7, 1, 8, 9], unpacked: [7, 8, 9]),
    Case(
      testDescription: "the longest run", packed: [31] + Array(0..<32), unpacked: Array(0..<32)),
    Case(
      testDescription: "a short reference", packed: [2, 1, 2, 3, 0x20, 2],
      unpacked: [1, 2, 3, 1, 2, 3]),
    Case(
      testDescription: "the longest short reference", packed: [0, 5, 0xc0, 0],
      unpacked: [UInt8](repeating: 5, count: 9)),
    Case(
      testDescription: "the shortest long reference", packed: [0, 5, 0xe0, 0, 0],
      unpacked: [UInt8](repeating: 5, count: 10)),
    Case(
      testDescription: "the longest reference", packed: [0, 5, 0xe0, 255, 0],
      unpacked: [UInt8](repeating: 5, count: 265)),
    Case(
      testDescription: "24 letters that a server packed", packed: [1, 0x61, 0x61, 0xe0, 13, 0],
      unpacked: [UInt8](repeating: 0x61, count: 24)),
  ]

  private static let refused: [Refusal] = [
    Refusal(
      testDescription: "no input", packed: [], expected: 3, offset: 0, message: "empty"),
    Refusal(
      testDescription: "no output", packed: [0, 1], expected: 0, offset: 0, message: "empty"),
    Refusal(
      testDescription: "a run that is cut", packed: [3, 1, 2], expected: 4, offset: 1,
      message: "a literal run of 4 bytes begins, but only 2 bytes"),
    Refusal(
      testDescription: "a reference that is cut", packed: [0, 1, 0x20], expected: 4, offset: 3,
      message: "a back reference begins, but only 0 bytes"),
    Refusal(
      testDescription: "a long reference that is cut", packed: [0, 1, 0xe0, 0], expected: 10,
      offset: 3, message: "a back reference begins, but only 1 bytes"),
    Refusal(
      testDescription: "a reference before the start", packed: [0, 1, 0x20, 1], expected: 4,
      offset: 2, message: "a reference 2 bytes back, but only 1 bytes stand there"),
    Refusal(
      testDescription: "a run past the end", packed: [2, 1, 2, 3], expected: 2, offset: 1,
      message: "more than the 2 bytes"),
    Refusal(
      testDescription: "a reference past the end", packed: [0, 1, 0x20, 0], expected: 3,
      offset: 4, message: "more than the 3 bytes"),
    Refusal(
      testDescription: "too little output", packed: [0, 1], expected: 2, offset: 2,
      message: "unpacks to 1 bytes"),
  ]

  @Test(arguments: sound)
  func `streams unpack`(_ test: Case) throws {
    #expect(try unpack(test.packed, test.unpacked.count) == test.unpacked)
    try check(test.packed, test.unpacked.count)
  }

  @Test(arguments: refused)
  func `damage is placed and named`(_ test: Refusal) {
    var thrown: CodecError?
    do throws(CodecError) { _ = try unpack(test.packed, test.expected) } catch { thrown = error }
    #expect(thrown?.structure == .lzf)
    #expect(thrown?.offset == test.offset)
    #expect(thrown?.message.contains(test.message) == true, "\(thrown?.message ?? "")")
    #expect(throws: CodecError.self) { try check(test.packed, test.expected) }
  }

  @Test func `references overlap what they write at each distance`() throws {
    for distance in 1...40 {
      for length in [3, 8, 9, 10, 15, 16, 17, 31, 33, 264] {
        let front = (0..<distance).map { UInt8($0 + 1) }
        var packer = LZFPacker()
        for byte in front { packer.literal(byte) }
        packer.reference(distance: distance, length: length)
        for byte: UInt8 in [200, 201] { packer.literal(byte) }
        packer.flush()
        let expected =
          front + (0..<length).map { front[$0 % distance] } + [200, 201]
        #expect(
          try unpack(packer.packed, expected.count) == expected, "\(distance), \(length)")
      }
    }
  }

  /// Bytes that pack in many ways: runs, repeats from near and far, noise.
  static func sample(_ random: inout RepeatableRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...30, using: &random) {
      switch Int.random(in: 0...3, using: &random) {
      case 0:
        bytes += random.bytes(count: Int.random(in: 1...70, using: &random))
      case 1:
        let count = Int.random(in: 1...400, using: &random)
        bytes += [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: count)
      case 2 where bytes.count > 4:
        let start = Int.random(in: 0..<(bytes.count - 3), using: &random)
        bytes += Array(bytes[start..<min(bytes.count, start + 300)])
      default: bytes += Array("user:session:".utf8)
      }
    }
    return bytes
  }

  @Test func `what is packed unpacks to itself`() throws {
    var random = RepeatableRandom(seed: 21)
    for _ in 0..<400 {
      let bytes = Self.sample(&random)
      let packed = LZFPacker.pack(bytes)
      #expect(try unpack(packed, bytes.count) == bytes, "seed \(random.seed)")
      try check(packed, bytes.count)
      for wanted in [1, 6, 10, bytes.count] {
        let front = unpackFront(packed, wanted)
        #expect(front == Array(bytes.prefix(wanted)), "the front of \(wanted) bytes")
      }
    }
  }

  @Test func `a stream cut anywhere is refused`() {
    var random = RepeatableRandom(seed: 22)
    let bytes = Self.sample(&random)
    let packed = LZFPacker.pack(bytes)
    for cut in 0..<packed.count {
      let front = Array(packed[..<cut])
      #expect(throws: CodecError.self) { _ = try unpack(front, bytes.count) }
      #expect(throws: CodecError.self) { try check(front, bytes.count) }
      #expect(bytes.starts(with: unpackFront(front, 20)))
    }
  }

  @Test func `checking and unpacking agree on damaged streams`() {
    var random = RepeatableRandom(seed: 23)
    var refusals = 0
    for _ in 0..<60 {
      let bytes = Self.sample(&random)
      let packed = LZFPacker.pack(bytes)
      for _ in 0..<100 {
        var damaged = packed
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = Int.random(in: 0..<damaged.count, using: &random)
          damaged[place] = UInt8.random(in: 0...255, using: &random)
        }
        let unpacked = failure { () throws(CodecError) in _ = try unpack(damaged, bytes.count) }
        let checked = failure { () throws(CodecError) in try check(damaged, bytes.count) }
        #expect(unpacked == checked, "seed \(random.seed)")
        _ = unpackFront(damaged, 10)
        if unpacked != nil { refusals += 1 }
      }
    }
    #expect(refusals > 1000)
  }

  private func failure(_ body: () throws(CodecError) -> Void) -> CodecError? {
    do throws(CodecError) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  /// Unpacks between guard bytes, which must be as they were in front, and from the slack on.
  private func unpack(_ packed: [UInt8], _ expected: Int) throws(CodecError) -> [UInt8] {
    let guarded = 32
    let count = guarded + expected + LZF.slackByteCount
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count + guarded, alignment: 16)
    defer { room.deallocate() }
    for index in room.indices { room[index] = 0xa5 }
    // A copy of its own size, so that an address sanitizer sees reads past the input.
    let source = UnsafeMutableRawBufferPointer.allocate(byteCount: packed.count, alignment: 1)
    defer { source.deallocate() }
    source.copyBytes(from: packed)
    guard let start = room.baseAddress else { return [] }
    defer {
      #expect(room[..<guarded].allSatisfy { $0 == 0xa5 })
      #expect(room[count...].allSatisfy { $0 == 0xa5 })
    }
    try LZF.unpack(UnsafeRawBufferPointer(source), to: start + guarded, expected: expected)
    return Array(room[guarded..<(guarded + expected)])
  }

  /// Checks a copy behind which there is just the room that the check may look at.
  private func check(_ packed: [UInt8], _ expected: Int) throws(CodecError) {
    let slack = [UInt8](repeating: 0xa5, count: LZF.slackByteCount)
    try withExactCopy(packed + slack) { (bytes) throws(CodecError) in
      try LZF.validate(
        UnsafeRawBufferPointer(rebasing: bytes[..<packed.count]), expected: expected)
    }
  }

  private func unpackFront(_ packed: [UInt8], _ wanted: Int) -> [UInt8] {
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: LZF.frontByteCountMax(wanted: wanted), alignment: 16)
    defer { room.deallocate() }
    guard let start = room.baseAddress else { return [] }
    let count = packed.withUnsafeBytes { LZF.unpackFront($0, to: start, wanted: wanted) }
    return Array(room[..<count])
  }
}
