import ByteKit
import Foundation
import Testing

/// A directory of its own for one test, removed when the test is done.
private final class Scratch {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }
}

private func write(_ text: String, to output: OutputFile) {
  Array(text.utf8).withUnsafeBytes { output.write($0) }
}

private func permissions(_ path: String) throws -> Int {
  let attributes = try FileManager.default.attributesOfItem(atPath: path)
  return try #require(attributes[.posixPermissions] as? Int)
}

@Suite(.serialized) struct OutputFileTests {
  @Test func `a file appears at commit and not before`() throws {
    let scratch = try Scratch()
    let output = try OutputFile(path: scratch.path("out"))
    write("hello ", to: output)
    #expect(!FileManager.default.fileExists(atPath: scratch.path("out")))
    #expect(try scratch.names().count == 1)
    write("world", to: output)
    try output.commit()
    #expect(try scratch.names() == ["out"])
    #expect(try scratch.text("out") == "hello world")
    #expect(output.byteCount == 11)
    try output.commit()
    #expect(try scratch.names() == ["out"])
  }

  @Test func `without commit the old file stays and the temporary one goes`() throws {
    let scratch = try Scratch()
    try "old".write(toFile: scratch.path("out"), atomically: false, encoding: .utf8)
    do {
      let output = try OutputFile(path: scratch.path("out"))
      write("new", to: output)
      #expect(try scratch.names().count == 2)
    }
    #expect(try scratch.names() == ["out"])
    #expect(try scratch.text("out") == "old")
  }

  @Test func `the permissions of an old file are kept`() throws {
    let scratch = try Scratch()
    let path = scratch.path("out")
    try "old".write(toFile: path, atomically: false, encoding: .utf8)
    for mode in [0o600, 0o640, 0o666] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      let output = try OutputFile(path: path)
      write("new", to: output)
      try output.commit()
      #expect(try permissions(path) == mode)
    }
    #expect(try scratch.text("out") == "new")
  }

  @Test func `a symbolic link stays one and its file is replaced`() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("deep"), withIntermediateDirectories: false)
    try "old".write(toFile: scratch.path("deep/file"), atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("link"), withDestinationPath: "deep/file")
    let output = try OutputFile(path: scratch.path("link"))
    write("new", to: output)
    try output.commit()
    #expect(try scratch.text("deep/file") == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path("link")) == "deep/file"
    )
  }

  @Test func `a directory that does not exist is an error with the system's words`() throws {
    let scratch = try Scratch()
    let path = scratch.path("no/out")
    let error = #expect(throws: OutputError.self) { try OutputFile(path: path) }
    #expect(error?.description == "\(path): create failed: No such file or directory")
    #expect(error?.isClosedPipe == false)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `a full device is a failure that sticks`() throws {
    let output = try OutputFile(path: "/dev/full")
    #expect(!output.hasFailed)
    write("x", to: output)
    #expect(output.hasFailed)
    let error = #expect(throws: OutputError.self) { try output.commit() }
    #expect(error?.description == "/dev/full: write failed: No space left on device")
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }

  @Test func `a device is written in place and never replaced`() throws {
    let output = try OutputFile(path: "/dev/null")
    write("x", to: output)
    try output.commit()
    let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
    #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test func `a reader that has gone is a closed pipe`() throws {
    let scratch = try Scratch()
    let path = scratch.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    // Holding both ends lets the writer open without waiting.
    let reader = open(path, O_RDWR)
    let output = try OutputFile(path: path)
    write("x", to: output)
    #expect(!output.hasFailed)
    close(reader)
    write("x", to: output)
    #expect(output.failure?.isClosedPipe == true)
    write("dropped", to: output)
    #expect(output.byteCount == 1)
  }

  @Test func `a writer drains into the file`() throws {
    let scratch = try Scratch()
    let output = try OutputFile(path: scratch.path("out"))
    var writer = output.makeWriter(capacity: 64)
    for number in 0..<100 { writer.write(decimal: number) }
    writer.flush()
    try output.commit()
    #expect(try scratch.text("out") == (0..<100).map(String.init).joined())
  }

  @Test func `temporary files have names of their own and are removed together`() throws {
    let scratch = try Scratch()
    let files = try (0..<3).map { _ in try TemporaryFiles.create(in: scratch.url.path) }
    defer { files.forEach { close($0.descriptor) } }
    #expect(try scratch.names().count == 3)
    TemporaryFiles.remove(files[0].path)
    #expect(try scratch.names().count == 2)
    TemporaryFiles.forget(files[1].path)
    TemporaryFiles.removeAll()
    #expect(try scratch.names() == [URL(fileURLWithPath: files[1].path).lastPathComponent])
  }

  struct Signal: Sendable {
    let number: Int32
    let name: String
  }

  @Test(arguments: [
    Signal(number: SIGINT, name: "SIGINT"),
    Signal(number: SIGTERM, name: "SIGTERM"),
    Signal(number: SIGHUP, name: "SIGHUP"),
  ])
  func `a signal ends the process and takes its temporary files along`(
    _ signal: Signal
  ) async throws {
    let scratch = try Scratch()
    try "old".write(toFile: scratch.path("out"), atomically: false, encoding: .utf8)
    let path = scratch.path("out")
    await #expect(processExitsWith: .signal(signal.number)) {
      [number = signal.number as Int32, path = path as String] in
      let output = try OutputFile(path: path)
      write("half", to: output)
      // Threads of the test library block signals, and a child inherits that.
      var all = sigset_t()
      sigfillset(&all)
      pthread_sigmask(SIG_UNBLOCK, &all, nil)
      raise(number)
    }
    #expect(try scratch.names() == ["out"])
    #expect(try scratch.text("out") == "old")
  }

  @Test func `exit without commit takes the temporary file along`() async throws {
    let scratch = try Scratch()
    let path = scratch.path("out")
    await #expect(processExitsWith: .exitCode(3)) { [path = path as String] in
      let output = try OutputFile(path: path)
      write("half", to: output)
      exit(3)
    }
    #expect(try scratch.names().isEmpty)
  }
}
