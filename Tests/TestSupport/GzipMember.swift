/// A gzip member (RFC 1952) of `bytes`, whose deflate data is stored blocks (RFC 1951, 3.2.4).
public func gzipMember(_ bytes: [UInt8], name: String? = nil) -> [UInt8] {
  var out: [UInt8] = [0x1f, 0x8b, 8, name == nil ? 0 : 8, 0, 0, 0, 0, 0, 255]
  if let name { out += Array(name.utf8) + [0] }
  var rest = bytes[...]
  repeat {
    let block = rest.prefix(65535)
    rest = rest.dropFirst(65535)
    out.append(rest.isEmpty ? 1 : 0)
    let count = UInt32(block.count)
    out += littleEndian(count, 2) + littleEndian(~count, 2) + block
  } while !rest.isEmpty
  return out + littleEndian(crc32(bytes), 4) + littleEndian(UInt32(bytes.count), 4)
}

private func littleEndian(_ value: UInt32, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0) { crc, byte in
    (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in
      crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1
    }
  }
}
