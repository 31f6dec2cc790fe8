import ByteKit
import Foundation
import TestSupport
import Testing

@Suite struct OutputFolderTests {
  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `it is there as a whole, and only after commit`() throws {
    try withTemporaryFolder { folder in
      let model = try folder.write([1, 2, 3, 4, 5], to: "model")
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: model.path)
      let path = folder.file("out").path
      let output = try OutputFolder(path: path + "//")
      try output.createFolder("inner")
      let file = try output.createFile("inner/a", like: model.path)
      try file.write([9])
      try file.copy(try FileDescriptor(reading: model.path), 1..<4)
      try file.close()
      #expect(!FileManager.default.fileExists(atPath: path))
      try output.commit()
      #expect(try readBytes(folder.file("out/inner/a")) == [9, 2, 3, 4])
      #expect(try names(folder.url) == ["model", "out", "out/inner", "out/inner/a"])
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "/inner/a")
      #expect(attributes[.posixPermissions] as? Int == 0o640)
    }
  }

  @Test func `without commit nothing is left`() throws {
    try withTemporaryFolder { folder in
      let output = try OutputFolder(path: folder.file("out").path)
      try output.createFolder("inner")
      try output.createFile("inner/a").write([1])
      output.discard()
      #expect(try names(folder.url) == [])
      #expect(throws: OutputError.self) { try output.createFile("b") }
    }
  }

  @Test func `what is there is not overwritten`() throws {
    try withTemporaryFolder { folder in
      _ = try folder.write([], to: "file")
      #expect(OutputFolder.obstacle(at: folder.url.path) == ENOTEMPTY)
      #expect(OutputFolder.obstacle(at: folder.file("file").path) == EEXIST)
      #expect(OutputFolder.obstacle(at: folder.file("free").path) == nil)
      #expect(throws: OutputError(operation: "create", path: folder.url.path, code: ENOTEMPTY)) {
        try OutputFolder(path: folder.url.path)
      }
      let output = try OutputFolder(path: folder.file("late").path)
      _ = try FileManager.default.createDirectory(
        at: folder.file("late/x"), withIntermediateDirectories: true)
      #expect(throws: OutputError.self) { try output.commit() }
      #expect(try names(folder.file("late")) == ["x"])
    }
  }

  @Test func `a folder that it replaces is kept`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.file("set"), withIntermediateDirectories: false)
      _ = try folder.write([1], to: "set/old")
      let output = try OutputFolder(
        path: folder.file("set").path, backup: folder.file("backup").path)
      try output.createFile("new").close()
      try output.commit()
      #expect(try names(folder.url) == ["backup", "backup/old", "set", "set/new"])
    }
  }

  @Test func `a source that has become shorter is an error`() throws {
    try withTemporaryFolder { folder in
      let model = try folder.write([1, 2, 3], to: "model")
      let output = try OutputFolder(path: folder.file("out").path)
      let file = try output.createFile("a")
      #expect(throws: OutputError.self) {
        try file.copy(try FileDescriptor(reading: model.path), 0..<4)
      }
    }
  }
}
