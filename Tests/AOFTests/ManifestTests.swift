import AOF
import Testing

@Suite struct ManifestTests {
  /// The text of a manifest, and what is made of it.
  struct Case: Sendable {
    let text: String
    var names: [String] = []
    /// The lines with problems.
    var problems: [Int] = []
  }

  static let base = "file a.1.base.rdb seq 1 type b\n"
  static let incremental = "file a.1.incr.aof seq 1 type i\n"
  static let both = ["a.1.base.rdb", "a.1.incr.aof"]
  static let long = "file a seq 2 type i x " + String(repeating: "y", count: 1100) + "\n"

  static let cases: [Case] = [
    Case(text: base + incremental, names: both),
    Case(text: incremental + base, names: ["a.1.incr.aof", "a.1.base.rdb"]),
    Case(text: "FILE\ta.1.base.rdb  Seq 1 TYPE base\r\n" + incremental, names: both),
    Case(text: "type b seq 1 file a.1.base.rdb\n" + incremental, names: both),
    Case(text: "# hello\n" + base + "file \"a.1.\\x69ncr.aof\" seq 1 type i\n", names: both),
    Case(text: base + "file 'a.1.incr.aof' seq 1 type i extra 5\n", names: both),
    Case(text: base + "file a.7.incr.aof seq 7 type i\n", names: ["a.1.base.rdb", "a.7.incr.aof"]),
    Case(text: "", problems: [1]),
    Case(text: "# only a comment\n", problems: [1]),
    Case(text: base + "\n" + incremental, names: both, problems: [2]),
    Case(text: base + base + incremental, names: both, problems: [2]),
    Case(text: incremental + incremental, names: ["a.1.incr.aof"], problems: [2]),
    Case(text: "file a.2 seq 2 type i\n" + incremental, names: ["a.2"], problems: [2]),
    Case(text: base + "file a seq 0 type i\n", names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + "file a seq 1 type x\n", names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + "file a seq 1\n", names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + "file a seq 1 type i extra\n", names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + "file ../a seq 1 type i\n", names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + "file \"a seq 1 type i\n", names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + "file \"a\"b seq 1 type i\n", names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + incremental.dropLast(), names: ["a.1.base.rdb"], problems: [2]),
    Case(text: base + long + incremental, names: both, problems: [2]),
    Case(text: base + "#" + long + incremental, names: both, problems: [2]),
    Case(text: base + incremental + "\0\0\0\0", names: both, problems: [3]),
  ]

  @Test(arguments: cases)
  func `lines are read as servers read them`(_ example: Case) {
    let manifest = AOFManifest(parsing: Array(example.text.utf8))
    #expect(manifest.entries.map(\.name) == example.names)
    #expect(manifest.problems.map(\.line) == example.problems)
  }

  @Test func `an entry has all that its line says`() {
    let text = "file a seq 12 type i startoffset 100 endoffset 200\n"
    let manifest = AOFManifest(parsing: Array(text.utf8))
    #expect(
      manifest.entries == [
        .init(
          name: "a", sequence: 12, role: .incremental, startOffset: 100, endOffset: 200, line: 1)
      ])
    #expect(manifest.bytes == Array(text.utf8))
  }

  @Test func `what is written is in the servers' order and is read again`() {
    let manifest = AOFManifest([
      .init(name: "i.1", sequence: 1, role: .incremental),
      .init(name: "old one\n", sequence: 1, role: .history),
      .init(name: "b", sequence: 2, role: .base),
      .init(name: "i.2", sequence: 2, role: .incremental, startOffset: 7),
    ])
    let text = """
      file b seq 2 type b
      file "old one\\n" seq 1 type h
      file i.1 seq 1 type i
      file i.2 seq 2 type i startoffset 7

      """
    #expect(manifest.bytes == Array(text.utf8))
    let again = AOFManifest(parsing: manifest.bytes)
    #expect(again.problems.isEmpty)
    #expect(again.entries.map(\.name) == ["b", "old one\n", "i.1", "i.2"])
    #expect(again.entries.map(\.line) == [1, 2, 3, 4])
  }
}
