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
