import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

/// Random scripts, run by a real redis-server 7.0 and by the engine: answers and digests are equal.
///
/// `REDISOPS_DIFFERENTIAL` says how many there are, in place of some hundreds.
@Suite struct ScriptDifferentialTests {
  private static let scriptCount =
    ProcessInfo.processInfo.environment["REDISOPS_DIFFERENTIAL"].flatMap(Int.init) ?? 800

  @Test(.needsRedisServer)
  func `random scripts do what they do on a server`() throws {
    let server = try RealServer()
    let connection = try RESPConnection(port: server.port)
    guard try server.command("INFO", "server").contains("redis_version:7.0.") else { return }
    let session = ScriptSession()
    var generator = ScriptGenerator(seed: 11)
    for number in 0..<Self.scriptCount {
      let words = ["EVAL", generator.next(), "2", "k1", "k2", "7", "x"].map { Array($0.utf8) }
      let expected = ReplyValue(try connection.exchange([words])[0])
      let found = session.run(words)
      let script = String(decoding: words[1], as: UTF8.self)
      guard found == expected else {
        Issue.record(
          """
          script \(number): \(found.map { "\($0)" } ?? "not executed"), not \(expected):
          \(script)
          """
        )
        return
      }
      // The order of a hash table decides what comes first.
      if number % 50 == 49 {
        #expect(try server.digest() == session.space.digest.description)
        _ = try connection.exchange([[Array("FLUSHALL".utf8)]])
        session.run("FLUSHALL")
      }
    }
  }
}

/// Scripts that answer with values, texts of numbers, packed texts, and what commands answered.
struct ScriptGenerator {
  private var random: RepeatableRandom

  init(seed: UInt64) { random = RepeatableRandom(seed: seed) }

  private mutating func pick(_ texts: String...) -> String {
    texts.randomElement(using: &random) ?? ""
  }

  private mutating func number() -> String {
    switch Int.random(in: 0..<8, using: &random) {
    case 0...2: return "\(Int.random(in: -40...300, using: &random))"
    case 3: return "\(Int.random(in: -70_000...70_000, using: &random))"
    case 4: return "\(Double(Int.random(in: -9999...9999, using: &random)) / 64)"
    case 5:
      return
        "\(Int.random(in: 1...999, using: &random)) / \(Int.random(in: 3...97, using: &random))"
    case 6: return "2^\(Int.random(in: 0...62, using: &random))"
    default:
      return "\(Int.random(in: 1...9, using: &random))e\(Int.random(in: -20...22, using: &random))"
    }
  }

  private mutating func text() -> String {
    let count = Int.random(in: 0...6, using: &random)
    let parts = (0..<count).map { _ in
      pick("a", "Z", "0", " ", "\\n", "\\0", "\\\"", "/", "\\255", "é")
    }
    return "\"\(parts.joined())\""
  }

  private mutating func value(_ depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 2 ? 5 : 8), using: &random) {
    case 0, 1: return number()
    case 2, 3: return text()
    case 4: return pick("true", "false", "cjson.null")
    case 5, 6:
      let count = Int.random(in: 0...4, using: &random)
      return "{\((0..<count).map { _ in value(depth + 1) }.joined(separator: ", "))}"
    default:
      return "{\(pick("a", "b", "ok1", "c")) = \(value(depth + 1))}"
    }
  }

  private mutating func command() -> String {
    let key = pick("KEYS[1]", "KEYS[2]", "'k3'")
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return "'SET', \(key), \(number())"
    case 1: return "'INCRBYFLOAT', \(key), \(number())"
    case 2: return "'GET', \(key)"
    case 3: return "'RPUSH', \(key), \(text()), \(number())"
    case 4: return "'LRANGE', \(key), 0, -1"
    case 5: return "'HSET', \(key), \(text()), \(number())"
    case 6: return "'HGET', \(key), \(text())"
    case 7: return "'ZADD', \(key), \(number()), \(text())"
    case 8: return "'ZSCORE', \(key), \(text())"
    case 9: return "'DEL', \(key)"
    case 10: return "'TYPE', \(key)"
    default: return "'APPEND', \(key), \(text())"
    }
  }

  private mutating func failure() -> String {
    pick(
      "error('x')", "local a = nil; return a.b", "return y", "y = 1",
      "return redis.call('nosuch')")
  }

  /// The next script.
  mutating func next() -> String {
    switch Int.random(in: 0..<16, using: &random) {
    case 0: return "return \(value(0))"
    case 1: return "return tostring(\(number()))"
    case 2: return "return cjson.encode(\(value(0)))"
    case 3: return "return cjson.encode(cjson.decode(cjson.encode(\(value(0)))))"
    case 4: return "return cmsgpack.pack(\(value(0)))"
    case 5: return "return cjson.encode(cmsgpack.unpack(cmsgpack.pack(\(value(0)))))"
    case 6:
      let format = pick(">", "<") + pick("b", "H", "i3", "I4", "l", "d", "f")
      return "return struct.pack('\(format)', \(number())) .. struct.pack('s', \(text()))"
    case 7:
      let operation = pick("band", "bor", "bxor", "lshift", "rshift", "arshift", "rol")
      return "return bit.\(operation)(\(number()), \(Int.random(in: 0...31, using: &random)))"
    case 8:
      return "math.randomseed(\(Int.random(in: 0...99_999, using: &random))) "
        + "return {math.random(1000), math.random(5, 9), tostring(math.random())}"
    case 9: return "return redis.call('ECHO', \(number()))"
    case 10: return "return {redis.pcall(\(command())), redis.pcall(\(command()))}"
    case 11: return "return redis.call(\(command()))"
    case 12:
      return "redis.setresp(3) local r = redis.pcall(\(command())) "
        + "if type(r) == 'table' then r = r.double or r.err or r.ok end return {tostring(r)}"
    case 13:
      return "return string.format('%s|%d|%.3f|%q', \(text()), \(number()), \(number()), \(text()))"
    case 14:
      return
        "return {pcall(function() \(failure()) end)}"
    default:
      return "local t = {} for i = 1, \(Int.random(in: 0...40, using: &random)) do "
        + "t[i] = math.random(100) end table.sort(t) return {#t, table.concat(t, ','), \(number())}"
    }
  }
}
