import Testing

@testable import ConfLint

@Suite struct EvaluationTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var text: String
    /// `yes`, `no`, `unknown` or the value.
    var expected: String
    var testDescription: String { text }

    init(_ text: String, _ expected: String) { (self.text, self.expected) = (text, expected) }
  }

  /// A cache of 8 gb with nothing known of its host but four cores.
  private func value(_ text: String) throws -> ExpressionValue {
    let scope = TestScope()
    scope.defaults = [
      "maxmemory": .quantity(.zero, .bytes), "timeout": .quantity(.zero, .duration),
      "appendonly": .no, "hz": .number(10), "maxmemory-policy": .text("noeviction"),
      "slowlog-log-slower-than": .quantity(ExactNumber(10_000), .duration), "dir": .text("./"),
    ]
    scope.written = [
      "maxmemory": .quantity(ExactNumber(8 << 30), .bytes),
      "timeout": .quantity(ExactNumber(300_000_000), .duration),
      "maxmemory-policy": .text("allkeys-lru"),
    ]
    scope.savePoints = [
      .list([.quantity(ExactNumber(900_000_000), .duration), .number(1)])
    ]
    scope.bindAddresses = ["127.0.0.1", "::1"]
    try scope.facts.set("host.cores", to: "4")
    try scope.facts.set("workload", to: "cache,session")
    try scope.facts.set("write_rate", to: "10mb")
    try scope.facts.set("max_disconnect", to: "60s")
    var checker = ExpressionChecker(
      ExpressionNames(
        directives: TestTypes.shared,
        parameters: ["share": .quantity(try #require(ExactNumber(3, over: 5)), .number)],
        groups: ["evicting": ["allkeys-lru", "allkeys-lfu"]]))
    let typed = try checker.check(ExpressionParser.parse(text))
    var evaluation = Evaluation(scope)
    return evaluation.value(typed.expression)
  }

  @Test(arguments: [
    // Three values: u is a fact that nobody gave.
    Case("not (replicas > 0)", "unknown"),
    Case("replicas > 0 or true", "yes"), Case("true or replicas > 0", "yes"),
    Case("replicas > 0 or false", "unknown"), Case("false or replicas > 0", "unknown"),
    Case("replicas > 0 and false", "no"), Case("false and replicas > 0", "no"),
    Case("replicas > 0 and true", "unknown"), Case("true and replicas > 0", "unknown"),
    Case("replicas > 0 or replicas <= 0", "unknown"),
    Case("replicas in [1, 2]", "unknown"), Case("replicas + 1 == 2", "unknown"),
    Case("given(replicas)", "no"), Case("given('host.cores')", "yes"),
    // Units and exact numbers.
    Case("directive('maxmemory') == 8gb", "yes"), Case("directive('maxmemory') > 8g", "yes"),
    Case("directive('maxmemory') * 1.5 == 12gb", "yes"),
    Case("directive('maxmemory') - 8gb == 0", "yes"),
    Case("directive('maxmemory') > 0", "yes"), Case("0 < directive('maxmemory')", "yes"),
    Case("directive('maxmemory') / 1gb", "8"),
    Case("directive('maxmemory') / 3", "2863311530.666 bytes"),
    Case("directive('maxmemory') / 3 * 3 == 8gb", "yes"),
    Case("0.1 + 0.2 == 0.3", "yes"), Case("1 / 3 + 1 / 3 + 1 / 3 == 1", "yes"),
    Case("18446744073709551615 + 1 > 18446744073709551615", "yes"),
    Case("18446744073709551615 * 18446744073709551615 * 18446744073709551615", "unknown"),
    Case("1 / 0 == 1", "unknown"), Case("5% * directive('maxmemory') == 0.05 * 8gb", "yes"),
    Case("directive('timeout') == 5min", "yes"), Case("directive('timeout') >= 301s", "no"),
    Case("directive('slowlog-log-slower-than') == 10ms", "yes"),
    Case("write_rate * max_disconnect", "600mb"), Case("600mb / write_rate == 60s", "yes"),
    Case("floor(host.cores / 3)", "1"), Case("ceil(host.cores / 3)", "2"),
    Case("floor(0 - 1.5)", "-2"), Case("abs(0 - 2)", "2"), Case("max(1, host.cores - 2)", "2"),
    Case("min(3s, 200ms)", "200ms"), Case("params.share * 10gb == 6gb", "yes"),
    // Words, lists and text.
    Case("directive('maxmemory-policy') in groups.evicting", "yes"),
    Case("directive('maxmemory-policy') matches '-(lru|lfu)$'", "yes"),
    Case("directive('maxmemory-policy') not in ['noeviction']", "yes"),
    Case("workload == 'cache'", "yes"), Case("workload != 'cache'", "no"),
    Case("'session' in workload", "yes"), Case("workload in ['lock', 'queue']", "no"),
    Case("workload in ['lock', 'cache']", "yes"), Case("env == 'production'", "unknown"),
    Case("saves() == [[900s, 1]]", "yes"), Case("saves() == [[900s, 1], [300s, 10]]", "no"),
    Case("saves() == []", "no"), Case("len(saves())", "1"),
    Case("any(saves(), it.seconds < 60s)", "no"), Case("all(saves(), it.changes >= 1)", "yes"),
    Case("all(binds(), loopback)", "yes"), Case("any(binds(), wildcard)", "no"),
    Case("len(filter(binds(), it == '::1'))", "1"), Case("all([], false)", "yes"),
    Case("starts_with(directive('dir'), '/')", "no"),
    Case("ends_with(directive('dir'), '/')", "yes"),
    Case("contains(directive('dir'), './')", "yes"), Case("lower('AbC') == 'abc'", "yes"),
    Case("len('abc')", "3"), Case("directive('appendonly') == 'no'", "yes"),
    Case("directive('appendonly') or directive('hz') == 10", "yes"),
    Case("known('appendonly') and not known('tls-port')", "yes"),
    Case("directive('tls-port') > 0", "unknown"), Case("set('maxmemory')", "yes"),
    Case("default('maxmemory') == 0b", "yes"), Case("target.product == 'redis'", "yes"),
    Case("buffers('replica').soft == 64mb", "yes"),
    // Addresses.
    Case("loopback('127.3.2.1')", "yes"), Case("loopback('::1')", "yes"),
    Case("loopback('::ffff:127.0.0.1')", "yes"), Case("loopback('localhost')", "yes"),
    Case("loopback('-127.0.0.1')", "yes"), Case("loopback('10.0.0.1')", "no"),
    Case("wildcard('0.0.0.0')", "yes"), Case("wildcard('*')", "yes"), Case("wildcard('::')", "yes"),
    Case("wildcard('-::*')", "yes"), Case("private('10.1.2.3')", "yes"),
    Case("private('172.32.0.1')", "no"), Case("private('172.31.0.1')", "yes"),
    Case("private('100.64.0.1')", "yes"), Case("private('fe80::1%eth0')", "yes"),
    Case("private('fd00::1')", "yes"), Case("private('2001:db8::1')", "no"),
    Case("private('8.8.8.8')", "no"), Case("private('db.example')", "no"),
  ])
  func `expressions have one value`(_ example: Case) throws {
    #expect(try value(example.text).description == example.expected)
  }

  @Test func `what is not known says why`() throws {
    #expect(
      try value("replicas >= 1 and host.memory > 1gb").causes
        == [.fact("replicas"), .fact("host.memory")])
    #expect(try value("directive('tls-port') > 0").causes == [.directive("tls-port")])
    #expect(try value("1 / 0 > 1").causes == [.arithmetic])
  }

  @Test func `patterns and quantifiers give up instead of running on`() throws {
    let scope = TestScope()
    scope.bindAddresses = Array(repeating: "10.0.0.1", count: 400)
    scope.defaults = ["dir": .text(String(repeating: "a", count: 5000) + "!")]
    func causes(_ text: String) throws -> [UnknownCause]? {
      var checker = ExpressionChecker(ExpressionNames(directives: TestTypes.shared))
      let typed = try checker.check(ExpressionParser.parse(text))
      var evaluation = Evaluation(scope)
      return evaluation.value(typed.expression).causes
    }
    #expect(try causes("directive('dir') matches '^(a+)+$'")?.first == .limit)
    #expect(
      try causes("any(binds(), any(binds(), any(binds(), it == 'x')))")?.first == .limit)
  }

  struct TypeError: CustomTestStringConvertible, Sendable {
    var text: String
    var offset: Int
    var says: String
    var testDescription: String { text }

    init(_ text: String, at offset: Int, _ says: String) {
      (self.text, self.offset, self.says) = (text, offset, says)
    }
  }

  @Test(arguments: [
    TypeError("directive('maxmemory') > 60s", at: 0, "bytes is compared with a duration"),
    TypeError("directive('timeout') > 1kb", at: 0, "a duration is compared with bytes"),
    TypeError("directive('timeout') >= 300", at: 0, "300s or 300ms"),
    TypeError("directive('maxmemory') == 8", at: 0, "8mb or 8b"),
    TypeError("directive('maxmemory') + 1s == 0", at: 25, "do not add up"),
    TypeError("directive('maxmemory') * 1gb", at: 25, "bytes times bytes"),
    TypeError("1s / 1gb", at: 5, "a duration divided by bytes"),
    TypeError("directive('maxmemory')", at: 0, "compare it"),
    TypeError("not directive('hz')", at: 4, "compare it"),
    TypeError("directive('hz') and true", at: 0, "compare it"),
    TypeError("directive('maxmemory-policy') > 'x'", at: 0, "has no order"),
    TypeError(
      "directive('maxmemory-policy') == 'allkey-lru'", at: 33, "did you mean 'allkeys-lru'"),
    TypeError("directive('maxmemory-policy') in ['lru']", at: 33, "never 'lru'"),
    TypeError("directive('maxmemory') == '8gb'", at: 0, "without quotes"),
    TypeError("directive('appendonly') == 'maybe'", at: 0, "write 'yes' or 'no'"),
    TypeError("directive('maxmemroy') > 0b", at: 10, "did you mean 'maxmemory'"),
    TypeError("directive(maxmemory) > 0b", at: 0, "in quotes"),
    TypeError("maxmemory > 0b", at: 0, "write directive('maxmemory')"),
    TypeError("host.memroy > 1gb", at: 0, "did you mean 'host.memory'"),
    TypeError("workload == 'cash'", at: 12, "did you mean 'cache'"),
    TypeError("params.shar > 1", at: 0, "there is no fact or name"),
    TypeError("replica >= 1", at: 0, "did you mean 'replicas'"),
    TypeError("loopbak('x')", at: 0, "did you mean 'loopback'"),
    TypeError("floor(1, 2) == 1", at: 0, "takes 1 argument"),
    TypeError("it.name == 'x'", at: 0, "only with for-each"),
    TypeError("any(binds(), it.seconds > 1s)", at: 13, "text has no 'seconds'"),
    TypeError("any(saves(), it.second > 1s)", at: 13, "did you mean 'seconds'"),
    TypeError("saves() == [[900, 1]]", at: 0, "needs a unit"),
    TypeError("'a' matches '('", at: 12, "the pattern is wrong"),
    TypeError("'a' matches binds()", at: 12, "pattern in quotes"),
    TypeError("buffers('slaves').hard > 0b", at: 0, "no class 'slaves'"),
    TypeError("buffers('normal').hrad > 0b", at: 0, "did you mean 'hard'"),
    TypeError("buffers('clients') == buffers('normal')", at: 0, "no class 'clients'"),
    TypeError("saves(1) == []", at: 0, "no argument"),
    TypeError("given(nothing)", at: 0, "the name of a fact"),
    TypeError("contains(binds(), 1)", at: 0, "looks for a number"),
  ])
  func `types that do not fit are found at load`(_ example: TypeError) {
    let error = #expect(throws: ExpressionError.self) {
      var checker = ExpressionChecker(ExpressionNames(directives: TestTypes.shared))
      _ = try checker.condition(ExpressionParser.parse(example.text))
    }
    #expect(error?.offset == example.offset, "\(error?.message ?? "")")
    #expect(error?.message.contains(example.says) == true, "\(error?.message ?? "")")
  }
}
