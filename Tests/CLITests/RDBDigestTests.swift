import TestSupport
import Testing

@Suite struct RDBDigestTests {
  @Test(arguments: CorpusCase.all)
  func `the digest is the server's`(_ snapshot: CorpusCase) throws {
    let result = try redisops("rdb", "digest", snapshot.snapshot.path)
    if snapshot.name == "rdb-module" {
      #expect(result.exitStatus == 2)
      #expect(result.output.isEmpty)
      #expect(result.errorText.contains("only the server knows it"))
    } else {
      #expect(result.exitStatus == 0)
      #expect(result.outputText == "\(try snapshot.expected().digest ?? "")\n")
    }
  }

  @Test(arguments: CorpusCase.all)
  func `the digest of each key is the server's`(_ snapshot: CorpusCase) throws {
    let result = try redisops(
      "rdb", "digest", "--keys", "--format", "ndjson", snapshot.snapshot.path)
    var digests: [String: String] = [:]
    for line in try documents(result) {
      digests["\(line["db"]?.int ?? -1) \(key(line))"] = line["digest"]?.string ?? "unknown"
    }
    let keys = try snapshot.expected().keys
    #expect(digests.count == keys.count)
    for key in keys {
      let found = try #require(digests["\(key.database) \(key.key)"])
      if found != "unknown" { #expect(found == key.digestValue) }
    }
  }

  private func key(_ line: JSONValue) -> String {
    let text = Array((line["key"]?.string ?? "").utf8)
    let mark: [UInt8] = [0] + Array("b64:".utf8)
    guard text.starts(with: mark) else { return "\(CorpusBytes(stating: text))" }
    return "\(CorpusBytes(stating: base64(text.dropFirst(mark.count))))"
  }

  private func base64(_ text: ArraySlice<UInt8>) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let bits = text.compactMap { alphabet.firstIndex(of: $0) }.flatMap { value in
      (0..<6).map { value >> (5 - $0) & 1 }
    }
    return (0..<(bits.count / 8)).map { index in
      bits[(8 * index)..<(8 * index + 8)].reduce(0) { $0 << 1 | UInt8($1) }
    }
  }

  @Test func `a version that is not known has a digest only when asked`() throws {
    var newer = SnapshotBuilder("REDIS0016")
    var known = SnapshotBuilder("REDIS0015")
    newer.key("a", "1")
    known.key("a", "1")
    let expected = try redisops("rdb", "digest", "-", input: known.finished)
    let plain = try redisops("rdb", "digest", "-", input: newer.finished)
    #expect(plain.exitStatus == 1)
    #expect(plain.output.isEmpty)
    #expect(plain.errorText.contains("REDIS version 16; known up to 15"))
    let forced = try redisops("rdb", "digest", "--force", "-", input: newer.finished)
    #expect(forced.exitStatus == 0)
    #expect(forced.output == expected.output)
    #expect(forced.errorText.contains("warning: REDIS version 16; known up to 15"))
  }

  @Test func `several files are printed as sha1sum does`() throws {
    try withSnapshot(SnapshotBuilder().finished) { path in
      let result = try redisops("rdb", "digest", path, path)
      let line = "\(String(repeating: "0", count: 40))  \(path)\n"
      #expect(result.outputText == line + line)
    }
  }

  @Test(arguments: SelectionCase.all)
  func `the digest of selected keys is that of a snapshot of these alone`(
    _ test: SelectionCase
  ) throws {
    let result = try redisops(["rdb", "digest"] + test.flags + ["-"], input: smallSnapshot())
    #expect(result.exitStatus == 0, "\(result.errorText)")
    let alone = try redisops("rdb", "digest", "-", input: test.snapshot)
    #expect(result.output == alone.output)
    let keys = try redisops(
      ["rdb", "digest", "--keys", "--format", "ndjson"] + test.flags + ["-"],
      input: smallSnapshot())
    let names = try documents(keys).map { "\($0["db"]?.int ?? -1) \($0["key"]?.string ?? "")" }
    #expect(names == test.keys)
  }

  @Test func `a type whose digest nobody knows leaves no digest`() throws {
    var builder = SnapshotBuilder("VALKEY081")
    builder.key("known", "1")
    builder.raw([23])
    builder.string("path hash".utf8)
    builder.raw([1, 1, 0x70, 1, 1, 0x66, 1, 0x76])
    let whole = try redisops("rdb", "digest", "-", input: builder.finished)
    #expect(whole.exitStatus == 2)
    #expect(whole.output.isEmpty)
    #expect(whole.errorText.contains("the digest of 1 value of type"))
    let part = try redisops("rdb", "digest", "--type", "string", "-", input: builder.finished)
    #expect(part.exitStatus == 0)
    #expect(part.output.count == 41)
  }

  @Test func `what is due is dropped or kept`() throws {
    let late = "2100-01-02T00:00:00Z"
    let now = try redisops("rdb", "digest", "-", input: smallSnapshot()).outputText
    let kept = try redisops(
      "rdb", "digest", "--at", late, "--expired", "keep", "-", input: smallSnapshot())
    let dropped = try redisops("rdb", "digest", "--at", late, "-", input: smallSnapshot())
    #expect(kept.outputText == now)
    #expect(dropped.outputText != now)
    #expect(dropped.exitStatus == 0)
  }
}
