import Foundation
import TestSupport
import Testing

/// What is left where `aof rewind` is killed, or the disk is full.
@Suite struct AOFInterruptionTests {
  static let command = Array(
    "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1000\r\n\(String(repeating: "x", count: 1000))\r\n".utf8)

  /// 40 MB of commands, which take a copy some time, and a torn one.
  static let bytes: [UInt8] = {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(41_000_000)
    for _ in 0..<40_000 { bytes += command }
    return bytes + Array("*3\r\n$3\r\nSE".utf8)
  }()

  static let soundByteCount = 40_000 * command.count

  /// The arguments of each command that writes a folder, and how much it keeps.
  static let commands: [[String]] = [
    ["rewind", "--before-offset", "\(soundByteCount)"]
  ]

  @Test(arguments: commands)
  func `killed at any moment, it leaves the original and no half folder`(
    _ command: [String]
  ) throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Self.bytes, to: "a.aof")
      var random = RepeatableRandom(seed: 7)
      var states: Set<String> = []
      for round in 0..<24 {
        let output = folder.file("out\(round)")
        var settings = ProcessSettings()
        settings.timeoutSeconds = Double.random(in: 0.002...0.12, using: &random)
        _ = try runProcess(
          try builtProduct(), ["aof"] + command + [file.path, "--output", output.path],
          settings: settings)
        if FileManager.default.fileExists(atPath: output.path) {
          states.insert("whole")
          let copy = try readBytes(output.appending(path: "a.aof"))
          #expect(copy.count == Self.soundByteCount)
          #expect(copy.elementsEqual(Self.bytes[..<Self.soundByteCount]))
        } else {
          states.insert("absent")
        }
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
          .filter { $0 != "a.aof" }
          .forEach { try FileManager.default.removeItem(at: folder.file($0)) }
      }
      #expect(states.contains("absent"))
      #expect(try readBytes(file) == Self.bytes)
    }
  }

  @Test(arguments: commands)
  func `a signal takes the temporary folder along`(_ command: [String]) throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Self.bytes, to: "a.aof")
      for milliseconds in [15, 30, 45, 60, 80] {
        let output = folder.file("out")
        _ = try runProcess(
          "timeout",
          [
            "-s", milliseconds.isMultiple(of: 2) ? "TERM" : "INT", "0.0\(milliseconds)",
            try builtProduct(), "aof",
          ] + command + [file.path, "--output", output.path])
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(Set(left).isSubset(of: ["a.aof", "out"]), "\(left)")
        try? FileManager.default.removeItem(at: output)
      }
    }
  }

  @Test(arguments: commands)
  func `a full disk is an error, and nothing is left`(_ command: [String]) throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Self.bytes, to: "a.aof")
      let output = folder.file("out")
      // Blocks of 512 bytes.
      let result = try runProcess(
        "sh",
        ["-c", "ulimit -f 20000; exec \"$@\"", "sh", try builtProduct(), "aof"] + command
          + [file.path, "--output", output.path])
      #expect(result.exitStatus == 2, "\(result.errorText)")
      #expect(result.errorText.contains("File too large"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.aof"])
    }
  }

  @Test(arguments: [true, false])
  func `killed in place, the original is there under one name or the other`(
    _ isFolder: Bool
  ) throws {
    try withTemporaryFolder { folder in
      let place = folder.url.appending(path: isFolder ? "set" : "a.aof")
      let file = isFolder ? place.appending(path: "a.1.incr.aof") : place
      let backup = folder.url.appending(path: place.lastPathComponent + ".backup-1")
      let saved = isFolder ? backup.appending(path: "a.1.incr.aof") : backup
      let manifest = Array("file a.1.incr.aof seq 1 type i\n".utf8)
      var random = RepeatableRandom(seed: 8)
      for _ in 0..<16 {
        if isFolder {
          try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
          _ = try folder.write(manifest, to: "set/a.manifest")
        }
        try Data(Self.bytes).write(to: file)
        var settings = ProcessSettings()
        settings.timeoutSeconds = Double.random(in: 0.01...0.15, using: &random)
        _ = try runProcess(
          try builtProduct(), ["aof", "fix", place.path, "--in-place"], settings: settings)
        let isDone = try readBytes(file).count == Self.soundByteCount
        #expect(try readBytes(isDone ? saved : file) == Self.bytes)
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
          .forEach { try FileManager.default.removeItem(at: folder.file($0)) }
      }
    }
  }
}
