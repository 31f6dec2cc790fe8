import Foundation
import Testing

@testable import RedisModel

/// Commands, and the digests that three servers reported after them.
@Suite struct DigestVectorTests {
  struct Vectors: Decodable {
    let vectors: [Vector]
  }

  struct Vector: Decodable {
    let commands: [[String]]
    let digests: [String: String?]

    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: Key.self)
      commands = try members.decode([[String]].self, forKey: Key(stringValue: "commands"))
      digests = try members.allKeys.filter { $0.stringValue != "commands" }.reduce(into: [:]) {
        $0[$1.stringValue] = try members.decode(String?.self, forKey: $1)
      }
    }
  }

  @Test func `digests equal those of live servers`() throws {
    let file = TestFiles.packageRoot.appending(path: "fixtures/model/digest-vectors.json")
    let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file)).vectors
    var compared = 0
    for vector in vectors {
      for case (let server, let expected?) in vector.digests {
        let target = server.replacingOccurrences(of: "-", with: ":")
        let rules = DigestRules(try ServerVersion(target: target))
        let digest = try digest(of: vector.commands, rules)
        #expect(digest.description == expected, "\(server) \(vector.commands)")
        compared += 1
      }
    }
    #expect(compared == 3 * vectors.count - 1, "one command is unknown to one server")
  }

  /// Puts the digest together command by command; each key is written by commands of one type.
  private func digest(of commands: [[String]], _ rules: DigestRules) throws -> Digest160 {
    var database: UInt32 = 0
    var keys: [UInt32: [String: Digest160]] = [:]
    for (index, command) in commands.enumerated() {
      let name = command[0]
      let arguments = Array(command.dropFirst(2))
      let key = command[1]
      if name == "SELECT" {
        database = try #require(UInt32(key))
        continue
      }
      let known = keys[database]?[key]
      var digest = known ?? mixed([key])
      switch name {
      case "SET": mix(0, arguments, into: &digest)
      case "RPUSH": mix(1, arguments, into: &digest)
      case "SADD":
        digest.mixIn(bigEndian: 2)
        for member in arguments { digest.xorIn(Array(member.utf8)) }
      case "ZADD":
        digest.mixIn(bigEndian: 3)
        for pair in stride(from: 0, to: arguments.count, by: 2) {
          let score = try #require(Double(arguments[pair]))
          digest.xorIn(mixed([arguments[pair + 1], text(rules.scoreText, score)]))
        }
      case "HSET":
        digest.mixIn(bigEndian: 4)
        let expiring = commands[index...].first { $0[0] == "HPEXPIRE" && $0[1] == key }?.dropFirst(
          5)
        for pair in stride(from: 0, to: arguments.count, by: 2) {
          var field = mixed([arguments[pair], arguments[pair + 1]])
          if rules.marksFieldExpiry, expiring?.contains(arguments[pair]) == true {
            field.xor(with: .fieldExpiryMark)
          }
          digest.xorIn(field)
        }
      case "XADD":
        if known == nil { digest.mixIn(bigEndian: 6) }
        let id = arguments[0].replacingOccurrences(of: "-", with: ".")
        mix(nil, [id] + arguments.dropFirst(), into: &digest)
      case "PEXPIRE": digest.xor(with: .keyExpiryMark)
      case "HPEXPIRE": break
      default: Issue.record("the fixture has a new command, \(name)")
      }
      keys[database, default: [:]][key] = digest
    }
    return keys.sorted { $0.key < $1.key }.reduce(into: .zero) { whole, entry in
      whole.mixIn(bigEndian: entry.key)
      for digest in entry.value.values { whole.xorIn(digest) }
    }
  }

  private func mix(_ type: UInt32?, _ texts: [String], into digest: inout Digest160) {
    if let type { digest.mixIn(bigEndian: type) }
    for text in texts { Array(text.utf8).withUnsafeBytes { digest.mixIn($0) } }
  }

  private func mixed(_ texts: [String]) -> Digest160 {
    var digest = Digest160.zero
    mix(nil, texts, into: &digest)
    return digest
  }

  private func text(_ format: ScoreText, _ score: Double) -> String {
    withUnsafeTemporaryAllocation(byteCount: ScoreText.byteCountMax, alignment: 1) { room in
      guard let target = room.baseAddress else { return "" }
      return String(decoding: room[..<format.write(score, to: target)], as: UTF8.self)
    }
  }
}

extension Digest160 {
  /// Puts `bytes` in; the order of such calls does not matter.
  fileprivate mutating func xorIn(_ bytes: [UInt8]) { bytes.withUnsafeBytes { xorIn($0) } }
}
