import TestSupport
import Testing

@Suite struct RDBInfoTests {
  /// The bytes of the opcodes whose names the corpus uses.
  private static let opcodes: [String: Int] = [
    "EOF": 255, "SELECTDB": 254, "EXPIRETIME": 253, "EXPIRETIME_MS": 252, "RESIZEDB": 251,
    "AUX": 250, "FREQ": 249, "IDLE": 248, "MODULE_AUX": 247, "FUNCTION_PRE_GA": 246,
    "FUNCTION2": 245, "SLOT_INFO": 244, "KEY_META": 243,
  ]

  @Test(arguments: CorpusCase.all)
  func `the facts of a real snapshot are told`(_ snapshot: CorpusCase) throws {
    let layout = try snapshot.layout()
    let result = try redisops("rdb", "info", "--format", "json", snapshot.snapshot.path)
    #expect(result.exitStatus == 0)
    #expect(result.errorOutput.isEmpty)
    let facts = try #require(try document(result)["files"]?.elements.first)

    #expect(facts["magic"] == layout["magic"])
    #expect(facts["version"] == layout["rdb_version"])
    #expect(facts["size"] == layout["size"])
    #expect(facts["trailingBytes"] == layout["trailing_bytes"])
    #expect(facts["keys"] == layout["keys"])
    #expect(facts["resizedb"] == layout["resizedb"])
    if let slots = layout["slot_info"] { #expect(facts["slotInfo"] == slots) }
    #expect(facts["checksum"]?.string == checksum(layout))
    #expect(counts(facts["opcodes"]) == opcodeCounts(layout))
    #expect(
      facts["types"]?.members.reduce(0) { $0 + ($1.value.int ?? 0) } == layout["keys"]?.int)
    #expect(facts["types"]?.members.count == layout["types"]?.members.count)
    try expectSameAux(facts, layout)
  }

  private func checksum(_ layout: JSONValue) -> String {
    guard let stored = layout["crc64"]?.string else { return "absent" }
    if stored.allSatisfy({ $0 == "0" }) { return "disabled" }
    return layout["crc64_ok"]?.bool == true ? "good" : "bad"
  }

  private func counts(_ value: JSONValue?) -> [String: Int] {
    (value?.members ?? []).reduce(into: [:]) { $0[$1.name] = $1.value.int }
  }

  private func opcodeCounts(_ layout: JSONValue) -> [String: Int] {
    (layout["opcodes"]?.members ?? []).reduce(into: [:]) {
      $0["\(Self.opcodes[$1.name] ?? 0)"] = $1.value.int
    }
  }

  /// AUX fields of the corpus are text, or stated by their digest.
  private func expectSameAux(_ facts: JSONValue, _ layout: JSONValue) throws {
    let found = facts["aux"]?.elements ?? []
    let wanted = layout["aux"]?.elements ?? []
    #expect(found.count == wanted.count)
    for (found, wanted) in zip(found, wanted) {
      for (text, stated) in zip(found.elements, wanted.elements) {
        let bytes = try #require(text.string.map { Array($0.utf8) })
        #expect(CorpusBytes(stated)?.matches(bytes) == true)
      }
    }
  }

  @Test func `functions carry the name of their first line`() throws {
    var builder = SnapshotBuilder()
    let code = "#!lua name=mylib\nredis.register_function('f', function() end)"
    builder.raw([245])
    builder.string(code.utf8)
    let result = try redisops("rdb", "info", "--format", "json", "-", input: builder.finished)
    let function = try document(result)["files"]?.elements.first?["functions"]?.elements.first
    #expect(function?["name"]?.string == "mylib")
    #expect(function?["code"]?.string == code)
  }

  @Test func `of a damaged file what stands before the damage is told`() throws {
    let bytes = Array(smallSnapshot().dropLast(12))
    try withSnapshot(bytes) { path in
      let result = try redisops("rdb", "info", "--format", "json", path)
      #expect(result.exitStatus == 1)
      let file = try #require(try document(result)["files"]?.elements.first)
      #expect(file["keys"]?.int == 3)
      #expect(file["writer"]?.string == "redis:7.2.4")
      #expect(file["failure"]?["id"]?.string == "rdb-truncated")
      #expect(file["checksum"] == nil)
    }
  }

  @Test func `a wrong checksum is an error, and all facts are told`() throws {
    var bytes = smallSnapshot()
    bytes[bytes.count - 1] = 1
    try withSnapshot(bytes) { path in
      let result = try redisops("rdb", "info", path)
      #expect(result.exitStatus == 1)
      #expect(result.errorText.contains("the checksum is 0100000000000000"))
      #expect(result.outputText.contains("checksum   bad"))
      #expect(result.outputText.contains("4, 1 with expiry"))
    }
  }

  @Test func `bytes behind the end are a warning, strictly an error`() throws {
    try withSnapshot(smallSnapshot() + [1, 2, 3]) { path in
      let lax = try redisops("rdb", "info", "--format", "json", path)
      #expect(lax.exitStatus == 0)
      #expect(lax.errorText.contains("warning: 3 bytes follow the end"))
      #expect(try document(lax)["files"]?.elements.first?["trailingBytes"]?.int == 3)
      #expect(try redisops("rdb", "info", "--strict", path).exitStatus == 1)
    }
  }
}
