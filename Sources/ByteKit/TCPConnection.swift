/// A connection to a server by TCP, with a limit on each wait.
public final class TCPConnection: ByteSource {
  private let descriptor: FileDescriptor
  private var position = 0

  /// Connects.
  ///
  /// - Parameters:
  ///   - host: a name or an address, IPv6 without brackets.
  ///   - port: 1...65535.
  ///   - timeoutSeconds: the longest wait for the connection, and for each piece of an answer.
  public init(host: String, port: Int, timeoutSeconds: Int) throws(InputError) {
    var hints = addrinfo()
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    guard status == 0 else {
      let reason = gai_strerror(status).map { String(cString: $0) } ?? "error \(status)"
      throw InputError(.system, at: 0, "cannot find \(host): \(reason)")
    }
    defer { freeaddrinfo(list) }
    var failure = ECONNREFUSED
    var next = list
    while let address = next?.pointee {
      let number = Self.connect(to: address, timeoutSeconds, &failure)
      if number >= 0 {
        descriptor = FileDescriptor(adopting: number, path: "\(host):\(port)")
        return
      }
      next = address.ai_next
    }
    throw InputError(.system, at: 0, "cannot connect: \(systemErrorText(failure))")
  }

  private static func connect(
    to address: addrinfo, _ timeoutSeconds: Int, _ failure: inout Int32
  ) -> Int32 {
    let number = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    guard number >= 0 else {
      failure = errno
      return -1
    }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    var limit = timeval()
    limit.tv_sec = timeoutSeconds
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    guard systemConnect(number, address.ai_addr, address.ai_addrlen) == 0 else {
      // A wait that is over has this number, which says nothing to people.
      failure = errno == EINPROGRESS ? ETIMEDOUT : errno
      _ = Platform.close(number)
      return -1
    }
    return number
  }

  /// How much is still to come is never known.
  public var remainingByteCount: Int? { nil }

  /// Reads what has come, at least one byte; 0 where the server has closed the connection.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    while true {
      let count = recv(descriptor.number, target.baseAddress, target.count, 0)
      if count >= 0 {
        position += count
        return count
      }
      if errno == EINTR { continue }
      let isLate = errno == EAGAIN || errno == EWOULDBLOCK
      throw InputError(
        .system, at: position,
        isLate ? "the server does not answer" : "cannot read: \(systemErrorText(errno))")
    }
  }

  /// Sends all of `bytes`.
  public func send(_ bytes: [UInt8]) throws(InputError) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        systemSend(descriptor.number, UnsafeRawBufferPointer(rebasing: bytes[sent...]))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw InputError(.system, at: position, "cannot send: \(systemErrorText(errno))")
      }
      sent += count
    }
  }
}

private func systemConnect(
  _ number: Int32, _ address: UnsafePointer<sockaddr>?, _ size: socklen_t
) -> Int32 {
  connect(number, address, size)
}

private func systemSend(_ number: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  #if os(Linux)
    send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
  #else
    send(number, bytes.baseAddress, bytes.count, 0)
  #endif
}
