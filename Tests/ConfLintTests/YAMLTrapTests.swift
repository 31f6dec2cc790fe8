import Testing

@testable import ConfLint

/// The spellings over which readers of YAML disagree, and what a policy makes of each.
@Suite struct YAMLTrapTests {
  struct Case: CustomTestStringConvertible, Sendable {
    /// The lines of a rule, behind its id and severity.
    var lines: String
    /// The problem's id, nil for none.
    var id: String?
    var says = ""
    /// Line and column in the file, where the rule's lines start at 5, 5.
    var place: String?

    var testDescription: String { lines }

    init(_ lines: String, _ id: String? = nil, _ says: String = "", at place: String? = nil) {
      (self.lines, self.id, self.says, self.place) = (lines, id, says, place)
    }
  }

  @Test(arguments: [
    // yes, no, on, off, true.
    Case("{directive: appendonly, equals: yes}"), Case("{directive: appendonly, equals: No}"),
    Case("{directive: appendonly, equals: \"yes\"}"),
    Case("{directive: appendonly, equals: True}", "POL011", "write yes"),
    Case("{directive: appendonly, equals: on}", "POL012", "refuses 'on'"),
    Case("{directive: appendonly, equals: 1}", "POL012", "refuses '1'"),
    Case("{directive: appendonly, equals: y}", "POL012", "refuses 'y'"),
    // no as a word of its own.
    Case("{directive: appendfsync, equals: no}"), Case("{directive: oom-score-adj, equals: no}"),
    Case("{directive: repl-diskless-load, equals: disabled}"),
    Case("{directive: supervised, equals: no}"),
    Case("{directive: sanitize-dump-payload, one-of: [no, clients]}"),
    Case("{directive: appendfsync, equals: false}", "POL010", "meant the word no?"),
    Case("{directive: appendfsync, equals: evrysec}", "POL010", "did you mean 'everysec'"),
    // Octal.
    Case("{directive: unixsocketperm, equals: 0700}"),
    Case("{directive: unixsocketperm, equals: \"700\"}"),
    Case("{directive: unixsocketperm, equals: 0o700}", "POL013", "write 0700"),
    Case(
      "{directive: unixsocketperm, equals: 448}", "POL014", "8 is not an octal digit, meant 0700?"),
    // Numbers that are not digits.
    Case("{directive: maxmemory, equals: 010}", "POL014", "meant 10?"),
    Case("{directive: maxmemory, equals: 1_000}", "POL014", "meant 1000?"),
    Case("{directive: maxmemory, equals: 1e9}", "POL014", "decimal digits"),
    Case("{directive: maxmemory, equals: 0x10}", "POL014", "decimal digits"),
    Case("{directive: timeout, equals: 5:00}", "POL014", "5min"),
    Case("{directive: port, equals: 63:79}", "POL014", "decimal digits"),
    Case("{directive: hz, equals: .6}", "POL014", "decimal digits"),
    Case("{directive: hz, equals: 1,5}", "POL014", "decimal digits", at: "5:5").unquotedList,
    // Sizes.
    Case("{directive: maxmemory, equals: 8gb}"), Case("{directive: maxmemory, equals: 8GB}"),
    Case("{directive: maxmemory, equals: 8g}"), Case("{directive: maxmemory, equals: 8589934592}"),
    Case("{directive: maxmemory, equals: 8 gb}", "POL014", "without a blank"),
    Case("{directive: maxmemory, equals: 1.5gb}", "POL014", "fraction"),
    Case("{directive: maxmemory, equals: 8GiB}", "POL014", "kb, m, mb"),
    Case("{directive: maxmemory-clients, equals: 5%}"),
    Case(
      "{params: {m: 1.5gb, n: 8GiB}, require: \"directive('maxmemory') <= params.m + params.n\"}"),
    Case("{params: {m: 8g}, require: \"directive('maxmemory') <= params.m\"}", "POL015", "8gb"),
    Case("{params: {m: .6}, require: \"params.m > 0\"}", "POL014", "both sides of the point"),
    Case("{params: {m: 6.}, require: \"params.m > 0\"}", "POL014", "both sides of the point"),
    Case("params: {m: \"1,5\"}\nrequire: \"params.m == '1,5'\""),
    Case("params:\n  m: 1,5\nrequire: \"true\"", "POL014", "comma"),
    Case("{params: {m: yes}, require: \"true\"}", "POL012", "write true or false"),
    Case("{params: {m: 18446744073709551615}, require: \"params.m > 0\"}"),
    Case(
      "{params: {m: 18446744073709551616}, require: \"params.m > 0\"}", "POL014",
      "18446744073709551615"),
    Case("{directive: hz, max: 18446744073709551616}", "POL014", "decimal digits"),
    // Save points.
    Case("{directive: save, equals: 900 1}"),
    Case("{directive: save, equals: [\"900 1\", \"300 10\"]}"),
    Case("{directive: save, equals: [[900, 1], [300, 10]]}"),
    Case("{directive: save, equals: \"\"}"),
    Case("{directive: save, equals: [900, 1]}", "POL010", "[\"900 1\"] or [[900, 1]]"),
    Case("{directive: save, equals: }", "POL016", "write \"\" for empty"),
    Case("{directive: save, equals: ~}", "POL016", "absent: true"),
    // Text that looks like numbers.
    Case("{directive: requirepass, not-equals: 12345}", "POL017", "put quotes around it"),
    Case("{directive: requirepass, not-equals: \"12345\"}"),
    Case(
      "directive: requirepass\nnot-equals: abc #def", "POL018", "quote it if # belongs to it",
      at: "6:17"),
    Case("directive: dir\nnot-equals: /tmp # the usual mistake"),
    Case("{when: {version: \">=7.10\"}, require: \"true\"}"),
    Case("{when: {version: \"7.10\"}, require: \"true\"}"),
    Case("{when: {version: 7.10}, require: \"true\"}", "POL017", "7.10 stays apart"),
    Case("{when: {version: 7.x}, require: \"true\"}", "POL010", "no bound of versions"),
    // Empty maps.
    Case("{when: , fix: ~, require: \"true\"}"),
    Case("{message: , require: \"true\"}", "POL016", "is empty"),
    // Block scalars.
    Case("require: >\n  directive('hz')\n  >= 10\nmessage: |\n  hz is {hz}\n"),
    Case(
      "require: |\n  directive('hz') >=\n  10s\n", "POL006",
      "a number is compared with a duration"),
    // Unknown keys and kinds.
    Case("mesage: x\nrequire: \"true\"", "POL002", "did you mean 'message'", at: "5:5"),
    Case(
      "message: {maxmemory}\nrequire: \"true\"", "POL003", "quote text that starts with {",
      at: "5:14"),
    Case(
      "message: {maxmemory} is wrong\nrequire: \"true\"", "POL001",
      "quote values that start with {", at: "5:14"),
    Case("require: !!bool yes", "POL019", "!!bool", at: "5:14"),
    Case("severity: info\nrequire: \"true\"", "POL005", "already on line 4", at: "5:5"),
    Case("require: \"directive('hz') >> 10\"", "POL006", "expected a value", at: "5:32"),
    Case("require: directive('maxmemroy') > 0b", "POL006", "did you mean 'maxmemory'", at: "5:24"),
    Case("directive: maxmemroy\nmin: 1gb", "POL007", "did you mean 'maxmemory'", at: "5:16"),
    Case(
      "message: \"{maxmemroy} is wrong\"\nrequire: \"true\"", "POL006", "did you mean 'maxmemory'"),
    Case("require: \"true\"\nfix: {set: {appendonly: maybe}}", "POL012", "refuses 'maybe'"),
    Case("require: \"true\"\nfix: {set: {appendonly: true}}", "POL011", "write yes"),
    Case("require: \"true\"\nfix: {remove: [maxmemroy]}", "POL007", "did you mean 'maxmemory'"),
    Case("directive: maxmemory\nmin: \"{params.x}\"", "POL006", "no fact or name 'params.x'"),
    Case("directive: maxmemory\nmin: \"{5s}\"", "POL006", "compared with a duration"),
    Case("directive: maxmemory\nbetween: [2gb, 1gb]", "POL010", "holds for nothing"),
    Case("min: 1gb", "POL004", "needs 'directive: name'"),
    Case("slug: x", "POL004", "needs require"),
    Case("require: {any: []}", "POL016", "is empty"),
    Case("when: {workload: cash}\nrequire: \"true\"", "POL010", "did you mean 'cache'"),
    Case("when: {roll: primary}\nrequire: \"true\"", "POL002", "did you mean 'role'"),
    Case(
      "when: {facts: {host.memroy: 1gb}}\nrequire: \"true\"", "POL007", "did you mean 'host.memory'"
    ),
    Case("for-each: usr\nrequire: \"true\"", "POL007", "did you mean 'user'"),
    Case("for-each: user\nrequire: it.nam == 'x'", "POL006", "did you mean 'name'"),
    Case("check: yes", "POL010", "expected one of code"),
  ])
  func `a spelling means one thing or is refused with what to write`(_ example: Case) {
    var lines = example.lines
    if lines.hasPrefix("{"), lines.hasSuffix("}") {
      // One entry a line, so that a case reads like the table of spellings.
      lines = FlowMap.lines(String(lines.dropFirst().dropLast()))
    }
    let problems = problems(ofRule: lines)
    guard let id = example.id else {
      #expect(problems == [])
      return
    }
    #expect(problems.count == 1, "\(problems)")
    let problem = problems.first ?? ""
    #expect(problem.contains(" \(id) "), "\(problem)")
    #expect(problem.contains(example.says), "\(problem)")
    if let place = example.place { #expect(problem.hasPrefix("\(place) "), "\(problem)") }
  }
}

extension YAMLTrapTests.Case {
  /// The same, for a value whose comma would end it in a flow map.
  fileprivate var unquotedList: Self {
    .init("directive: hz\nequals: 1,5", id, says, at: "6:13")
  }
}

/// Splits a flow map at its own commas.
private enum FlowMap {
  static func lines(_ text: String) -> String {
    var depth = 0
    var quote: Character?
    var result = ""
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if "\"'".contains(character) {
        quote = character
      } else if "[{(".contains(character) {
        depth += 1
      } else if "]})".contains(character) {
        depth -= 1
      } else if character == ",", depth == 0 {
        result += "\n"
        continue
      }
      if result.last == "\n", character == " " { continue }
      result.append(character)
    }
    return result
  }
}
