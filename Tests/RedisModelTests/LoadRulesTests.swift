import Foundation
import Testing

@testable import RedisModel

@Suite struct LoadRulesTests {
  @Test func `the generated tables are what the script makes of the data`() throws {
    let script = Process()
    script.executableURL = URL(filePath: "/usr/bin/env")
    script.arguments = [
      "python3", TestFiles.packageRoot.appending(path: "Scripts/generate-tables.py").path(),
      "--check",
    ]
    let errors = Pipe()
    script.standardError = errors
    try script.run()
    let text = try errors.fileHandleForReading.readToEnd() ?? Data()
    script.waitUntilExit()
    #expect(script.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
  }

  struct Header: CustomTestStringConvertible {
    let target: String
    let magic: ServerVersion.Product
    let version: Int
    let relaxed: Bool
    let message: String?
    var testDescription: String { "\(target) \(magic) \(version) \(relaxed)" }

    init(
      _ target: String, _ magic: ServerVersion.Product, _ version: Int, relaxed: Bool = false,
      _ message: String? = nil
    ) {
      (self.target, self.magic, self.version) = (target, magic, version)
      (self.relaxed, self.message) = (relaxed, message)
    }
  }

  static let signature = "Wrong signature trying to load DB from file"

  @Test(arguments: [
    Header("redis:6.2", .redis, 9), Header("redis:6.2", .redis, 1),
    Header("redis:6.2", .redis, 10, "Can't handle RDB format version 10"),
    Header("redis:6.2", .redis, 0, "Can't handle RDB format version 0"),
    Header("redis:8.10", .valkey, 80, signature), Header("valkey:8.0", .valkey, 11, signature),
    Header("valkey:8.1", .valkey, 11), Header("valkey:8.1", .redis, 12, relaxed: true, refused(12)),
    Header("valkey:8.1", .valkey, 12, relaxed: true), Header("valkey:9.1", .valkey, 80),
    Header("valkey:9.1", .valkey, 11, refused(11)), Header("valkey:9.1", .redis, 12, refused(12)),
    Header("valkey:9.1", .redis, 12, relaxed: true),
    Header("valkey:9.1", .redis, 79, relaxed: true),
    Header("valkey:9.1", .redis, 80, relaxed: true, refused(80)),
    Header("valkey:9.1", .valkey, 79, relaxed: true, refused(79)),
    Header("valkey:9.1", .valkey, 999, relaxed: true), Header("valkey:9.2", .valkey, 81),
  ])
  func `a header is judged as the server does`(_ sample: Header) throws {
    let rules = LoadRules.of(try ServerVersion(target: sample.target))
    let message = rules.refusesHeader(
      sample.magic, version: sample.version, relaxed: sample.relaxed)
    #expect(message == sample.message)
  }

  static func refused(_ version: Int) -> String { "Can't handle RDB format version \(version)" }

  struct Byte: CustomTestStringConvertible {
    let target: String
    let byte: UInt8
    let magic: ServerVersion.Product
    let message: String?
    var testDescription: String { "\(target) \(byte) \(magic)" }

    init(
      _ target: String, _ byte: UInt8, _ magic: ServerVersion.Product = .redis,
      _ message: String? = nil
    ) {
      (self.target, self.byte, self.magic, self.message) = (target, byte, magic, message)
    }
  }

  @Test(arguments: [
    Byte("redis:7.0", 19), Byte("redis:7.0", 246), Byte("redis:7.0", 6),
    Byte("redis:7.0-rc1", 19, .redis, "Unknown RDB encoding type 19"), Byte("redis:7.0-rc2", 19),
    Byte("redis:7.0", 20, .redis, "Unknown RDB encoding type 20"),
    Byte("redis:7.2", 6, .redis, "Pre-release module format not supported"),
    Byte("redis:7.2", 246, .redis, "Pre-release function format not supported."),
    Byte("redis:7.4-rc1", 24, .redis, "Unknown RDB encoding type 24"), Byte("redis:7.4", 24),
    Byte(
      "redis:8.6", 27, .redis, "Short read or OOM loading DB. Unrecoverable error, aborting now."),
    Byte(
      "valkey:9.1", 24, .redis, "Can't handle foreign type or opcode 24 in RDB with version 12"),
    Byte("valkey:9.1", 22, .valkey), Byte("valkey:9.1", 244),
    Byte("valkey:9.1", 23, .valkey, "Unknown RDB encoding type 23"),
    Byte("valkey:9.2", 23, .valkey),
  ])
  func `a byte is judged as the server does`(_ sample: Byte) throws {
    let rules = LoadRules.of(try ServerVersion(target: sample.target))
    #expect(rules.refuses(byte: sample.byte, magic: sample.magic, version: 12) == sample.message)
  }

  @Test func `a release between two lines follows the older one`() {
    #expect(LoadRules.of(ServerVersion(.redis, 6, 3, 4)).line == "redis 6.2")
    #expect(LoadRules.of(ServerVersion(.redis, 1, 2, 6)).line == "redis 2.2")
    #expect(LoadRules.of(ServerVersion(.redis, 9, 0, 0, candidate: 1)).line == "redis 8.10")
    #expect(LoadRules.of(ServerVersion(.valkey, 9, 2, 0)).line == "valkey 9.2-dev")
  }

  @Test func `each line has rules of its own and writes what it loads`() {
    for release in ServerRelease.all {
      let rules = LoadRules.of(release.newest)
      let line = "\(release.product.rawValue) \(release.major).\(release.minor)"
      #expect(rules.line == line || rules.line == line + "-dev")
      let magic: ServerVersion.Product = release.rdbVersion >= 80 ? .valkey : .redis
      let own = rules.accepts.last { $0.magic == magic }
      #expect(own?.versions.upperBound == release.rdbVersion, "\(line)")
    }
  }

  @Test func `vector sets are built in from Redis 8 on, with nodes that changed in 8_0_4`() throws {
    #expect(LoadRules.of(ServerVersion(.redis, 7, 4, 1)).builtinModules.isEmpty)
    let module = try #require(LoadRules.of(ServerVersion(.redis, 8, 0, 2)).builtinModules.first)
    #expect(module.name == "vectorset")
    #expect([0, 3, 4, 6].map { module.nodeVersion(ofPatch: $0) } == [0, 0, 1, 1])
  }

  @Test func `a byte is named by the magic`() {
    #expect(RDBFormatTable.type(22, magic: .redis)?.name == "HASH_METADATA_PRE_GA")
    #expect(RDBFormatTable.type(22, magic: .valkey)?.name == "HASH_2")
    #expect(RDBFormatTable.type(18, magic: .valkey)?.kind == "list")
    #expect(RDBFormatTable.type(8, magic: .redis) == nil)
    #expect(RDBFormatTable.opcode(243, magic: .redis)?.name == "KEY_META")
    #expect(RDBFormatTable.opcode(243, magic: .valkey)?.name == "SLOT_IMPORT")
    #expect(RDBFormatTable.opcode(254, magic: .valkey)?.kind == "file")
  }

  @Test func `a set of bytes holds what was put in`() {
    var set: ByteSet = [0, 63, 64, 255]
    #expect(set.bytes == [0, 63, 64, 255])
    set.invert()
    #expect(set.bytes.count == 252)
    #expect(!set.contains(64) && set.contains(65))
  }
}
