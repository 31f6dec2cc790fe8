import CZlib

/// Unpacks gzip data, also several members one behind the other, as `gzip -c a b` writes them.
public final class GzipSource: ByteSource {
  private static let inputByteCount = 1 << 17

  private let packed: any ByteSource
  private let input: UnsafeMutableRawBufferPointer
  private var stream = z_stream()
  private var inputIsAtEnd = false
  private var memberIsOpen = true
  private var position = 0
  /// Damage that was found behind bytes that are sound; the next call throws it.
  private var pendingFailure: InputError?

  /// - Parameter packed: where the packed bytes come from, positioned at the gzip magic.
  public init(_ packed: any ByteSource) throws(InputError) {
    self.packed = packed
    input = .allocate(byteCount: Self.inputByteCount, alignment: 16)
    let gzipOnly = MAX_WBITS + 16
    let status = inflateInit2_(
      &stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw InputError(.system, at: 0, "zlib cannot start (code \(status))")
    }
  }

  deinit {
    inflateEnd(&stream)
    input.deallocate()
  }

  /// Not known before all is unpacked.
  public var remainingByteCount: Int? { nil }

  /// Unpacks until `target` has at least one byte or the last member ends.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    guard target.count > 0 else { return 0 }
    if let pendingFailure { throw pendingFailure }
    stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(clamping: target.count)
    let room = stream.avail_out
    while stream.avail_out == room {
      try refill()
      if try !openNextMember() { break }
      let status = inflate(&stream, Z_NO_FLUSH)
      if status == Z_STREAM_END {
        memberIsOpen = false
      } else if status == Z_BUF_ERROR && inputIsAtEnd && stream.avail_in == 0 {
        try fail("ends inside a member; the copy is not complete", from: room)
        break
      } else if status != Z_OK && status != Z_BUF_ERROR {
        let detail = stream.msg.map { String(cString: $0) } ?? "code \(status)"
        try fail("is damaged: \(detail)", from: room)
        break
      }
    }
    let count = Int(room - stream.avail_out)
    position += count
    return count
  }

  private func refill() throws(InputError) {
    guard stream.avail_in == 0, !inputIsAtEnd else { return }
    let count = try packed.read(into: input)
    inputIsAtEnd = count == 0
    stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_in = UInt32(count)
  }

  /// Starts the next member where one begins. False: the input is over. Zero bytes behind a member
  /// are padding, as tapes have it.
  private func openNextMember() throws(InputError) -> Bool {
    guard !memberIsOpen else { return true }
    while true {
      while stream.avail_in > 0, stream.next_in.pointee == 0 {
        stream.next_in += 1
        stream.avail_in -= 1
      }
      guard stream.avail_in == 0 else { break }
      try refill()
      if inputIsAtEnd { return false }
    }
    guard stream.next_in.pointee == 0x1f else {
      throw damaged("is followed by bytes that are no gzip member")
    }
    inflateReset(&stream)
    memberIsOpen = true
    return true
  }

  /// Throws at once where the call has unpacked nothing, else at the next call.
  private func fail(_ detail: String, from room: UInt32) throws(InputError) {
    let unpacked = Int(room - stream.avail_out)
    let failure = InputError(
      .damagedGzip, at: position + unpacked, "the gzip data \(detail)")
    pendingFailure = failure
    if unpacked == 0 { throw failure }
  }

  private func damaged(_ detail: String) -> InputError {
    InputError(.damagedGzip, at: position, "the gzip data \(detail)")
  }
}
