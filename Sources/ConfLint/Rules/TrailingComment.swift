import Findings

/// SYN005: a comment behind a value, which servers take for arguments.
enum TrailingComment: TextRule {
  static let id = "SYN005"

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    guard file.kind != .acl else { return }
    for line in file.lines where !file.isComment(line) {
      let words = WordScan.words(file.bytes, in: line.range)
      guard let name = words.first.map({ file.bytes[$0].loweredText }), name != "user",
        let index = words.indices.dropFirst(2).first(where: {
          file.bytes[words[$0].lowerBound] == UInt8(ascii: "#")
        })
      else { continue }
      let start = words[index].lowerBound
      var end = line.range.upperBound
      if end > start, file.bytes[end - 1] == 0x0D { end -= 1 }
      let column = start - line.range.lowerBound + 1
      hits.add(
        file.place(line: line.number, columns: column..<end - line.range.lowerBound + 1),
        "a comment behind a value: # opens a comment only at the beginning of a line, so these "
          + "words are arguments of \(name)", directive: name, identity: "comment",
        fix: moving(start..<end, behind: words[index - 1].upperBound, line, in: file))
    }
  }

  /// The comment on a line of its own in front.
  private static func moving(
    _ comment: Range<Int>, behind value: Int, _ line: SourceLine, in file: RuleFile
  ) -> Fix {
    let start = line.range.lowerBound
    return file.fix(
      "move the comment up", isSafe: true,
      [
        (start..<start, file.bytes[comment].text + "\n"), (value..<comment.upperBound, ""),
      ])
  }
}
