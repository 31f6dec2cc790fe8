import ByteKit
import RedisCodecs
import RedisModel
import TestSupport
import Testing

@testable import RDB

/// Keys and values of all corpus files, against what the servers said that they hold.
@Suite struct CorpusValueTests {
  /// A key of a file and all that stands with it.
  struct Found {
    var type: RDBType
    var expireAtMs: Int64?
    var idleSeconds: UInt64?
    var lfu: UInt8?
    var value: OwnedValue
  }

  /// Whatever expires before this was past when the servers loaded the files; the rest is meant to
  /// live until 2037 or longer.
  private static let clockMs: Int64 = 2_000_000_000_000

  @Test func `keys are those that the servers loaded, and those that had expired`() throws {
    try withEach(CorpusCase.all) { test in
      let found = try read(test)
      let expected = try test.expected()
      let loaded = Set(expected.keys.map { CorpusKeyName(database: $0.database, key: $0.key) })
      let expired = Set(expected.expiredOnLoad)
      #expect(Set(found.keys) == loaded.union(expired), "\(test.testDescription)")
      #expect(loaded.isDisjoint(with: expired), "\(test.testDescription)")
      for name in expired {
        let key = try #require(found[name])
        #expect(isGone(key), "\(test.testDescription) \(name)")
      }
    }
  }

  @Test func `types, expiries and access data are as stated`() throws {
    try withEach(CorpusCase.all) { test in
      let found = try read(test)
      for key in try test.expected().keys {
        let name = CorpusKeyName(database: key.database, key: key.key)
        let has = try #require(found[name])
        let place: Comment = "\(test.testDescription) \(key.key)"
        #expect(Int(has.type.byte) == key.rdbType, place)
        #expect(has.expireAtMs.map { Int($0) } == key.expireAtMs, place)
        #expect(has.idleSeconds.map { Int($0) } == key.idleSeconds, place)
        #expect(has.lfu.map { Int($0) } == key.lfu, place)
        if case .module(let module, _) = has.value {
          let stated = key.value["module_type"]?.string
          #expect(module.description == (stated == "vectorset" ? "vectorset" : stated), place)
        } else {
          #expect(has.type.kind.rawValue == key.type, place)
        }
      }
    }
  }

  @Test func `values are as stated`() throws {
    var compared: [RDBValueKind: Int] = [:]
    try withEach(CorpusCase.all) { test in
      let found = try read(test)
      for key in try test.expected().keys {
        let name = CorpusKeyName(database: key.database, key: key.key)
        let has = try #require(found[name])
        let place: Comment = "\(test.testDescription) \(key.key)"
        compared[has.type.kind, default: 0] += 1
        switch has.value {
        case .string(let bytes):
          #expect(CorpusBytes(key.value) == CorpusBytes(stating: bytes), place)
        case .elements(let elements):
          let stated = key.value.elements.map { CorpusBytes($0) }
          let read = elements.map { CorpusBytes(stating: $0) }
          if has.type.kind == .list {
            #expect(read == stated, place)
          } else {
            #expect(Set(read) == Set(stated), place)
            #expect(read.count == stated.count, place)
          }
        case .members(let members): try compare(members, key.value, place)
        case .fields(let fields): try compare(fields, key.value, place)
        case .stream(let stream): try StreamComparison.compare(stream, key.value, place)
        case .module(_, let parts): #expect(!parts.isEmpty, place)
        case .array, .gcra, .pathFields: Issue.record("no server of the corpus has these")
        }
      }
    }
    for kind in [RDBValueKind.string, .list, .set, .zset, .hash, .stream, .module] {
      #expect(compared[kind, default: 0] > 0, "no \(kind) was compared")
    }
  }

  private func compare(
    _ members: [(member: [UInt8], score: Double)], _ stated: JSONValue, _ place: Comment
  ) throws {
    #expect(members.count == stated.elements.count, place)
    let read = Dictionary(
      members.map { (CorpusBytes(stating: $0.member), $0.score) }, uniquingKeysWith: { $1 })
    for pair in stated.elements {
      let member = try #require(CorpusBytes(pair.elements.first))
      let score = try #require(pair.elements.last?.string.flatMap { Double($0) })
      #expect(read[member] == score, place)
    }
  }

  private func compare(
    _ fields: [(field: [UInt8], value: [UInt8], expireAtMs: Int64?)], _ stated: JSONValue,
    _ place: Comment
  ) throws {
    let live = fields.filter { $0.expireAtMs.map { $0 >= Self.clockMs } ?? true }
    #expect(live.count == stated.elements.count, place)
    let read = Dictionary(
      live.map { (CorpusBytes(stating: $0.field), $0) }, uniquingKeysWith: { $1 })
    for triple in stated.elements {
      let parts = triple.elements
      let field = try #require(CorpusBytes(parts.first))
      let found = try #require(read[field], place)
      #expect(CorpusBytes(stating: found.value) == CorpusBytes(parts[1]), place)
      #expect(found.expireAtMs.map { Int($0) } == (parts.count > 2 ? parts[2].int : nil), place)
    }
  }

  /// Whether a server that loads the key drops it.
  private func isGone(_ key: Found) -> Bool {
    if let expireAtMs = key.expireAtMs { return expireAtMs < Self.clockMs }
    guard case .fields(let fields) = key.value else { return false }
    return fields.allSatisfy { $0.expireAtMs.map { $0 < Self.clockMs } ?? false }
  }

  private func read(_ test: CorpusCase) throws -> [CorpusKeyName: Found] {
    var input = ByteInput(MemorySource(try test.bytes()))
    let opening = try RDBOpening.read(&input)
    var reader = RDBReader(input, family: opening.family, version: opening.version)
    var found: [CorpusKeyName: Found] = [:]
    while true {
      switch try reader.next() {
      case .key(let header):
        let name = CorpusKeyName(
          database: header.database, key: CorpusBytes(stating: Array(header.key)))
        var sink = CollectingSink()
        try reader.readValue(into: &sink)
        #expect(found[name] == nil, "\(test.testDescription): \(name) stands twice")
        found[name] = Found(
          type: header.type, expireAtMs: header.expireAtMs, idleSeconds: header.idleSeconds,
          lfu: header.lfu, value: sink.value(header.type.kind))
      case .end:
        let (broken, count) = (reader.violations.kept, reader.violations.count)
        #expect(count == 0, "\(test.testDescription): \(broken)")
        return found
      default: continue
      }
    }
  }
}

/// Streams of the corpus.
private enum StreamComparison {
  static func compare(_ stream: OwnedStream, _ stated: JSONValue, _ place: Comment) throws {
    let entries = stated["entries"]?.elements ?? []
    #expect(stream.entries.count == entries.count, place)
    for (entry, stated) in zip(stream.entries, entries) {
      #expect(text(entry.id) == stated.elements.first?.string, place)
      let parts = entry.pairs.joined().map { CorpusBytes(stating: $0) }
      #expect(parts == stated.elements.last?.elements.map { CorpusBytes($0) }, place)
    }
    let metadata = try #require(stream.metadata)
    #expect(metadata.length == stated["length"]?.unsigned, place)
    #expect(text(metadata.lastID) == stated["last_generated_id"]?.string, place)
    if let id = metadata.maxDeletedID {
      #expect(text(id) == stated["max_deleted_entry_id"]?.string, place)
    }
    if let id = metadata.firstID {
      #expect(text(id) == stated["recorded_first_entry_id"]?.string, place)
    }
    if let added = metadata.entriesAdded {
      #expect(added == stated["entries_added"]?.unsigned, place)
    }
    if let idmp = stream.idmp {
      #expect(idmp.settings.durationSeconds == stated["idmp_duration"]?.unsigned, place)
      #expect(idmp.settings.entriesMax == stated["idmp_maxsize"]?.unsigned, place)
      #expect(idmp.added == stated["iids_added"]?.unsigned, place)
      #expect(idmp.duplicates == stated["iids_duplicates"]?.unsigned, place)
    }
    try compare(stream.groups, stated["groups"]?.elements ?? [], place)
  }

  private static func compare(
    _ groups: [OwnedStream.Group], _ stated: [JSONValue], _ place: Comment
  ) throws {
    #expect(groups.count == stated.count, place)
    for (group, stated) in zip(groups, stated) {
      #expect(CorpusBytes(stating: group.name) == CorpusBytes(stated["name"]), place)
      #expect(text(group.lastID) == stated["last_delivered_id"]?.string, place)
      let read = group.entriesRead == -1 ? nil : group.entriesRead
      if let entriesRead = stated["entries_read"] {
        #expect(read.map { Int($0) } == entriesRead.int, place)
      }
      let pending = stated["pel"]?.elements ?? []
      #expect(group.pending.count == pending.count, place)
      for (entry, stated) in zip(group.pending, pending) {
        let parts = stated.elements
        #expect(text(entry.id) == parts[0].string, place)
        #expect(CorpusBytes(stating: entry.consumer ?? []) == CorpusBytes(parts[1]), place)
        if let time = parts[2].int { #expect(Int(entry.deliveredAtMs) == time, place) }
        #expect(Int(entry.count) == parts[3].int, place)
      }
      try compare(group.consumers, stated["consumers"]?.elements ?? [], place)
    }
  }

  private static func compare(
    _ consumers: [OwnedStream.Consumer], _ stated: [JSONValue], _ place: Comment
  ) throws {
    #expect(consumers.count == stated.count, place)
    for (consumer, stated) in zip(consumers, stated) {
      #expect(CorpusBytes(stating: consumer.name) == CorpusBytes(stated["name"]), place)
      if let seen = stated["seen_time"]?.int { #expect(Int(consumer.seenAtMs) == seen, place) }
      if let active = stated["active_time"]?.int, let found = consumer.activeAtMs {
        #expect(Int(found) == active, place)
      }
      let ids = (stated["pel"]?.elements ?? []).map { $0.elements.first?.string }
      #expect(consumer.ids.map(text) == ids, place)
    }
  }

  private static func text(_ id: StreamID) -> String { "\(id.milliseconds)-\(id.sequence)" }
}
