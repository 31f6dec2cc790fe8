import ByteKit
import RedisCodecs

extension ByteWriter {
  /// Writes a bulk string of a DUMP payload: type, body, version and CRC-64, both little endian.
  mutating func writePayload(type: UInt8, body: UnsafeRawBufferPointer, version: Int) {
    let footer = UInt16(truncatingIfNeeded: version).littleEndian
    var crc = withUnsafeBytes(of: type) { CRC64.update(0, $0) }
    crc = CRC64.update(crc, body)
    crc = withUnsafeBytes(of: footer) { CRC64.update(crc, $0) }
    write(UInt8(ascii: "$"))
    write(decimal: body.count &+ 11)
    write("\r\n")
    write(type)
    write(body)
    withUnsafeBytes(of: footer) { write($0) }
    withUnsafeBytes(of: crc.littleEndian) { write($0) }
    write("\r\n")
  }

  /// The body of a value that is one `str`, less than 4 GiB long: its length, then the bytes.
  static func stringBody(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let count = bytes.count
    var body: [UInt8] = []
    body.reserveCapacity(count + 5)
    switch count {
    case 0..<0x40: body.append(UInt8(truncatingIfNeeded: count))
    case 0x40..<0x4000:
      body.append(0x40 | UInt8(truncatingIfNeeded: count >> 8))
      body.append(UInt8(truncatingIfNeeded: count))
    default:
      body.append(0x80)
      let length = UInt32(truncatingIfNeeded: count).bigEndian
      withUnsafeBytes(of: length) { body.append(contentsOf: $0) }
    }
    body.append(contentsOf: bytes)
    return body
  }
}
