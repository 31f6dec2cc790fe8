import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How a program ended and what it wrote.
public struct ProcessResult: Sendable {
  /// The exit status; `nil` when a signal ended the program.
  public var exitStatus: Int32?
  /// The signal that ended the program; `nil` when it exited.
  public var signal: Int32?
  /// Whether the time ran out, so that the program was killed.
  public var timedOut: Bool
  /// All bytes of standard output.
  public var output: [UInt8]
  /// All bytes of standard error.
  public var errorOutput: [UInt8]
  /// User and system time, seconds.
  public var cpuSeconds: Double

  /// Standard output as text.
  public var outputText: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text.
  public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}

/// A program that could not be started, or whose files could not be made.
public struct ProcessFailure: Error, CustomStringConvertible {
  /// What failed.
  public var what: String
  /// The system's error number.
  public var code: Int32

  /// One line for a test's report.
  public var description: String { "\(what): \(String(cString: strerror(code)))" }
}

/// What a program is run with.
public struct ProcessSettings: Sendable {
  /// The bytes on standard input; none by default.
  public var input: [UInt8] = []
  /// Set in, or (with `nil`) taken from, the environment of the tests.
  public var environment: [String: String?] = [:]
  /// The program's working directory; that of the tests by default.
  public var workingDirectory: URL?
  /// A limit on the program's address space (RLIMIT_AS), bytes; an allocation beyond it fails.
  public var addressSpaceBytesMax: Int?
  /// After this long the program is killed.
  public var timeoutSeconds: Double = 60

  /// The defaults.
  public init() {}
}

/// Runs a program to its end.
///
/// Input and outputs pass through temporary files, so that neither side ever waits for the other.
///
/// - Parameters:
///   - program: an absolute path, or a name that is looked up on the PATH.
///   - arguments: without the program's own name.
///   - settings: input, environment, limits.
/// - Throws: `ProcessFailure`.
public func runProcess(
  _ program: String, _ arguments: [String] = [], settings: ProcessSettings = ProcessSettings()
) throws -> ProcessResult {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  let input = folder.file("input")
  try Data(settings.input).write(to: input)
  let streams = StreamFiles(
    input: input, output: folder.file("output"), errorOutput: folder.file("errorOutput"))

  let pid = try spawn(
    commandLine([program] + arguments, settings: settings),
    environment: settings.environment, streams: streams)
  var status: Int32 = 0
  var usage = rusage()
  let timedOut = !wait(
    for: pid, seconds: settings.timeoutSeconds, status: &status, usage: &usage)
  // The low seven bits hold the signal, the next byte the exit status.
  let signal = status & 0x7f
  return ProcessResult(
    exitStatus: signal == 0 ? (status >> 8) & 0xff : nil,
    signal: signal == 0 ? nil : signal,
    timedOut: timedOut,
    output: try readBytes(streams.output),
    errorOutput: try readBytes(streams.errorOutput),
    cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
}

/// The files that stand for a child's standard streams.
struct StreamFiles {
  var input: URL
  var output: URL
  var errorOutput: URL
}

/// Starts a program whose name is looked up on the PATH.
func spawn(
  _ commandLine: [String], environment changes: [String: String?], streams: StreamFiles
) throws -> pid_t {
  var environment = ProcessInfo.processInfo.environment
  for (name, value) in changes { environment[name] = value }

  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  let create = O_WRONLY | O_CREAT | O_TRUNC
  posix_spawn_file_actions_addopen(&actions, 0, streams.input.path, O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, streams.output.path, create, 0o600)
  posix_spawn_file_actions_addopen(&actions, 2, streams.errorOutput.path, create, 0o600)

  var arguments: [UnsafeMutablePointer<CChar>?] = commandLine.map { strdup($0) } + [nil]
  var variables: [UnsafeMutablePointer<CChar>?] =
    environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for string in arguments + variables { free(string) } }
  var pid: pid_t = 0
  let code = posix_spawnp(&pid, commandLine[0], &actions, nil, &arguments, &variables)
  guard code == 0 else { throw ProcessFailure(what: "cannot start \(commandLine[0])", code: code) }
  return pid
}

/// The program and its arguments, where needed behind a shell that sets folder and limit.
private func commandLine(_ program: [String], settings: ProcessSettings) -> [String] {
  var script: [String] = []
  if let bytes = settings.addressSpaceBytesMax { script.append("ulimit -v \(bytes / 1024)") }
  if settings.workingDirectory != nil { script.append("cd \"$0\"") }
  guard !script.isEmpty else { return program }
  script.append("exec \"$@\"")
  let folder = settings.workingDirectory?.path ?? "."
  return ["sh", "-c", script.joined(separator: " && "), folder] + program
}

/// Waits until the child ends; kills it, and returns `false`, when the time runs out first.
@discardableResult
func wait(
  for pid: pid_t, seconds: Double, status: inout Int32, usage: inout rusage
) -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < deadline {
    if wait4(pid, &status, WNOHANG, &usage) != 0 { return true }
    usleep(1_000)
  }
  kill(pid, SIGKILL)
  wait4(pid, &status, 0, &usage)
  return false
}

private func seconds(_ time: timeval) -> Double {
  Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
}
