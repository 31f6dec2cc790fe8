import Engine
import RedisModel
import TestSupport
import Testing

/// Patterns of texts, which are matched by our own code so that each search ends, against those of
/// a real redis-server 7.0, and against what the manual of Lua says.
@Suite struct MatchingTests {
  private static let script = """
    local text, pattern, replacement = ARGV[1], ARGV[2], ARGV[3]
    local function show(...)
      local parts = {}
      for index = 1, select('#', ...) do parts[index] = tostring((select(index, ...))) end
      return table.concat(parts, '|')
    end
    local found = {}
    local ok, message = pcall(function()
      for first, second in string.gmatch(text, pattern) do
        found[#found + 1] = show(first, second)
        if #found > 20 then break end
      end
    end)
    return {
      show(pcall(string.find, text, pattern)), show(pcall(string.find, text, pattern, -3)),
      show(pcall(string.find, text, pattern, 2, true)), show(pcall(string.match, text, pattern, 2)),
      show(pcall(string.gsub, text, pattern, replacement)),
      show(pcall(string.gsub, text, pattern, {a = 'A', b = false, ab = 7}, 2)),
      show(pcall(string.gsub, text, pattern, function(first, second)
        if first == 'b' then return {} end
        return second
      end)),
      show(ok, message) .. table.concat(found, ';')
    }
    """

  private static let items = [
    "a", "b", ".", "%a", "%d", "%s", "%w", "%p", "%c", "%l", "%u", "%x", "%z", "%A", "%S", "[ab]",
    "[^a]", "[a-c]", "[%d-]", "[]]", "[^]b]", "[a-", "[%", "[%a_]", "%%", "%.", "%b()", "%bab",
    "%bx", "%f[%a]", "%f[^a]", "%fa", "%1", "%2", "%", "(", ")", "()", "(a", "^", "$", "\0", "é",
  ]
  private static let repeats = ["", "", "", "*", "+", "-", "?"]
  private static let replacements = ["", "x", "<%0>", "%1", "%2%1", "%%", "%", "a\0b", "%x"]

  @Test(.needsRedisServer)
  func `random patterns find what they find on a server`() throws {
    let server = try RealServer()
    let connection = try RESPConnection(port: server.port)
    guard try server.command("INFO", "server").contains("redis_version:7.0.") else { return }
    let session = ScriptSession()
    var random = RepeatableRandom(seed: 31)
    for _ in 0..<3000 {
      let pattern = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        (Self.items.randomElement(using: &random) ?? "")
          + (Self.repeats.randomElement(using: &random) ?? "")
      }.joined()
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        ["a", "b", "ab", "A", "1", " ", "(", ")", "-", "]", "\0", "é"]
          .randomElement(using: &random) ?? ""
      }.joined()
      let replacement = Self.replacements.randomElement(using: &random) ?? ""
      let words = ["EVAL", Self.script, "0", text, pattern, replacement].map { Array($0.utf8) }
      let expected = ReplyValue(try connection.exchange([words])[0])
      guard session.run(words) == expected else {
        Issue.record("\(pattern.debugDescription) in \(text.debugDescription), \(replacement)")
        return
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    /// What is called.
    var call: String
    /// The answers with bars between them.
    var answer: String
    var testDescription: String { call }
  }

  static let cases: [Case] = [
    Case(call: "('hello world'):find('o w')", answer: "5|7"),
    Case(call: "('hello'):find('l', -2)", answer: "4|4"),
    Case(call: "('hello'):find('', 10)", answer: "6|5"),
    Case(call: "('a.b'):find('.', 2, true)", answer: "2|2"),
    Case(call: "('key = value'):match('^(%w+)%s*=%s*(%w+)$')", answer: "key|value"),
    Case(call: "('f(a(b)c)d'):match('%b()')", answer: "(a(b)c)"),
    Case(call: "('THE (quick) fox'):find('%f[%a]%a+%f[%A]')", answer: "1|3"),
    Case(call: "('abcabc'):match('(a)(b)c%1%2c')", answer: "a|b"),
    Case(call: "('abc'):match('()b()')", answer: "2|3"),
    Case(call: "('hello'):gsub('l', {l = 'L'})", answer: "heLLo|2"),
    Case(call: "('hello'):gsub('', '-')", answer: "-h-e-l-l-o-|6"),
    Case(call: "('abc'):gsub('%w', '%0%0', 2)", answer: "aabbc|2"),
    Case(call: "pcall(string.find, 'a', '[a')", answer: "false|malformed pattern (missing ']')"),
    Case(call: "pcall(string.find, 'a', '%')", answer: "false|malformed pattern (ends with '%')"),
    Case(call: "pcall(string.gsub, 'a', 'a', '%2')", answer: "false|invalid capture index"),
    Case(call: "pcall(string.match, 'a', '(a')", answer: "false|unfinished capture"),
    Case(call: "pcall(string.match, 'a', 'a)')", answer: "false|invalid pattern capture"),
  ]

  @Test(arguments: cases)
  func `patterns do what the manual says`(_ sample: Case) {
    let session = ScriptSession()
    let answer = session.eval(
      """
      local function show(...)
        local parts = {}
        for index = 1, select('#', ...) do parts[index] = tostring((select(index, ...))) end
        return table.concat(parts, '|')
      end
      return show(\(sample.call))
      """)
    #expect(answer == .text(sample.answer))
  }
}
