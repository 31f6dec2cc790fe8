import RedisModel
import TestSupport
import Testing

@testable import Engine

/// The data of a keyspace against the `expected.json` of a corpus case: keys, values, expiries,
/// fields' expiries, streams with their groups.
enum DatasetComparison {
  /// The differences, each as a line; none where all is equal.
  static func differences(_ space: inout Keyspace, _ expected: CorpusDataset) -> [String] {
    var lines: [String] = []
    var counts: [Int: Int] = [:]
    for key in expected.keys {
      counts[key.database, default: 0] += 1
      guard case .bytes(let bytes) = key.key else { continue }
      space.select(key.database)
      let name = "\(key.database)/\(String(decoding: bytes, as: UTF8.self))"
      bytes.withUnsafeBytes { bytes in
        guard let handle = space.find(bytes) else { return lines.append("\(name): missing") }
        let digest = space.digestValue(of: bytes).description
        if handle.form != .module, let wanted = key.digestValue, wanted != digest {
          lines.append("\(name): value")
        }
        // Redis 2.4 lets 32 bits of seconds overflow.
        let isStated = key.document["expire_relative"]?.bool != true && key.expireAtMs ?? 0 >= 0
        if isStated,
          handle.expiry != key.expireAtMs.map(Int64.init)
        {
          lines.append("\(name): expiry \(handle.expiry ?? -1), not \(key.expireAtMs ?? -1)")
        }
        lines += fields(handle, key, space).map { "\(name): \($0)" }
        lines += stream(handle, key, space).map { "\(name): \($0)" }
      }
    }
    for database in 0..<space.databaseCount
    where space.keyCount(database) != counts[database, default: 0] {
      lines.append("\(database): \(space.keyCount(database)) keys")
    }
    return lines
  }

  /// Expiries of hash fields.
  private static func fields(
    _ handle: KeyHandle, _ key: CorpusKey, _ space: borrowing Keyspace
  ) -> [String] {
    guard key.type == "hash", handle.form.type == .hash else { return [] }
    let hash = HashValue(handle.value)
    return key.value.elements.compactMap { field in
      guard case .bytes(let name)? = CorpusBytes(field.elements.first) else { return nil }
      let wanted = field.elements.count > 2 ? field.elements[2].int : nil
      let found = name.withUnsafeBytes { hash.expiry($0, space.heap) }
      return found == wanted.map(Int64.init) ? nil : "a field expires at \(found ?? -1)"
    }
  }

  private static func text(_ id: StreamID) -> String { "\(id.milliseconds)-\(id.sequence)" }

  /// What a stream says of itself, and its groups.
  private static func stream(
    _ handle: KeyHandle, _ key: CorpusKey, _ space: borrowing Keyspace
  ) -> [String] {
    guard key.type == "stream", handle.form == .stream else { return [] }
    let (stream, value) = (StreamValue.at(handle.value.address).pointee, key.value)
    var lines: [String] = []
    func check(_ what: String, _ found: String, _ wanted: JSONValue?) {
      let text = wanted?.string ?? wanted?.int.map { "\($0)" }
      if let text, text != found { lines.append("\(what) \(found), not \(text)") }
    }
    check("length", "\(stream.count)", value["length"])
    check("last id", text(stream.lastID), value["last_generated_id"])
    check("greatest deleted id", text(stream.maxDeletedID), value["max_deleted_entry_id"])
    check("entries added", "\(stream.entriesAdded)", value["entries_added"])
    // Servers state another first id for an empty stream that came from an old file.
    if stream.count > 0 {
      check("first id", text(stream.firstID), value["recorded_first_entry_id"])
    }
    lines += producers(stream, value)
    let groups = value["groups"]?.elements ?? []
    check("groups", "\(stream.groups.count)", .number("\(groups.count)"))
    for group in groups {
      guard case .bytes(let name)? = CorpusBytes(group["name"]),
        let found = name.withUnsafeBytes({ stream.group($0, space.heap) })
      else {
        lines.append("a group is missing")
        continue
      }
      check("delivered", text(found.pointee.lastID), group["last_delivered_id"])
      if group["entries_read"]?.int != nil {
        check("read", "\(found.pointee.entriesRead)", group["entries_read"])
      }
      check(
        "consumers", "\(found.pointee.consumers.count)",
        .number("\(group["consumers"]?.elements.count ?? 0)"))
      let entries = group["pel"]?.elements ?? []
      // Some servers cannot be asked for the time.
      let tellsTimes = entries.allSatisfy { $0.elements[2].int != nil }
      let wanted = entries.map { entry in
        let parts = entry.elements
        let time = tellsTimes ? " \(parts[2].int ?? 0)" : ""
        return "\(parts[0].string ?? "") \(parts[1].string ?? "")\(time) \(parts[3].int ?? 0)"
      }
      let pending = pending(found.pointee, withTimes: tellsTimes)
      if pending != wanted { lines.append("pending \(pending), not \(wanted)") }
    }
    return lines
  }

  /// Idempotent producers.
  private static func producers(_ stream: StreamValue, _ value: JSONValue) -> [String] {
    guard value["idmp_duration"] != nil else { return [] }
    let producers = stream.producers.map { StreamProducers.at($0).pointee }
    var (tracked, messages) = (0, 0)
    producers?.forEachProducer { _, row in
      tracked += 1
      StreamProducers.forEach(in: row) { _ in
        messages += 1
        return true
      }
      return true
    }
    let found: [(String, UInt64)] = [
      ("idmp_duration", producers?.durationSeconds ?? StreamProducers.durationDefault),
      ("idmp_maxsize", producers?.countMax ?? StreamProducers.countMaxDefault),
      ("pids_tracked", UInt64(tracked)), ("iids_tracked", UInt64(messages)),
      ("iids_added", producers?.added ?? 0), ("iids_duplicates", producers?.duplicates ?? 0),
    ]
    return found.compactMap { name, number in
      let wanted = value[name]?.int ?? 0
      return number == UInt64(wanted) ? nil : "\(name) \(number), not \(wanted)"
    }
  }

  private static func pending(_ group: ConsumerGroup, withTimes: Bool) -> [String] {
    var (place, lines) = (group.pending.start, [String]())
    while let entry = group.pending.entry(at: place) {
      let name = ConsumerCell.key(of: entry.consumer)
      let text = String(String.UnicodeScalarView(name.map { Unicode.Scalar($0) }))
      let time = withTimes ? " \(entry.deliveredMs)" : ""
      lines.append("\(Self.text(entry.id)) \(text)\(time) \(entry.deliveryCount)")
      place = group.pending.next(place)
    }
    return lines
  }
}
