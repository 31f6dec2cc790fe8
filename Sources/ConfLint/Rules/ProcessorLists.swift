import Findings

/// LAT013: children and helper threads on the processor of the main thread.
enum ProcessorLists: TextRule {
  static let id = "LAT013"
  private static let others = ["bio-cpulist", "aof-rewrite-cpulist", "bgsave-cpulist"]

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    guard file.kind == .conf else { return }
    var lists: [String: (processors: Set<Int>, line: SourceLine, range: Range<Int>)] = [:]
    for line in file.lines where !file.isComment(line) {
      let words = WordScan.words(file.bytes, in: line.range)
      guard words.count == 2 else { continue }
      let name = file.bytes[words[0]].loweredText.replacing("_", with: "-")
      guard name == "server-cpulist" || others.contains(name),
        let processors = processors(file.bytes[words[1]].text)
      else { continue }
      lists[name] = (processors, line, words[1])
    }
    guard let server = lists["server-cpulist"] else { return }
    for name in others {
      guard let list = lists[name] else { continue }
      let shared = server.processors.intersection(list.processors).sorted()
      guard let first = shared.first else { continue }
      let start = list.line.range.lowerBound
      hits.add(
        file.place(
          line: list.line.number,
          columns: list.range.lowerBound - start + 1..<list.range.upperBound - start + 1),
        "\(name) shares \(shared.count == 1 ? "processor \(first)" : "\(shared.count) processors")"
          + " with server-cpulist: the main thread has to wait there",
        directive: name, identity: file.bytes[list.range].text,
        notes: [
          Finding.Note("server-cpulist is set here", at: file.place(line: server.line.number))
        ])
    }
  }

  private static let processorMax = 4096

  /// `0-3`, `1,2,3`, `0-7:2`; nil for anything else.
  private static func processors(_ text: String) -> Set<Int>? {
    var result: Set<Int> = []
    let plain = text.filter { $0 != "\"" }
    for part in plain.split(separator: ",") {
      let stepped = part.split(separator: ":")
      let step = stepped.count > 1 ? Int(stepped[1]) ?? 0 : 1
      guard let range = stepped.first, step > 0 else { return nil }
      let ends = range.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, ends.count <= 2, first <= last,
        first >= 0, last <= processorMax
      else { return nil }
      result.formUnion(stride(from: first, through: last, by: step))
    }
    return result
  }
}

/// LAT012: scores that make the kernel kill the server before its child.
enum OOMScores: TextRule {
  static let id = "LAT012"

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    guard file.kind == .conf else { return }
    for line in file.lines where !file.isComment(line) {
      let words = WordScan.words(file.bytes, in: line.range)
      guard words.count == 4, file.bytes[words[0]].loweredText == "oom-score-adj-values" else {
        continue
      }
      let values = words.dropFirst().compactMap { Int(file.bytes[$0].text) }
      guard values.count == 3, values[0] > values[1] || values[1] > values[2] else { continue }
      let start = line.range.lowerBound
      hits.add(
        file.place(
          line: line.number,
          columns: words[1].lowerBound - start + 1..<words[3].upperBound - start + 1),
        "the scores of primary, replica and child are \(values[0]), \(values[1]) and \(values[2]): "
          + "they must not fall, for the kernel kills the highest first",
        directive: "oom-score-adj-values", identity: values.map { "\($0)" }.joined(separator: " "))
    }
  }
}
