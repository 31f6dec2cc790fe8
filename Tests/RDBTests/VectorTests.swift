import ByteKit
import Foundation
import RedisCodecs
import TestSupport
import Testing

@testable import RDB

/// The single files and payloads of `vectors.json`.
@Suite struct VectorTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var isPayload: Bool
    /// What it decodes to; `nil` for one that is refused.
    var decoded: JSONValue?
  }

  /// Refused for fields or members that stand twice, which only a verifier sees: a reader holds one
  /// element at a time. `SnapshotVerifier` has to refuse them.
  static let duplicates: Set<String> = ["hash2-bad-dup", "set-bad-dup"]

  private static let vectors: [Vector] = {
    let file = ProjectFolders.fixtures.appending(path: "rdb/vectors.json")
    let shared = SharedData.root?.appending(path: "rdb/vectors.json")
    let document = try? JSONValue(parsing: readBytes(shared ?? file))
    return (document?.elements ?? []).compactMap { vector in
      guard let id = vector["id"]?.string, let bytes = vector["hex"]?.string.flatMap(bytes(hex:))
      else { return nil }
      return Vector(
        testDescription: id, bytes: bytes, isPayload: vector["kind"]?.string == "dump",
        decoded: vector["ok"]?.bool == true ? vector["decoded"] : nil)
    }
  }()

  /// Those that are whole files.
  static let files = vectors.filter { !$0.isPayload }

  @Test func `all vectors are there`() {
    #expect(Self.vectors.count >= 97)
    #expect(Self.vectors.count { $0.decoded == nil } >= 51)
  }

  @Test(arguments: vectors.filter { !$0.isPayload && $0.decoded != nil })
  func `accepted files decode as stated`(_ vector: Vector) throws {
    let expected = try #require(vector.decoded).elements.map { Self.readable($0).canonical }
    for split in [(1 << 18, Int.max), (16, 1)] {
      let (records, violations) = try Self.records(vector.bytes, split.0, chunk: split.1)
      #expect(records.map(\.canonical) == expected)
      #expect(!violations.contains { !$0.isWarning }, "\(violations)")
    }
  }

  @Test(arguments: vectors.filter { !$0.isPayload && $0.decoded == nil })
  func `refused files are refused`(_ vector: Vector) {
    let walk = Walk(vector.bytes)
    let isRefused = walk.failure != nil || walk.violations.contains { !$0.isWarning }
    #expect(isRefused != Self.duplicates.contains(vector.testDescription))
  }

  @Test(arguments: vectors.filter { $0.isPayload && $0.decoded != nil })
  func `accepted payloads decode as stated`(_ vector: Vector) throws {
    var sink = CollectingSink()
    let (header, violations) = try RDBPayload.read(vector.bytes, into: &sink)
    let decoded = VectorShape.object([
      "ver": VectorShape.number(header.version), "type": VectorShape.number(header.type.byte),
      "kind": .string(header.type.kind.rawValue),
      "value": VectorShape.value(sink.value(header.type.kind)),
      "meta": VectorShape.metadata(header.metadata),
    ])
    #expect(decoded.canonical == vector.decoded?.canonical)
    #expect(!violations.contains { !$0.isWarning }, "\(violations)")
  }

  @Test(arguments: vectors.filter { $0.isPayload && $0.decoded == nil })
  func `refused payloads are refused`(_ vector: Vector) {
    var sink = EventSink()
    var isRefused = true
    do throws(RDBError) {
      isRefused = try RDBPayload.read(vector.bytes, into: &sink).violations.contains {
        !$0.isWarning
      }
    } catch {
      #expect(!error.message.isEmpty)
    }
    #expect(isRefused)
  }

  /// A stated record without what records do not carry: the parts of module AUX data, and the names
  /// of template fields, of which they have the number.
  private static func readable(_ record: JSONValue) -> JSONValue {
    switch record.elements.first?.string {
    case "moduleaux": .array(Array(record.elements.prefix(3)))
    case "template":
      .array(
        Array(record.elements.prefix(2)) + [VectorShape.number(record.elements[2].elements.count)])
    default: record
    }
  }

  private static func records(
    _ bytes: [UInt8], _ window: Int, chunk: Int
  ) throws(RDBError) -> ([JSONValue], [RDBViolation]) {
    var input = ByteInput(
      MemorySource(bytes, chunkByteCount: chunk), windowByteCount: window)
    let opening = try RDBOpening.read(&input)
    var records: [JSONValue] = [
      .array([
        .string("header"), .string(opening.family.rawValue.lowercased()),
        VectorShape.number(opening.version),
      ])
    ]
    var reader = RDBReader(input, family: opening.family, version: opening.version)
    while true {
      let record = try reader.next()
      if case .key(let header) = record {
        var sink = CollectingSink()
        try reader.readValue(into: &sink)
        let key = VectorShape.key(header, sink.value(header.type.kind))
        records.append(.array([.string("key"), key]))
      } else if let stated = state(record) {
        records.append(.array(stated))
      }
      if case .end = record { return (records, reader.violations.kept) }
    }
  }

  private static func state(_ record: RDBRecord) -> [JSONValue]? {
    let number = { (value: UInt64) in VectorShape.number(value) }
    switch record {
    case .key: return nil
    case .selectDatabase(let database): return [.string("db"), VectorShape.number(database)]
    case .resizeDatabase(let keys, let expires):
      return [.string("resizedb"), number(keys), number(expires)]
    case .aux(let name, let value):
      return [.string("aux"), VectorShape.text(name.bytes), VectorShape.text(value.bytes)]
    case .function(let code): return [.string("function"), VectorShape.text(code.bytes)]
    case .preReleaseFunction(let code): return [.string("function"), VectorShape.text(code)]
    case .moduleAux(let name, let when):
      return [.string("moduleaux"), number(name.id), number(when)]
    case .slotInfo(let slot, let keys, let expires):
      return [.string("slotinfo"), number(slot), number(keys), number(expires)]
    case .slotImport(let job, let ranges):
      return [
        .string("slotimport"), VectorShape.text(job),
        .array(
          ranges.map {
            .array([VectorShape.number($0.lowerBound), VectorShape.number($0.upperBound)])
          }),
      ]
    case .hashTemplate(let id, let fieldCount):
      return [.string("template"), VectorShape.number(id), VectorShape.number(fieldCount)]
    case .enterpriseSlot(let slot): return [.string("enterpriseslot"), number(slot)]
    case .end(let checksum, _):
      guard let checksum else { return nil }
      return [.string("crc"), .string(hex((0..<8).map { UInt8(checksum >> (56 - 8 * $0) & 255) }))]
    }
  }
}
