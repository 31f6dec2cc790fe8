import Testing

@testable import ConfLint

@Suite struct FactsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var text: String
    var name: String
    /// The value, nil where the file is wrong.
    var expected: String?
    /// The problem's id and a part of what it says.
    var id = ""
    var says = ""
    var testDescription: String { text }

    init(_ text: String, _ name: String, _ expected: String) {
      (self.text, self.name, self.expected) = (text, name, expected)
    }

    init(_ text: String, refused id: String, _ says: String) {
      (self.text, name, self.id, self.says) = (text, "", id, says)
    }
  }

  @Test(arguments: [
    Case("host: {memory: 8gb}", "host.memory", "8gb"),
    Case("host.memory: 8GiB", "host.memory", "8gb"),
    Case("{\"container\": {\"memory\": \"2gb\", \"cpus\": 1}}", "container.memory", "2gb"),
    Case("host: {memory: 8589934592}", "host.memory", "8gb"),
    Case("container.cpus: 1.5", "container.cpus", "1.5"),
    Case("rebuildable: yes", "rebuildable", "yes"), Case("strict: false", "strict", "no"),
    Case("workload: cache", "workload", "cache"),
    Case("workload: [cache, session]", "workload", "cache, session"),
    Case("env: prod", "env", "production"), Case("role: master", "role", "primary"),
    Case("max_disconnect: 5min", "max_disconnect", "300s"),
    Case("grace_period: 30", "grace_period", "30s"),
    Case("write_rate: 10mb", "write_rate", "10mb/s"),
    Case("write_rate: 10mb/s", "write_rate", "10mb/s"),
    Case("restart: no", "restart", "no"),
    Case("host: {addresses: [10.0.0.1]}", "host.addresses", "10.0.0.1"),
    Case("workload: cash", refused: "POL010", "did you mean 'cache'"),
    Case("wrokload: cache", refused: "POL002", "did you mean 'workload'"),
    Case("host: {memroy: 8gb}", refused: "POL002", "did you mean 'host.memory'"),
    Case("host: 8gb", refused: "POL002", "no fact 'host'"),
    Case("host: {memory: [1gb]}\nhost.memory: 2gb", refused: "POL005", "twice"),
    Case("rebuildable: on", refused: "POL012", "expected yes or no"),
    Case("host: {memory: 8 gb}", refused: "POL014", "no number with a unit"),
    Case("host: {memory: 60s}", refused: "POL014", "is a duration"),
    Case("host: {cores: 08}", refused: "POL014", "leading 0"),
    Case("replicas: {a: 1}", refused: "POL003", "found a map"),
    Case("replicas:", refused: "POL016", "is empty"),
    Case("- a", refused: "POL003", "facts are a map"),
    Case("a: [", refused: "POL001", "starts a list"),
  ])
  func `a facts file gives values or says what is wrong`(_ example: Case) {
    let (facts, problems) = FactsReader.read(Array(example.text.utf8), file: "facts.yml")
    if let expected = example.expected {
      #expect(problems == [])
      #expect(facts.text(example.name) == expected)
    } else {
      #expect(problems.map(\.id) == [example.id], "\(problems.map(\.message))")
      #expect(problems.first?.message.contains(example.says) == true, "\(problems)")
    }
  }

  @Test func `names are unique and later facts win`() throws {
    #expect(Set(FactTable.all.map(\.name)).count == FactTable.all.count)
    var first = Facts()
    var second = Facts()
    try first.set("replicas", to: "1")
    try first.set("role", to: "primary")
    try second.set("replicas", to: "2")
    let both = first.overridden(by: second)
    #expect(both.text("replicas") == "2")
    #expect(both.names == ["role", "replicas"])
    #expect(throws: FactError.self) { try first.set("nothing", to: "1") }
    #expect(throws: FactError.self) { try first.set("replicas", to: "many") }
  }
}
