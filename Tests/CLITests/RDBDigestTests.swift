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

  @Test func `several files are printed as sha1sum does`() throws {
    try withSnapshot(SnapshotBuilder().finished) { path in
      let result = try redisops("rdb", "digest", path, path)
      let line = "\(String(repeating: "0", count: 40))  \(path)\n"
      #expect(result.outputText == line + line)
    }
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
