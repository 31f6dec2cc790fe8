import ByteKit
import RedisCodecs

/// Everything in a file that is no key.
extension RDBReader {
  /// Reads what follows an opcode; `nil` for a byte that is none.
  mutating func readOpcode(_ byte: UInt8, at offset: Int) throws(RDBError) -> RDBRecord? {
    switch byte {
    case RDBOpcode.end: return try readEnd()
    case RDBOpcode.selectDatabase: return try readSelectDatabase()
    case RDBOpcode.resizeDatabase:
      return .resizeDatabase(keys: try readLength(), expires: try readLength())
    case RDBOpcode.aux: return try readAux()
    case RDBOpcode.function:
      return .function(element(try readString()))
    case RDBOpcode.preReleaseFunction: return try readPreReleaseFunction()
    case RDBOpcode.moduleAux: return try readModuleAux()
    case RDBOpcode.slotInfo:
      return .slotInfo(
        slot: try readLength(), keys: try readLength(), expires: try readLength())
    case RDBOpcode.slotImport where family == .valkey: return try readSlotImport()
    case RDBOpcode.hashTemplate where family == .redis: return try readHashTemplate()
    case RDBOpcode.update where family == .valkey:
      throw RDBError(
        .unsupported, at: offset,
        "a command within the snapshot (UPDATE, opcode 242): a live replication stream of "
          + "Valkey 9.2, which needs its server"
      )
    case RDBOpcode.enterpriseSlot where family == .redis:
      return .enterpriseSlot(try readLength())
    default: return nil
    }
  }

  private mutating func readEnd() throws(RDBError) -> RDBRecord {
    phase = .checksum
    let offset = input.offset
    input.tapThroughCursor()
    guard version >= 5 else { return .end(checksum: nil, offset: offset) }
    let stored = try readUInt64()
    input.skipTapToCursor()
    return .end(checksum: stored, offset: offset)
  }

  private mutating func readSelectDatabase() throws(RDBError) -> RDBRecord {
    let offset = input.offset
    let number = try readLength()
    guard number < UInt64(Int32.max) else {
      throw RDBError(.record, at: offset, "database number \(number) is impossible")
    }
    database = Int(number)
    return .selectDatabase(database)
  }

  private mutating func readAux() throws(RDBError) -> RDBRecord {
    input.pin = input.cursor
    let name = try readString(.first)
    let value = try readString(.second)
    input.pin = nil
    return .aux(name: element(name), value: element(value))
  }

  /// `str` name, `str` engine, `len` has-description, [`str` description], `str` code: what Redis
  /// 7.0 keeps of it is the source behind a first line that names engine and library.
  private mutating func readPreReleaseFunction() throws(RDBError) -> RDBRecord {
    let name = element(try readString()).bytes
    let engine = element(try readString()).bytes
    let offset = input.offset
    switch try readLength() {
    case 0: break
    case 1: try skipString()
    case let other:
      throw RDBError(.record, at: offset, "a description flag of \(other); 0 or 1 are possible")
    }
    let code = element(try readString()).bytes
    return .preReleaseFunction(
      Array("#!".utf8) + engine + Array(" name=".utf8) + name + [0x0a] + code)
  }

  private mutating func readSlotImport() throws(RDBError) -> RDBRecord {
    let offset = input.offset
    let job = element(try readString()).bytes
    guard job.count == 40 else {
      throw RDBError(
        .record, at: offset,
        "slot import name of \(job.count) bytes; the job name has 40 (valkey #4207)")
    }
    let count = try readCount(minimum: 2)
    var ranges: [ClosedRange<Int>] = []
    for _ in 0..<count {
      let offset = input.offset
      let first = try readLength()
      let last = try readLength()
      guard first <= last, last <= 16383 else {
        throw RDBError(
          .record, at: offset, "slot range \(first)-\(last); slots ascend and end at 16383")
      }
      ranges.append(Int(first)...Int(last))
    }
    return .slotImport(job: job, ranges: ranges)
  }

  private mutating func readModuleAux() throws(RDBError) -> RDBRecord {
    let name = ModuleName(id: try readLength())
    let offset = input.offset
    let opcode = try readLength()
    guard opcode == 2 else {
      throw RDBError(
        .record, at: offset,
        "module AUX data of \(name) begins with opcode \(opcode); an unsigned integer (2) is "
          + "expected"
      )
    }
    let when = try readLength()
    var nothing = IgnoringSink()
    try readModuleParts(of: name, into: &nothing)
    return .moduleAux(name, when: when)
  }
}

/// A sink that takes nothing.
struct IgnoringSink: ValueSink {}
