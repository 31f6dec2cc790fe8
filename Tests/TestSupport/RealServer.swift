import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A redis-server on a loopback port, with a folder of its own, for differential tests.
///
/// It saves nothing by itself, allows DEBUG, and ends with `stop()` or with this object.
public final class RealServer {
  /// Whether redis-server and redis-cli are on the PATH.
  public static let isInstalled: Bool =
    ["redis-server", "redis-cli"].allSatisfy { (try? runProcess($0, ["--version"])) != nil }

  /// The loopback port.
  public let port: Int
  /// The server's working directory.
  public let folder: TemporaryFolder
  private let pid: pid_t
  private var isRunning = true

  /// Starts a server and waits until it answers.
  ///
  /// - Parameters:
  ///   - snapshot: the bytes of the `dump.rdb` that it loads; `nil` to start empty.
  ///   - arguments: further options, such as `["--databases", "32"]`.
  ///   - prepare: puts further files into its folder.
  /// - Throws: `ProcessFailure` when it does not start, with the tail of its log.
  public init(
    loading snapshot: [UInt8]? = nil, arguments: [String] = [],
    prepare: (TemporaryFolder) throws -> Void = { _ in }
  ) throws {
    folder = try TemporaryFolder()
    if let snapshot { _ = try folder.write(snapshot, to: "dump.rdb") }
    try prepare(folder)
    _ = try folder.write([], to: "input")
    let streams = StreamFiles(
      input: folder.file("input"), output: folder.file("log"),
      errorOutput: folder.file("errorOutput"))
    let options =
      [
        "--bind", "127.0.0.1", "--dir", folder.url.path, "--save", "",
        "--enable-debug-command", "yes",
      ] + arguments
    // A port that was free can be taken a moment later.
    var attempt = 1
    while true {
      let port = try freeLoopbackPort()
      let pid = try spawn(
        ["redis-server", "--port", "\(port)"] + options, environment: [:], streams: streams)
      if try Self.isReady(pid, port: port) {
        self.port = port
        self.pid = pid
        return
      }
      let log = String(decoding: (try? readBytes(streams.output)) ?? [], as: UTF8.self)
      guard attempt < Self.attemptsMax, log.contains("Address already in use") else {
        folder.remove()
        throw ProcessFailure(what: "redis-server did not start: \(log.suffix(400))", code: ECHILD)
      }
      attempt += 1
    }
  }

  private static let attemptsMax = 5

  /// Starts a server from a copy of an append-only file, and only if that is whole.
  ///
  /// - Parameter appendOnly: the folder of a manifest, or a single file.
  public convenience init(appendOnly: URL, arguments: [String] = []) throws {
    let isFolder = appendOnly.hasDirectoryPath
    try self.init(
      arguments: ["--appendonly", "yes", "--aof-load-truncated", "no"] + arguments
    ) { folder in
      let target = folder.file(isFolder ? "appendonlydir" : "appendonly.aof")
      try FileManager.default.copyItem(at: appendOnly, to: target)
    }
  }

  deinit {
    stop()
  }

  /// Sends one command with redis-cli; the answer as redis-cli prints it when no terminal is there,
  /// without the last newline.
  public func command(_ arguments: [String], database: Int = 0) throws -> String {
    let result = try runProcess("redis-cli", client(database: database) + arguments)
    let text = result.outputText
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Sends one command with redis-cli; see `command(_:database:)`.
  public func command(_ arguments: String...) throws -> String {
    try command(arguments)
  }

  /// Sends RESP commands through `redis-cli --pipe`, whose result says in its output how many
  /// replies and errors there were.
  public func pipe(_ commands: [UInt8]) throws -> ProcessResult {
    var settings = ProcessSettings()
    settings.input = commands
    return try runProcess("redis-cli", client(database: 0) + ["--pipe"], settings: settings)
  }

  /// The 40 hex digits of DEBUG DIGEST.
  public func digest() throws -> String {
    try command("DEBUG", "DIGEST")
  }

  /// Ends the server and deletes its folder.
  public func stop() {
    if isRunning {
      isRunning = false
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    folder.remove()
  }

  private func client(database: Int) -> [String] { Self.client(port, database: database) }

  private static func client(_ port: Int, database: Int = 0) -> [String] {
    ["-h", "127.0.0.1", "-p", "\(port)", "-n", "\(database)"]
  }

  /// Waits until the server answers; false when it ends, or is killed for it does not.
  private static func isReady(_ pid: pid_t, port: Int) throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    var status: Int32 = 0
    while ContinuousClock.now < deadline {
      // The port might have gone to somebody else in between: only this process counts.
      let info = try runProcess("redis-cli", client(port) + ["INFO", "server"]).outputText
      if info.contains("process_id:\(pid)\r"),
        try runProcess("redis-cli", client(port) + ["PING"]).outputText == "PONG\n"
      {
        return true
      }
      usleep(20_000)
      if waitpid(pid, &status, WNOHANG) != 0 { return false }
    }
    kill(pid, SIGKILL)
    waitpid(pid, &status, 0)
    return false
  }
}

/// A port of 127.0.0.1 that nothing listens on at the moment.
private func freeLoopbackPort() throws -> Int {
  #if os(Linux)
    let kind = Int32(SOCK_STREAM.rawValue)
  #else
    let kind = SOCK_STREAM
  #endif
  let socket = socket(AF_INET, kind, 0)
  guard socket >= 0 else { throw ProcessFailure(what: "socket", code: errno) }
  defer { close(socket) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let bound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
    }
  }
  guard bound else { throw ProcessFailure(what: "bind to 127.0.0.1", code: errno) }
  return Int(UInt16(bigEndian: address.sin_port))
}
