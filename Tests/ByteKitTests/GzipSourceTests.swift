import TestSupport
import Testing

@testable import ByteKit

/// Gzip members put together by hand, whole and damaged.
@Suite struct GzipSourceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var packed: [UInt8]
    var unpacked: [UInt8]
  }

  private static let text = Array("a snapshot, packed".utf8)
  private static let long: [UInt8] = {
    var random = RepeatableRandom(seed: 11)
    return random.bytes(count: 200_000)
  }()
  private static let sound: [Case] = [
    Case(testDescription: "one member", packed: gzipMember(text), unpacked: text),
    Case(testDescription: "an empty member", packed: gzipMember([]), unpacked: []),
    Case(testDescription: "a long member", packed: gzipMember(long), unpacked: long),
    Case(
      testDescription: "two members", packed: gzipMember(text) + gzipMember(long),
      unpacked: text + long),
    Case(
      testDescription: "an empty member between two",
      packed: gzipMember(text) + gzipMember([]) + gzipMember(text), unpacked: text + text),
    Case(
      testDescription: "zero bytes behind a member",
      packed: gzipMember(text) + [UInt8](repeating: 0, count: 700), unpacked: text),
    Case(
      testDescription: "zero bytes between members",
      packed: gzipMember(text) + [0, 0, 0] + gzipMember(text), unpacked: text + text),
    Case(
      testDescription: "a member with a name",
      packed: gzipMember(text, name: "dump.rdb"), unpacked: text),
  ]

  @Test(arguments: sound, [1, 5, 1 << 20])
  func `members unpack through any split`(_ test: Case, chunk: Int) throws {
    for room in [1, 13, 1 << 16] where room > 1 || test.unpacked.count < 1000 {
      let source = MemorySource(test.packed, chunkByteCount: chunk, knowsSize: false)
      let (bytes, failure) = try unpack(source, room: room)
      #expect(failure == nil)
      #expect(bytes == test.unpacked)
    }
  }

  @Test func `what gzip itself packed unpacks`() throws {
    let (bytes, failure) = try unpack(MemorySource(GzipSample.packed), room: 64)
    #expect(failure == nil)
    #expect(bytes == GzipSample.unpacked)
  }

  @Test func `a copy that ends early gives its front, then an error`() throws {
    let packed = gzipMember(Self.text) + gzipMember(Self.text)
    for cut in 0..<packed.count {
      let (bytes, failure) = try unpack(MemorySource(Array(packed[..<cut])), room: 64)
      #expect((Self.text + Self.text).starts(with: bytes))
      if cut == packed.count / 2 {
        #expect(failure == nil, "cut between members: nobody can tell")
        #expect(bytes == Self.text)
      } else {
        #expect(failure?.kind == .damagedGzip, "cut at \(cut)")
        #expect(failure?.offset == bytes.count)
      }
    }
  }

  @Test func `each changed byte is found, or changes nothing`() throws {
    for mask: UInt8 in [1, 0x80, 0xff] {
      for place in GzipSample.packed.indices {
        var packed = GzipSample.packed
        packed[place] ^= mask
        let (bytes, failure) = try unpack(MemorySource(packed), room: 64)
        if let failure {
          #expect(failure.kind == .damagedGzip)
        } else {
          #expect(bytes == GzipSample.unpacked, "byte \(place)")
        }
      }
    }
  }

  @Test func `what stands before the damage is given out`() throws {
    // The last byte of the CRC is wrong, so all data could be unpacked.
    var packed = gzipMember(Self.text)
    packed[packed.count - 5] ^= 1
    let (bytes, failure) = try unpack(MemorySource(packed), room: 1 << 16)
    #expect(bytes == Self.text)
    #expect(failure?.kind == .damagedGzip)
    #expect(failure?.offset == Self.text.count)
  }

  @Test func `bytes that are no member may not follow one`() throws {
    let (bytes, failure) = try unpack(
      MemorySource(gzipMember(Self.text) + Array("REDIS".utf8)), room: 64)
    #expect(bytes == Self.text)
    #expect(failure?.kind == .damagedGzip)
    #expect(failure?.message.contains("no gzip member") == true)
  }

  @Test func `an error stays`() throws {
    let gzip = try GzipSource(MemorySource(Array(gzipMember(Self.text).dropLast())))
    var failures: [InputError] = []
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { room in
      for _ in 0..<4 {
        do throws(InputError) { _ = try gzip.read(into: room) } catch { failures.append(error) }
      }
    }
    #expect(failures.count == 3, "the data, then the error each time")
    #expect(Set(failures.map(\.message)).count == 1)
  }

  /// Reads everything; returns what came before the error, and the error.
  private func unpack(
    _ packed: any ByteSource, room: Int
  ) throws -> (bytes: [UInt8], failure: InputError?) {
    let gzip = try GzipSource(packed)
    #expect(gzip.remainingByteCount == nil)
    var bytes: [UInt8] = []
    var failure: InputError?
    withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { target in
      do throws(InputError) {
        while true {
          let count = try gzip.read(into: target)
          if count == 0 { break }
          bytes += target[..<count]
        }
      } catch {
        failure = error
      }
    }
    return (bytes, failure)
  }
}

/// What `gzip -9` made of a text.
private enum GzipSample {
  static let unpacked = Array(
    String(repeating: "hello hello hello hello, redis!\n", count: 4).utf8)
  static let packed: [UInt8] =
    bytes(
      hex: """
        1f8b0800000000000203 cb48cdc9c957c8402775148a5253328b15b932682c0f00 8a0b2415 80000000
        """) ?? []
}
