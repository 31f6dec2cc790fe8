import Testing

@testable import RedisModel

@Suite struct ServerVersionTests {
  struct Case: CustomTestStringConvertible {
    let text: String
    let expected: String
    var testDescription: String { text }

    init(_ text: String, _ expected: String) { (self.text, self.expected) = (text, expected) }
  }

  @Test(arguments: [
    Case("redis:7.2", "redis:7.2.15"), Case("7.0", "redis:7.0.15"), Case("7.0.3", "redis:7.0.3"),
    Case("valkey:9.1.2", "valkey:9.1.2"), Case("valkey:8.0", "valkey:8.0.10"),
    Case("Redis:8.10", "redis:8.10.0"), Case("redis:7.4-rc1", "redis:7.4-rc1"),
    Case("redis:7.4.0-rc2", "redis:7.4-rc2"), Case("6.2", "redis:6.2.23"),
  ])
  func `a target reads as a version`(_ sample: Case) throws {
    #expect(try ServerVersion(target: sample.text).description == sample.expected)
  }

  @Test(arguments: [
    "", "redis", "redis:", "redis:7", "keydb:6.3", "7.2.", "7..2", "7.2.1.1", "7.2-rc", "7.2-rc0",
    "7.2-v5", "+7.2", "7.-2", "redis:7.2 ", "redis:99999999999999999999.0", "７.2",
  ])
  func `a wrong spelling is refused with the right one`(_ text: String) {
    let error = #expect(throws: TextInputError.self) { try ServerVersion(target: text) }
    #expect(error?.found == text)
    #expect(error?.description.hasSuffix("such as redis:7.2") == true)
  }

  @Test func `a line that never was is refused by name`() {
    let error = #expect(throws: TextInputError.self) { try ServerVersion(target: "valkey:7.4") }
    let expected = "Valkey 7.4 is not known; expected one of 7.2, 8.0, 8.1, 9.0, 9.1, 9.2"
    #expect(error?.description == "found 'valkey:7.4': \(expected)")
  }

  struct Aux: CustomTestStringConvertible {
    let name: String
    let value: String
    let expected: String?
    var testDescription: String { "\(name) \(value)" }

    init(_ name: String, _ value: String, _ expected: String?) {
      (self.name, self.value, self.expected) = (name, value, expected)
    }
  }

  @Test(arguments: [
    Aux("redis-ver", "7.0.15", "redis:7.0.15"), Aux("valkey-ver", "9.1.2", "valkey:9.1.2"),
    Aux("REDIS-VER", "3.9.102", "redis:4.0-rc2"), Aux("redis-ver", "6.9.240", "redis:7.0-rc1"),
    Aux("redis-ver", "7.3.240", "redis:7.4-rc1"), Aux("redis-ver", "7.9.241", "redis:8.0-rc2"),
    Aux("redis-ver", "8.9.240", "redis:8.10-rc1"), Aux("redis-ver", "6.3.4", "redis:6.3.4"),
    Aux("redis-ver", "8.0-rc1", "redis:8.0-rc1"), Aux("redis-ver", "6.2.7-v5", "redis:6.2.7"),
    Aux("redis-ver", "255.255.255", "redis:8.10.0"),
    Aux("valkey-ver", "255.255.255", "valkey:9.2.0"),
    Aux("valkey-ver", "8.9.240", "valkey:9.0-rc1"), Aux("valkey-ver", "8.1.4", "valkey:8.1.4"),
    Aux("redis-bits", "64", nil), Aux("redis-ver", "", nil), Aux("redis-ver", "seven", nil),
  ])
  func `an auxiliary field names the writer`(_ sample: Aux) {
    let version = ServerVersion(auxName: sample.name, value: sample.value)
    #expect(version?.description == sample.expected)
  }

  @Test func `versions order by their numbers, a candidate before its release`() throws {
    let texts = [
      "redis:2.8.24", "redis:7.4-rc1", "redis:7.4-rc2", "redis:7.4.0", "redis:7.4.1", "redis:8.2.0",
      "redis:8.10.0", "valkey:7.2.7", "valkey:9.0.0",
    ]
    let versions = try texts.map { try ServerVersion(target: $0) }
    #expect(versions.reversed().sorted() == versions)
    #expect(versions.map(\.description) == texts)
  }

  @Test func `the newest writer of a snapshot version is known`() {
    let redis = (1...16).map {
      ServerVersion.newestWriter(ofRDBVersion: $0, product: .redis)?.numbers ?? "-"
    }
    #expect(
      redis == [
        "2.2.15", "2.4.18", "2.6.17", "2.6.17", "2.6.17", "3.0.7", "3.2.13", "4.0.14", "6.2.23",
        "7.0.15", "7.2.15", "8.4.5", "8.6.3", "8.8.0", "8.10.0", "-",
      ])
    let valkey = [11, 79, 80, 81, 82].map {
      ServerVersion.newestWriter(ofRDBVersion: $0, product: .valkey)?.numbers ?? "-"
    }
    #expect(valkey == ["-", "-", "9.1.2", "9.2.0", "-"])
  }

  struct Rules: CustomTestStringConvertible {
    let target: String
    let score: ScoreText
    let marks: Bool
    let keepsEmpty: Bool
    let hides: Bool
    var testDescription: String { target }

    init(_ target: String, _ score: ScoreText, marks: Bool, keepsEmpty: Bool, hides: Bool) {
      (self.target, self.score) = (target, score)
      (self.marks, self.keepsEmpty, self.hides) = (marks, keepsEmpty, hides)
    }
  }

  @Test(arguments: [
    Rules("redis:2.8", .printf17g, marks: false, keepsEmpty: true, hides: false),
    Rules("redis:6.2.5", .printf17g, marks: false, keepsEmpty: true, hides: false),
    Rules("redis:6.2.6", .printf17g, marks: false, keepsEmpty: false, hides: false),
    Rules("redis:7.0", .printf17g, marks: false, keepsEmpty: false, hides: false),
    Rules("redis:7.2", .fpconv, marks: false, keepsEmpty: false, hides: false),
    Rules("redis:7.4-rc1", .fpconv, marks: true, keepsEmpty: false, hides: false),
    Rules("redis:8.10", .fpconv, marks: true, keepsEmpty: false, hides: false),
    Rules("valkey:7.2", .fpconv, marks: false, keepsEmpty: false, hides: false),
    Rules("valkey:8.1", .fpconv, marks: false, keepsEmpty: false, hides: false),
    Rules("valkey:9.0", .fpconv, marks: false, keepsEmpty: false, hides: true),
  ])
  func `the rules of a digest follow the version`(_ sample: Rules) throws {
    let rules = DigestRules(try ServerVersion(target: sample.target))
    #expect(rules.scoreText == sample.score)
    #expect(rules.marksFieldExpiry == sample.marks)
    #expect(rules.keepsEmptyCollections == sample.keepsEmpty)
    #expect(rules.hidesDueFields == sample.hides)
  }
}
