import ByteKit

/// Where a server is and who asks: `redis://[[user]:password@]host[:port]`.
public struct ServerAddress: Equatable, Sendable {
  /// The name or address, IPv6 without brackets.
  public var host: String
  /// The port.
  public var port = 6379
  /// The user; `nil` for the default one.
  public var user: String?
  /// The password; `nil` for none.
  public var password: String?

  /// Why a text is no address.
  public struct Trouble: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, one sentence without a full stop.
    public let message: String

    /// What is wrong.
    public var description: String { message }
  }

  private static let scheme = "redis://"

  /// Whether `text` is meant to be an address of a server, and not a path.
  public static func isMeant(by text: String) -> Bool {
    text.hasPrefix(scheme) || text.hasPrefix("rediss://") || text.hasPrefix("valkey://")
  }

  /// Reads an address.
  public init(_ text: String) throws(Trouble) {
    guard let scheme = [Self.scheme, "valkey://"].first(where: { text.hasPrefix($0) }) else {
      throw Trouble(message: "TLS is not spoken here: name a redis:// address")
    }
    var rest = text.dropFirst(scheme.count)
    if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        user = parts[0].isEmpty ? nil : Self.unescaped(parts[0])
        password = Self.unescaped(parts[1])
      } else {
        password = Self.unescaped(rest[..<at])
      }
      rest = rest[rest.index(after: at)...]
    }
    let portText: Substring?
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      host = String(rest[rest.index(after: rest.startIndex)..<end])
      let behind = rest[rest.index(after: end)...]
      portText = behind.hasPrefix(":") ? behind.dropFirst() : nil
    } else {
      let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      host = parts.first.map(String.init) ?? ""
      portText = parts.count == 2 ? parts[1] : nil
    }
    if host.isEmpty { throw Trouble(message: "names no host: redis://HOST:PORT is expected") }
    if let portText {
      guard let number = Int(portText), (1...65535).contains(number) else {
        throw Trouble(
          message: "the port is '\(PrintableText.line(String(portText)))', not 1 to 65535")
      }
      port = number
    }
  }

  /// The address without user and password, for messages.
  public var name: String {
    host.contains(":") ? "redis://[\(host)]:\(port)" : "redis://\(host):\(port)"
  }

  /// `%40` and the like resolved.
  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let code = UInt8(digits, radix: 16) {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
