import Findings
import TestSupport
import Testing

@testable import ConfLint

@Suite struct EmbeddedConfTests {
  @Test func `a block of a ConfigMap is found with its lines`() throws {
    let yaml = """
      apiVersion: v1
      kind: ConfigMap
      data:
        redis.conf: |
          maxmemory 1gb
          # comment
          appendonly yes
        other.txt: |
          hello
      """
    let found = try #require(EmbeddedConf.all(in: Array(yaml.utf8)).first)
    #expect(found.kind == .conf)
    #expect(
      String(decoding: found.bytes, as: UTF8.self) == "maxmemory 1gb\n# comment\nappendonly yes\n")
    let place = found.place(Location(file: "x.yaml", line: 3, column: 1, endColumn: 11))
    #expect(place == Location(file: "x.yaml", line: 7, column: 5, endColumn: 15))
  }

  @Test(arguments: [
    "    command: redis-server --maxmemory 1gb --save \"\" --appendonly yes",
    "    command: [\"redis-server\", \"--maxmemory\", \"1gb\","
      + " '--save', '', \"--appendonly\", \"yes\"]",
    "    command:\n      - redis-server\n      - --maxmemory\n  "
      + "    - 1gb\n      - --save\n      - \"\"\n      - --appendonly yes",
  ])
  func `arguments of a command are lines`(_ yaml: String) throws {
    let found = try #require(EmbeddedConf.all(in: Array(yaml.utf8)).first)
    #expect(
      String(decoding: found.bytes, as: UTF8.self)
        == "maxmemory 1gb\nsave \"\"\nappendonly yes\n")
    #expect(found.origins.count == 3)
  }

  @Test func `values of a chart and other commands`() {
    let yaml = """
      commonConfiguration: |-
        appendonly yes
        save ""
      master:
        configuration: |-
          just text
      command: ["sh", "-c", "echo"]
      """
    let found = EmbeddedConf.all(in: Array(yaml.utf8))
    #expect(found.map(\.key) == ["commonConfiguration"])
  }
}

@Suite struct ArgumentPlaceTests {
  @Test func `arguments in a list are told on their own lines`() throws {
    let yaml = "command:\n  - redis-server\n  - --save\n  - \"900 x\"\n  - --maxmemory 1gb\n"
    let conf = try #require(EmbeddedConf.all(in: Array(yaml.utf8)).first)
    #expect(String(decoding: conf.bytes, as: UTF8.self) == "save \"900 x\"\nmaxmemory 1gb\n")
    let value = conf.place(Location(file: "x", line: 1, column: 6, endColumn: 13))
    #expect(value.line == 4 && value.column == 5)
    let name = conf.place(Location(file: "x", line: 1, column: 1, endColumn: 5))
    #expect(name.line == 3 && name.column == 7)
    let size = conf.place(Location(file: "x", line: 2, column: 11, endColumn: 14))
    #expect(size.line == 5 && size.column == 17)
  }
}

@Suite struct ConfSnifferTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let path: String
    let text: String
    let kind: ConfFileKind?
    var testDescription: String { "\(path) \(text.debugDescription)" }
  }

  private static let cases = [
    Case(path: "redis.conf", text: "max-memory 200mb\n", kind: .conf),
    Case(path: "a/redis-6379.conf", text: "port 6379\n", kind: .conf),
    Case(path: "valkey.conf", text: "# only\ntimeoot 5\n", kind: .conf),
    Case(path: "redis.conf", text: "vm.overcommit_memory = 1\n", kind: nil),
    Case(path: "redis.conf", text: "d /run/redis 0755 redis redis\n", kind: nil),
    Case(path: "redis-proxy.conf", text: "server {\n  listen 80;\n}\n", kind: nil),
    Case(path: "redis.conf", text: "[Service]\nLimitNOFILE=1\n", kind: nil),
    Case(path: "other.conf", text: "port 1\n", kind: nil),
    Case(path: "other.conf", text: "maxmemory 1gb\n", kind: .conf),
    Case(path: "users.acl", text: "user a on\n", kind: .acl),
    Case(path: "x.conf", text: "sentinel monitor m 10.0.0.1 6379 2\n", kind: .sentinel),
  ]

  @Test(arguments: cases)
  func `a file below a folder is told by its name and its lines`(_ file: Case) {
    #expect(ConfSniffer.kind(path: file.path, Array(file.text.utf8)) == file.kind)
  }

  @Test(arguments: [
    ("max-memory 200mb", true), ("appendonyl yes", true), ("just text", false),
    ("server {", false), ("user nginx;", false), ("log.dirs=/x", false),
  ])
  func `a chart's block with a misspelt directive alone is one`(_ line: String, _ isConf: Bool) {
    let yaml = "master:\n  configuration: |-\n    \(line)\n"
    #expect(EmbeddedConf.all(in: Array(yaml.utf8)).isEmpty == !isConf)
  }
}
