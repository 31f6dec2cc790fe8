import ByteKit
import RDB
import RedisCodecs

extension JSONSink: ValueSink {
  /// True once text could not be held back any more: see `failure`.
  public var isStopped: Bool { held.failure != nil }

  /// Writes the value of a string key.
  public mutating func string(_ value: Element) {
    note(value)
    output.writer.writeJSON(value)
  }

  /// Writes an element of a list, a member of a set, a key or argument of a cron job.
  public mutating func element(_ value: Element) {
    if stage == .plain {
      separate()
    } else {
      separateCronItem()
    }
    output.writer.writeJSON(value)
  }

  /// Writes `[member, score]`.
  public mutating func member(_ member: Element, score: Double) {
    separate()
    output.writer.write(UInt8(ascii: "["))
    output.writer.writeJSON(member)
    output.writer.write(UInt8(ascii: ","))
    output.writer.writeJSON(score: score)
    output.writer.write(UInt8(ascii: "]"))
  }

  /// Writes `"field": "value"`, and holds the expiry back for `fieldExpireAtMs`.
  public mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    separate()
    output.writer.writeJSON(field)
    output.writer.write(UInt8(ascii: ":"))
    output.writer.writeJSON(value)
    fieldCount &+= 1
    guard let expireAtMs else { return }
    if expireAtMs < nowMs { dueFieldCount &+= 1 }
    if !held.isEmpty { held.writer.write(UInt8(ascii: ",")) }
    held.writer.writeJSON(field)
    held.writer.write(UInt8(ascii: ":"))
    held.writer.write(decimal: expireAtMs)
  }

  /// Writes `[path, field, value]`.
  public mutating func pathField(path: Element, field: Element, value: Element) {
    separate()
    output.writer.write(UInt8(ascii: "["))
    output.writer.writeJSON(path)
    output.writer.write(UInt8(ascii: ","))
    output.writer.writeJSON(field)
    output.writer.write(UInt8(ascii: ","))
    output.writer.writeJSON(value)
    output.writer.write(UInt8(ascii: "]"))
  }

  /// Opens the object of an array.
  public mutating func array(count: Int, insertIndex: UInt64?) {
    output.writer.write(UInt8(ascii: "{"))
    if let insertIndex {
      output.writer.write("\"insertIndex\":")
      output.writer.write(decimal: insertIndex)
      output.writer.write(UInt8(ascii: ","))
    }
    output.writer.write("\"elements\":[")
  }

  /// Writes `[index, value]`.
  public mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) {
    separate()
    output.writer.write(UInt8(ascii: "["))
    output.writer.write(decimal: index)
    output.writer.write(UInt8(ascii: ","))
    output.writer.writeJSON(value)
    output.writer.write(UInt8(ascii: "]"))
  }

  /// Opens the object of a module value.
  public mutating func module(name: ModuleName, version: Int) {
    output.writer.write("{\"module\":\"")
    output.writer.write(text: name.description)
    output.writer.write("\",\"version\":")
    output.writer.write(decimal: version)
    output.writer.write(",\"parts\":[")
  }

  /// Writes `["kind", value]`; the kinds are `int`, `uint`, `float`, `double`, `string`.
  public mutating func modulePart(_ part: ModulePart) {
    separate()
    switch part {
    case .signed(let value): output.writer.writePart(signed: value)
    case .unsigned(let value): output.writer.writePart(unsigned: value)
    case .float(let value): output.writer.writePart(float: value)
    case .double(let value): output.writer.writePart(double: value)
    case .string(let value):
      output.writer.write("[\"string\",")
      output.writer.writeJSON(value)
      output.writer.write(UInt8(ascii: "]"))
    }
  }

  /// Writes the arrival time as a number.
  public mutating func gcra(_ arrivalTime: UInt64) {
    output.writer.write(decimal: arrivalTime)
  }

  /// Opens the object of a cron job.
  public mutating func cron(
    script: Element, startMs: Int64, intervalMs: Int64, keyCount: Int, argumentCount: Int
  ) {
    output.writer.write("{\"script\":")
    output.writer.writeJSON(script)
    output.writer.write(",\"startMs\":")
    output.writer.write(decimal: startMs)
    output.writer.write(",\"intervalMs\":")
    output.writer.write(decimal: intervalMs)
    output.writer.write(",\"keys\":[")
    announced = keyCount
    stage = .cronKeys
  }

  /// Goes from a cron job's keys to its arguments when the keys are through.
  private mutating func separateCronItem() {
    if stage == .cronKeys, announced == 0 {
      output.writer.write("],\"arguments\":[")
      needsComma = false
      stage = .arguments
    }
    announced &-= 1
    separate()
  }
}

extension ByteWriter {
  /// Writes the metadata of a key as the member `metadata`.
  mutating func writeJSON(_ metadata: [KeyMetadata]) {
    write(",\"metadata\":[")
    for (index, item) in metadata.enumerated() {
      if index > 0 { write(UInt8(ascii: ",")) }
      write("{\"class\":")
      writeJSON(text: item.className)
      write(",\"version\":")
      write(decimal: item.version)
      write(",\"flags\":")
      write(decimal: item.flags)
      write(",\"parts\":[")
      for (index, part) in item.parts.enumerated() {
        if index > 0 { write(UInt8(ascii: ",")) }
        writeJSON(part)
      }
      write("]}")
    }
    write(UInt8(ascii: "]"))
  }

  private mutating func writeJSON(_ part: OwnedModulePart) {
    switch part {
    case .signed(let value): writePart(signed: value)
    case .unsigned(let value): writePart(unsigned: value)
    case .float(let value): writePart(float: value)
    case .double(let value): writePart(double: value)
    case .string(let bytes):
      write("[\"string\",")
      bytes.withUnsafeBytes { writeJSON(bytes: $0) }
      write(UInt8(ascii: "]"))
    }
  }

  /// Writes `["int",n]`.
  mutating func writePart(signed value: Int64) {
    write("[\"int\",")
    write(decimal: value)
    write(UInt8(ascii: "]"))
  }

  /// Writes `["uint",n]`.
  mutating func writePart(unsigned value: UInt64) {
    write("[\"uint\",")
    write(decimal: value)
    write(UInt8(ascii: "]"))
  }

  /// Writes `["float",x]`, in the digits that a binary32 needs.
  mutating func writePart(float value: Float) {
    write("[\"float\",")
    if value.isFinite { write(text: value.description) } else { writeJSON(score: Double(value)) }
    write(UInt8(ascii: "]"))
  }

  /// Writes `["double",x]`.
  mutating func writePart(double value: Double) {
    write("[\"double\",")
    writeJSON(score: value)
    write(UInt8(ascii: "]"))
  }
}
