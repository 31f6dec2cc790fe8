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
}
