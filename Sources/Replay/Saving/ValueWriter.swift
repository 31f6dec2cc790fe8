import ByteKit
import Engine
import Export
import RDB
import RedisCodecs
import RedisModel

/// Writes keys with their values as a snapshot has them, or the payload of one.
struct ValueWriter: ~Copyable {
  /// Where it all goes.
  var file: RDBWriter
  /// What had no place, and how often.
  var leftOut: [String: Int] = [:]
  private var listpack = ListpackWriter()

  /// A writer of keys into `file`.
  init(_ file: consuming RDBWriter) { self.file = file }

  /// Writes the body of a value.
  ///
  /// - Parameter type: what `SavedType` says.
  mutating func body(of value: KeptValue, type: UInt8) {
    switch type {
    case 0: value.withString { file.string($0) }
    case 1, 2:
      file.length(value.count)
      value.forEachElement { file.string($0) }
    case 3, 5: scores(of: value, isText: type == 3)
    case 4: fields(of: value)
    case 7: if let module = value.module { self.module(module) }
    case 11: if let bytes = value.integerSet { file.blob(bytes) }
    case 16, 20: if let bytes = value.listpack { file.blob(bytes) }
    case 17: scoreListpack(of: value)
    case 18: nodes(of: value)
    case 28: if let array = value.array { self.array(array) }
    case 22, 24: expiringFields(of: value, type: type)
    default: stream(value.stream, type: type)
    }
  }

  /// A list of listpacks.
  private mutating func nodes(of list: KeptValue) {
    let packed = 2
    file.length(list.nodeCount)
    for index in 0..<list.nodeCount {
      file.length(packed)
      file.blob(list.node(index))
    }
  }

  /// Members and scores, the greatest first: loading then adds in front, which is quick.
  private mutating func scores(of zset: KeptValue, isText: Bool) {
    file.length(zset.count)
    zset.forEachMemberReversed { member, score in
      file.string(member)
      if isText { file.textualDouble(score) } else { file.double(score) }
      return true
    }
  }

  private mutating func scoreListpack(of zset: KeptValue) {
    listpack.removeAll()
    zset.forEachMember { member, score in
      listpack.append(member)
      ScoreArgument.with(score) { listpack.append($0) }
      return true
    }
    file.blob(listpack.finish())
  }

  private mutating func fields(of hash: KeptValue) {
    file.length(hash.count)
    hash.forEachField { field, value, _ in
      file.string(field)
      file.string(value)
    }
  }

  /// Fields with expiries: of Redis relative to the earliest one, of the candidate of 7.4 as they
  /// are, of Valkey behind the value.
  private mutating func expiringFields(of hash: KeptValue, type: UInt8) {
    let base = hash.earliestFieldExpiry ?? 0
    let isValkey = file.form.server.product == .valkey
    if type == 24 { file.integer(base) }
    file.length(hash.count)
    hash.forEachField { field, value, expiry in
      if !isValkey {
        let stated = expiry.map { type == 24 ? $0 &- base &+ 1 : $0 } ?? 0
        file.length(UInt64(bitPattern: stated))
      }
      file.string(field)
      file.string(value)
      if isValkey { file.integer(expiry ?? -1) }
    }
  }
}
