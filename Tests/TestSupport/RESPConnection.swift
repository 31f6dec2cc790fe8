import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a call of the system failed with.
public struct ConnectionFailure: Error {
  /// The call.
  public var what: String
  /// Its `errno`.
  public var code: Int32
}

/// What a server answered in RESP2, as a tree.
public enum ServerReply: Equatable, Sendable {
  /// `+OK` and the like.
  case status(String)
  /// An error, with its code in front.
  case error(String)
  /// An integer.
  case integer(Int64)
  /// A string.
  case bulk([UInt8])
  /// No string.
  case null
  /// No array.
  case nullArray
  /// An array.
  case array([ServerReply])
}

/// A connection to a server on this machine, for many commands at once.
public final class RESPConnection {
  private let socket: Int32
  private var received: [UInt8] = []
  private var offset = 0

  /// Connects to a port of 127.0.0.1.
  public init(port: Int) throws {
    #if os(Linux)
      socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
    }
    guard result == 0 else { throw ConnectionFailure(what: "connect", code: errno) }
  }

  deinit { close(socket) }

  /// The answers to commands that are sent together.
  public func exchange(_ commands: [[[UInt8]]]) throws -> [ServerReply] {
    var bytes: [UInt8] = []
    for words in commands {
      bytes += Array("*\(words.count)\r\n".utf8)
      for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
    }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, 0) }
      guard count > 0 else { throw ConnectionFailure(what: "send", code: errno) }
      sent += count
    }
    return try commands.map { _ in try read() }
  }

  private func fill() throws {
    var room = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(socket, &room, room.count, 0)
    guard count > 0 else { throw ConnectionFailure(what: "recv", code: errno) }
    received += room[..<count]
  }

  private func line() throws -> String {
    while true {
      if let end = received[offset...].firstIndex(of: 13), end + 1 < received.count {
        defer { offset = end + 2 }
        return String(decoding: received[offset..<end], as: UTF8.self)
      }
      try fill()
    }
  }

  private func read() throws -> ServerReply {
    if offset > 1 << 20 {
      received.removeFirst(offset)
      offset = 0
    }
    let head = try line()
    let rest = String(head.dropFirst())
    switch head.first {
    case "+": return .status(rest)
    case "-": return .error(rest)
    case ":": return .integer(Int64(rest) ?? 0)
    case "$":
      guard let count = Int(rest), count >= 0 else { return .null }
      while received.count < offset + count + 2 { try fill() }
      defer { offset += count + 2 }
      return .bulk(Array(received[offset..<(offset + count)]))
    default:
      guard let count = Int(rest), count >= 0 else { return .nullArray }
      return .array(try (0..<count).map { _ in try read() })
    }
  }
}
