import ByteKit
import Engine
import RDB
import RedisCodecs

/// Values of modules, and arrays, as snapshots have them.
extension ValueWriter {
  /// The id, then opcodes and what belongs to them; 0 is the end.
  mutating func module(_ module: KeptModule) {
    file.length(module.id)
    module.forEachPart { part in
      switch part {
      case .signed(let value):
        file.length(1)
        file.length(UInt64(bitPattern: value))
      case .unsigned(let value):
        file.length(2)
        file.length(value)
      case .float(let bits):
        file.length(3)
        file.integer(bits)
      case .double(let bits):
        file.length(4)
        file.integer(Int64(bitPattern: bits))
      case .string(let text):
        file.length(5)
        file.string(text)
      }
    }
    file.length(0)
  }

  /// The count, the cursor, then index, tag and payload of each element.
  mutating func array(_ array: KeptArray) {
    file.length(array.count)
    if let index = array.insertIndex {
      file.length(1)
      file.length(index)
    } else {
      file.length(0)
    }
    array.forEach { index, tag, text in
      file.length(index)
      switch ArrayTag(rawValue: tag) {
      case .int:
        if let value = ListpackWriter.canonicalInteger(text) {
          file.length(UInt64(tag))
          return file.integer(value)
        }
      case .float:
        if let value = Double(String(decoding: text, as: UTF8.self)) {
          file.length(UInt64(tag))
          return file.double(value)
        }
      default: break
      }
      let isSmall = text.count <= 7
      file.length(UInt64((isSmall ? ArrayTag.smallString : .sds).rawValue))
      file.string(text)
    }
  }
}
