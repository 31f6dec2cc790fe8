import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// RESTORE of payloads that servers wrote, of damaged ones, and of what is none.
@Suite struct RestoreTests {
  /// A payload of the fixtures.
  struct Payload: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let isSound: Bool
  }

  static let payloads: [Payload] = {
    let file = ProjectFolders.fixtures.appending(path: "rdb/vectors.json")
    let document = try? JSONValue(parsing: readBytes(file))
    return (document?.elements ?? []).compactMap { vector in
      guard vector["kind"]?.string == "dump", let text = vector["hex"]?.string,
        let payload = bytes(hex: text)
      else { return nil }
      return Payload(
        testDescription: vector["id"]?.string ?? "", bytes: payload,
        isSound: vector["ok"]?.bool == true)
    }
  }()

  /// What became of `RESTORE k 0 payload REPLACE`.
  @discardableResult
  private static func restore(_ payload: [UInt8], _ loader: borrowing DatasetLoader)
    -> CommandOutcome
  {
    let words = [Array("RESTORE".utf8), [0x6b], [0x30], payload, Array("REPLACE".utf8)]
    let all = Array(words.joined())
    return all.withUnsafeBytes { bytes in
      var start = 0
      let parts = words.map { word in
        defer { start += word.count }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + word.count)])
      }
      return parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return .unknown }
        return loader.withKeyspace { $0.execute(Arguments(start: start, count: parts.count)) }
      }
    }
  }

  private static func makeLoader() -> DatasetLoader {
    DatasetLoader(
      LoadOptions(
        target: ServerVersion(.redis, 8, 10, 0), nowMs: 1_800_000_000_000, seed: 3))
  }

  @Test(arguments: payloads)
  func `a payload is restored if it is sound`(_ payload: Payload) {
    let loader = Self.makeLoader()
    // Valkey's own versions are none of a Redis'.
    let version = payload.bytes.count >= 10 ? payload.bytes[payload.bytes.count - 10] : 0
    let outcome = Self.restore(payload.bytes, loader)
    if payload.isSound, version < 80 {
      #expect(outcome != .failed)
      // Values that are not known are kept, or not.
      if outcome == .done { #expect(loader.withKeyspace { $0.keyCount(0) } == 1) }
    } else {
      #expect(outcome == .failed)
      #expect(loader.withKeyspace { $0.keyCount(0) } == 0)
    }
  }

  /// The payload that DUMP answers for the key.
  private static func dump(_ loader: borrowing DatasetLoader) -> [UInt8]? {
    loader.finish()
    return [UInt8]("DUMPk".utf8).withUnsafeBytes { bytes in
      let parts = [
        UnsafeRawBufferPointer(rebasing: bytes[0..<4]),
        UnsafeRawBufferPointer(rebasing: bytes[4..<5]),
      ]
      return parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return nil }
        return loader.withKeyspace { space in
          guard space.execute(Arguments(start: start, count: 2)) == .done else { return nil }
          guard case .bulk(let payload)? = space.reply.value else { return nil }
          return payload
        }
      }
    }
  }

  @Test(arguments: payloads.filter(\.isSound))
  func `what DUMP answers is restored to the same value`(_ payload: Payload) throws {
    let loader = Self.makeLoader()
    Self.restore(payload.bytes, loader)
    guard loader.withKeyspace({ $0.keyCount(0) }) == 1 else { return }
    let answer = Self.dump(loader)
    let dumped = try #require(answer)
    let again = Self.makeLoader()
    #expect(Self.restore(dumped, again) != .failed)
    #expect(again.withKeyspace { $0.keyCount(0) } == 1)
    #expect(again.withKeyspace { $0.digest } == loader.withKeyspace { $0.digest })
    #expect(Self.dump(again) == dumped)
  }

  @Test(arguments: payloads.filter(\.isSound))
  func `a damaged payload is restored or refused, whatever it is`(_ payload: Payload) {
    let loader = Self.makeLoader()
    var bytes = payload.bytes
    // A checksum of zero is none: the damage itself must be noticed.
    for index in (bytes.count - 8)..<bytes.count { bytes[index] = 0 }
    let before = loader.withKeyspace { $0.byteCount }
    for index in 0..<(bytes.count - 8) {
      for bit in 0..<8 {
        bytes[index] ^= 1 << bit
        _ = Self.restore(bytes, loader)
        bytes[index] ^= 1 << bit
      }
    }
    for count in 0..<bytes.count { _ = Self.restore(Array(bytes[..<count]), loader) }
    // What was refused has left nothing behind.
    loader.withKeyspace { space in
      space.nowMs += 1
      let words = ["DEL", "k"].map { Array($0.utf8) }
      let all = Array(words.joined())
      all.withUnsafeBytes { bytes in
        let parts = [
          UnsafeRawBufferPointer(rebasing: bytes[0..<3]),
          UnsafeRawBufferPointer(rebasing: bytes[3..<4]),
        ]
        parts.withUnsafeBufferPointer { parts in
          if let start = parts.baseAddress { space.execute(Arguments(start: start, count: 2)) }
        }
      }
      #expect(space.byteCount == before)
    }
  }
}
