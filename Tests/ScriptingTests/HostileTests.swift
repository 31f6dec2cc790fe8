import Engine
import RedisModel
import TestSupport
import Testing

@testable import Scripting

/// Scripts that would take all time or memory: each ends with an error, and the next one runs.
@Suite struct HostileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: String
    /// What the error says.
    let error: String
  }

  static let cases: [Case] = [
    Case(
      testDescription: "an endless loop", script: "while true do end", error: "instructions"),
    Case(
      testDescription: "an endless loop that catches errors",
      script: "while true do pcall(function() while true do end end) end", error: "instructions"),
    Case(
      testDescription: "an endless loop in a coroutine",
      script: "while true do coroutine.wrap(function() while true do end end)() end",
      error: "instructions"),
    Case(
      testDescription: "endless garbage",
      script: "while true do local s = string.rep('x', 1000000) end", error: "instructions"),
    Case(
      testDescription: "an endless search",
      script: "local s = string.rep('x', 10000000) while true do s:find('y', 1, true) end",
      error: "instructions"),
    Case(
      testDescription: "a table that grows",
      script: "local t = {} while true do t[#t + 1] = {} end", error: "not enough memory"),
    Case(
      testDescription: "a text that doubles",
      script: "local s = 'x' while true do s = s .. s end", error: "not enough memory"),
    Case(
      testDescription: "string.rep of 10^9", script: "return string.rep('x', 1e9)",
      error: "not enough memory"),
    Case(
      testDescription: "string.rep of nothing, for long",
      script: "for i = 1, 1e9 do string.rep('', 2^31 - 1) end", error: "instructions"),
    Case(
      testDescription: "a recursion", script: "local function f() return 1 + f() end f()",
      error: "stack overflow"),
    Case(
      testDescription: "a recursion through pcall",
      script: "local function f() return f(pcall(f)) end return f()", error: "instructions"),
    Case(
      testDescription: "a recursion through coroutines",
      script: "local function f() return coroutine.wrap(f)() end return f()",
      error: "C stack overflow"),
    Case(
      testDescription: "a recursion through __index",
      script: "local t = {} setmetatable(t, {__index = function(t, k) return t[k .. 'x'] end}) "
        + "return t.a",
      error: "stack overflow"),
    Case(
      testDescription: "a pattern of many items",
      script: "return string.find(string.rep('a', 1000), string.rep('a?', 100000))",
      error: "pattern too complex"),
    Case(
      testDescription: "a pattern that goes back and forth",
      script: "return string.find(string.rep('a', 50), string.rep('a*', 20) .. 'b')",
      error: "instructions"),
    Case(
      testDescription: "the same in match",
      script: "return string.match(string.rep('a', 300), '^' .. string.rep('(a-)', 9) .. 'b$')",
      error: "instructions"),
    Case(
      testDescription: "the same in gsub, caught again and again",
      script:
        "while true do pcall(string.gsub, string.rep('a', 50), string.rep('a?', 60) .. 'b', '') "
        + "end", error: "instructions"),
    Case(
      testDescription: "the same in gmatch",
      script: "for a in string.gmatch(string.rep('x', 5000), '.-.-.-b') do end",
      error: "instructions"),
    Case(
      testDescription: "sorting without end",
      script: "local t = {} for i = 1, 100000 do t[i] = i % 7 end while true do table.sort(t) end",
      error: "instructions"),
    Case(
      testDescription: "moving elements without end",
      script: "local t = {} for i = 1, 100000 do t[i] = i end "
        + "while true do table.insert(t, 1, 0) table.remove(t, 1) end", error: "instructions"),
    Case(
      testDescription: "joining nothing without end",
      script: "local t = {} for i = 1, 100000 do t[i] = '' end "
        + "while true do table.concat(t) table.maxn(t) end", error: "instructions"),
    Case(
      testDescription: "collecting garbage without end",
      script: "local t = {} for i = 1, 100000 do t[i] = {} end while true do collectgarbage() end",
      error: "instructions"),
    Case(
      testDescription: "a deep text of source",
      script: "return loadstring('return ' .. string.rep('(', 100000) .. '1')()",
      error: "attempt to call a nil value"),
    Case(
      testDescription: "JSON that multiplies",
      script: "local t = {string.rep('x', 1000000)} for i = 1, 30 do t = {t, t} end "
        + "return cjson.encode(t)",
      error: "not enough memory"),
    Case(
      testDescription: "MessagePack that multiplies",
      script: "local t = {string.rep('x', 1000000)} for i = 1, 12 do t = {t, t, t, t, t} end "
        + "return cmsgpack.pack(t)",
      error: "not enough memory"),
    Case(
      testDescription: "JSON of nothing that multiplies",
      script: "local t = {} for i = 1, 30 do t = {t, t} end return cjson.encode(t)",
      error: "instructions"),
    Case(
      testDescription: "an answer of nothing that multiplies",
      script: "local t = {} for i = 1, 30 do t = {t, t} end return t",
      error: "instructions"),
    Case(
      testDescription: "an answer that multiplies",
      script: "local t = {string.rep('x', 1000000)} for i = 1, 30 do t = {t, t} end return t",
      error: "not enough memory"),
    Case(
      testDescription: "struct with a huge field",
      script: "return struct.unpack('c2147483647', 'x')", error: "data string too short"),
    Case(
      testDescription: "compiled code",
      script: "return loadstring('\\27Lua' .. string.rep('\\0', 100))()",
      error: "attempt to call a nil value"),
    Case(
      testDescription: "a number of results", script: "return unpack({}, 1, 1e8)",
      error: "too many results"),
  ]

  private static func isOurs(_ error: String) -> Bool {
    ["instructions", "not enough memory", "pattern too complex"].contains(error)
  }

  private static var limits: ScriptLimits {
    var limits = ScriptLimits()
    limits.instructionMax = 10_000_000
    limits.memoryMax = 32 << 20
    return limits
  }

  @Test(arguments: cases)
  func `a script without end ends with an error`(_ sample: Case) {
    for version in [ServerVersion(.redis, 7, 0, 15), ServerVersion(.redis, 4, 0, 14)] {
      let session = ScriptSession(version, limits: Self.limits)
      guard case .error(let text) = session.eval(sample.script) else {
        Issue.record("no error")
        continue
      }
      #expect(text.contains(sample.error), "\(text)")
      // What a server would have done is known only where it has the same limit.
      #expect((session.outcome == .unsupported) == Self.isOurs(sample.error))
      #expect(session.eval("return 1") == .integer(1))
    }
  }

  /// Few instructions, each of which takes long: the time alone ends these.
  static let slow = [
    "local a = string.rep('a', 8000000) local b = a .. 'b' while true do local c = a < b end",
    "redis.call('SETBIT', 'b', 80000000, 1) while true do redis.call('BITCOUNT', 'b') end",
    "while true do pcall(error, 'x') end",
  ]

  @Test(arguments: slow)
  func `a script that takes too long ends`(_ script: String) {
    var limits = ScriptLimits()
    limits.timeMaxMs = 50
    let session = ScriptSession(limits: limits)
    let start = ContinuousClock.now
    guard case .error(let text) = session.eval(script) else {
      Issue.record("no error")
      return
    }
    #expect(text.contains("takes too long"))
    #expect(session.outcome == .unsupported)
    // Far from what it would take, however busy the machine.
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func `scripts behind one without end get less`() {
    let session = ScriptSession(limits: Self.limits)
    let start = ContinuousClock.now
    for _ in 0..<1000 { session.eval("while true do end") }
    #expect(session.outcome == .unsupported)
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func `a script too great to compile is none that its server refused`() {
    let session = ScriptSession(limits: Self.limits)
    let script = "return {" + String(repeating: "{},", count: 400_000) + "}"
    guard case .error = session.eval(script) else {
      Issue.record("no error")
      return
    }
    #expect(session.outcome == .unsupported)
    #expect(session.eval("return 1") == .integer(1))
  }

  @Test func `an endless loop of commands ends`() {
    var limits = Self.limits
    limits.instructionMax = 100_000
    let session = ScriptSession(limits: limits)
    guard case .error(let text) = session.eval("while true do redis.call('INCR', 'n') end") else {
      Issue.record("no error")
      return
    }
    #expect(text.contains("instructions"))
  }

  @Test func `an answer of any depth is cut`() {
    let session = ScriptSession()
    var (reply, depth) = (session.eval("local t = {} t[1] = t return t"), 0)
    while case .array(let parts) = reply, parts.count == 1 {
      reply = parts[0]
      depth += 1
    }
    #expect(depth == 1001)
    #expect(reply == .error("ERR reached lua stack limit"))
  }

  @Test func `a library without end is not loaded`() {
    let session = ScriptSession(limits: Self.limits)
    var limits = Self.limits
    limits.loadingInstructionMax = 1_000_000
    let quick = ScriptSession(limits: limits)
    #expect(
      quick.run("FUNCTION", "LOAD", "#!lua name=l\nwhile true do end")
        == .error("ERR Error registering functions: ERR FUNCTION LOAD timeout"))
    #expect(quick.outcome == .unsupported)
    #expect(session.run("FUNCTION", "LIST") == .array([]))
  }

  @Test func `random bytes are no script and do no harm`() {
    var random = RepeatableRandom(seed: 7)
    let session = ScriptSession(limits: Self.limits)
    let words = [
      "return", "local", "x", "=", "{", "}", "(", ")", "redis.call", "'set'", "1", "..", "if",
      "then",
      "end", "function", "pcall", ",", "[", "]", "cjson.decode", "'[1'", "struct.unpack", "'>i3'",
      "cmsgpack.unpack", "'\\147\\1'", "string.rep", "setmetatable", "_G", "error", "nil", "#",
    ]
    for _ in 0..<2000 {
      let count = Int.random(in: 1...14, using: &random)
      let script = (0..<count).map { _ in words.randomElement(using: &random) ?? "" }
      _ = session.eval(script.joined(separator: " "))
    }
    for _ in 0..<2000 {
      let bytes = (0..<24).map { _ in UInt8.random(in: 0...255, using: &random) }
      let quoted = bytes.map { "\\\($0)" }.joined()
      for function in ["cjson.decode", "cmsgpack.unpack", "loadstring"] {
        _ = session.eval("return \(function)('\(quoted)')")
      }
      let format = bytes.filter { $0 != 0 }.map { "\\\($0 & 0x7f)" }.joined()
      _ = session.eval("return struct.unpack('\(format)', '\(quoted)')")
    }
    #expect(session.eval("return 1") == .integer(1))
  }
}
