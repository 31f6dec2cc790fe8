import Foundation
import TestSupport
import Testing

@testable import RedisModel

@Suite struct CommandTableTests {
  /// What a server said of its commands, read from the data that the table is generated from.
  static func answers(_ document: JSONValue) -> [(server: String, name: String, JSONValue)] {
    (document["servers"]?.members ?? []).flatMap { server in
      server.value.members.map { (server.name, $0.name, $0.value) }
    }
  }

  @Test(.needsSharedData) func `the table says what eleven servers said`() throws {
    let file = try #require(SharedData.root).appending(path: "aof/command-tables.json")
    let answers = Self.answers(try JSONValue(parsing: readBytes(file)))
    #expect(answers.count > 3000)
    var tables: [String: CommandTable] = [:]
    for (server, name, answer) in answers {
      let version = try ServerVersion(target: server.replacing("-", with: ":"))
      let table = tables[server] ?? CommandTable(version)
      tables[server] = table
      let entry = try #require(table.entry(name), "\(server) \(name)")
      #expect(entry.arity == answer["arity"]?.int)
      #expect(entry.olderArity == entry.arity)
      let keys = answer["keys"]?.elements.compactMap(\.int)
      #expect([entry.firstKey, entry.lastKey, entry.keyStep] == keys)
      let isWrite = answer["flags"]?.elements.contains { $0.string == "write" }
      #expect(entry.flags.contains(.write) == isWrite)
      let isContainer = answers.contains { $0.server == server && $0.name.hasPrefix(name + " ") }
      #expect(entry.isContainer == isContainer)
      #expect(table.isExact && !table.isOpenEnded)
    }
    for (server, table) in tables {
      #expect(table.count == answers.count { $0.server == server })
    }
  }

  struct Case: Sendable {
    let target: String
    let name: String
    /// Numbers of arguments that are called, and some that are not.
    var takes: [Int] = []
    var refuses: [Int] = []
    var isKnown = true
  }

  static let cases: [Case] = [
    Case(target: "redis:7.0.15", name: "SET", takes: [3, 9], refuses: [1, 2]),
    Case(target: "redis:7.0.15", name: "sElEcT", takes: [2], refuses: [1, 3]),
    Case(target: "redis:7.0.15", name: "xgroup CREATE", takes: [5, 7], refuses: [4]),
    Case(target: "redis:6.2.16", name: "xgroup create", isKnown: false),
    Case(target: "redis:6.2.16", name: "LPOP", takes: [2, 3]),
    Case(target: "redis:5.0.14", name: "LPOP", takes: [2], refuses: [3]),
    // Between 5.0 and 6.2: what either takes.
    Case(target: "redis:6.0.20", name: "LPOP", takes: [2, 3], refuses: [1]),
    Case(target: "redis:3.2.13", name: "GEOADD", takes: [5]),
    Case(target: "redis:2.4.18", name: "HMSET", takes: [4]),
    Case(target: "redis:8.4", name: "MSETEX", takes: [4]),
    Case(target: "redis:8.0.6", name: "MSETEX", isKnown: false),
    Case(target: "valkey:7.2.7", name: "FUNCTION LOAD", takes: [3, 4]),
    Case(target: "valkey:9.1.2", name: "HSETEX", takes: [6]),
    Case(target: "redis:8.6.3", name: "NOSUCHCOMMAND", isKnown: false),
    Case(target: "redis:8.6.3", name: "", isKnown: false),
    Case(target: "redis:8.6.3", name: "SET\0", isKnown: false),
    Case(target: "redis:8.6.3", name: "S\u{5}T", isKnown: false),
    Case(
      target: "redis:8.6.3", name: "SETSETSETSETSETSETSETSETSETSETSETSET", isKnown: false),
  ]

  @Test(arguments: cases)
  func `a command is found under any spelling, and nothing else`(_ example: Case) throws {
    let table = CommandTable(try ServerVersion(target: example.target))
    let entry = table.entry(example.name)
    #expect((entry != nil) == example.isKnown)
    for count in example.takes { #expect(entry?.takes(argumentCount: count) == true) }
    for count in example.refuses { #expect(entry?.takes(argumentCount: count) == false) }
  }

  @Test func `a version that was not asked stands between its neighbours`() throws {
    let cases: [(String, [String], isExact: Bool, isOpenEnded: Bool)] = [
      ("redis:2.4", ["2.8.24"], false, false), ("redis:3.0", ["2.8.24", "4.0.14"], false, false),
      ("redis:6.0", ["5.0.14", "6.2.16"], false, false), ("redis:7.0", ["7.0.15"], true, false),
      ("redis:8.4", ["8.0.6", "8.6.3"], false, false), ("redis:8.10", ["8.6.3"], false, true),
      ("valkey:7.2", ["7.2.6"], true, false), ("valkey:8.0", ["7.2.6", "8.1.1"], false, false),
      ("valkey:9.2", ["9.1.2"], false, true),
    ]
    for (target, sources, isExact, isOpenEnded) in cases {
      let table = CommandTable(try ServerVersion(target: target))
      #expect(table.sources.map(\.numbers) == sources)
      #expect(table.isExact == isExact)
      #expect(table.isOpenEnded == isOpenEnded)
    }
  }

  @Test func `the table of all commands has each as the newest server does`() throws {
    #expect(CommandTable.all.count > 400)
    #expect(CommandTable.all.entry("hset")?.arity == -4)
    #expect(CommandTable.all.entry("trimslots") != nil)
    #expect(CommandTable.all.entry("cluster syncslots") != nil)
    #expect(CommandTable.all.entry("slaveof") != nil)
    let ids = Set((0..<CommandTable.all.count).map { CommandTable.all[$0].id })
    #expect(ids.count == CommandTable.all.count)
  }

  @Test func `names of every length are folded byte by byte`() {
    var random = RepeatableRandom(seed: 9)
    for count in 0...CommandName.byteCountMax {
      for _ in 0..<50 {
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let folded = bytes.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        let name = bytes.withUnsafeBytes { CommandName($0) }
        #expect(name == folded.withUnsafeBytes { CommandName($0) })
        guard count > 0 else { continue }
        var other = folded
        other[Int.random(in: 0..<count, using: &random)] ^= 0x80
        #expect(name != other.withUnsafeBytes { CommandName($0) })
      }
    }
    #expect([UInt8](repeating: 0x41, count: 32).withUnsafeBytes { CommandName($0) } == nil)
  }
}

extension CommandTable {
  /// The entry of `NAME` or `NAME SUBCOMMAND`.
  fileprivate func entry(_ words: String) -> CommandEntry? {
    let words = words.split(separator: " ").map { Array($0.utf8) }
    let name = words.first ?? []
    let index = name.withUnsafeBytes { name in
      words.count < 2
        ? self.index(of: name) : words[1].withUnsafeBytes { self.index(of: name, subcommand: $0) }
    }
    return index.map { self[$0] }
  }
}
