import Findings
import RedisConf
import RedisModel

/// What a server refuses, under the id of the reason.
enum RefusalRules {
  /// The id of a refusal; nil for one that a rule of its own tells better.
  static func id(of refusal: ConfRefusal) -> String? {
    switch refusal.kind {
    case .quotes: "SYN001"
    case .argumentCount: "SYN002"
    case .valueKind: isToldBetter(refusal) ? nil : "SYN003"
    case .bounds: "SYN004"
    case .includeMissing: "SYN009"
    case .includeCycle: "SYN010"
    case .unknownName: isOfModule(refusal.directive ?? "") ? "VER011" : "VER001"
    case .otherVersion: isOfOtherProduct(refusal) ? "VER001" : "VER002"
    case .removed: "VER003"
    case .word: "VER006"
    case .user: isOrderOfACL(refusal) ? "SEC010" : nil
    case .other where refusal.directive == nil: "SYN009"
    case .other: refusal.directive == "rename-command" ? nil : "VER001"
    // SEC014, SEN001, SEN009, SEN008 and SEC030 tell these.
    // MEM016, NET008, CLU and XDR rules tell the others.
    case .twoSources, .sentinel, .incompleteTLS, .missingHere, .build, .start: nil
    }
  }

  /// Values with a rule of their own: paths for names (XDR009), client classes (NET014).
  private static func isToldBetter(_ refusal: ConfRefusal) -> Bool {
    switch refusal.directive {
    case "dbfilename", "appendfilename", "appenddirname": refusal.reason.contains("path")
    case "client-output-buffer-limit": refusal.reason.contains("class")
    default: false
    }
  }

  private static let modulePrefixes = [
    "search-", "ts-", "bf-", "cf-", "topk-", "tdigest-", "cms-", "redisbloom.", "search.",
  ]

  static func isOfModule(_ name: String) -> Bool {
    modulePrefixes.contains { name.hasPrefix($0) }
  }

  static func isOfOtherProduct(_ refusal: ConfRefusal) -> Bool {
    refusal.reason.hasSuffix(" only")
  }

  /// SEC036 and SEC037 tell the others.
  private static func isOrderOfACL(_ refusal: ConfRefusal) -> Bool {
    !refusal.reason.hasPrefix("each line") && !refusal.reason.hasSuffix("defined twice")
      && !refusal.reason.hasPrefix("6.x") && !refusal.reason.hasSuffix("all channels")
      && !refusal.reason.hasPrefix("there is no")
  }

  /// Everything that the server of `input` refuses, with the id.
  ///
  /// - Parameter isWanted: whether the line is to be told under the id.
  static func check(
    _ input: RuleInput, isWanted: (String, Int?) -> Bool, add: (String, RuleHits) -> Void
  ) {
    for refusal in input.reading.refusals {
      guard let id = id(of: refusal), isWanted(id, refusal.line) else { continue }
      var hits = RuleHits()
      hits.add(
        place(refusal, input), message(id, refusal, input), directive: refusal.directive,
        identity: identity(refusal, input), fix: fix(id, refusal, input))
      add(id, hits)
    }
  }

  private static func document(_ refusal: ConfRefusal, _ input: RuleInput) -> Int? {
    input.reading.documents.firstIndex { $0.name == refusal.file }
  }

  private static func place(_ refusal: ConfRefusal, _ input: RuleInput) -> Location {
    guard let index = document(refusal, input), let number = refusal.line else {
      return Location(file: refusal.file, line: refusal.line)
    }
    let file = input.files[index]
    guard let range = refusal.range, file.lines.indices.contains(number - 1) else {
      return file.place(line: number)
    }
    let start = file.lines[number - 1].range.lowerBound
    return file.place(
      line: number, columns: range.lowerBound - start + 1..<range.upperBound - start + 1)
  }

  private static func isSecret(_ refusal: ConfRefusal, _ input: RuleInput) -> Bool {
    guard let index = document(refusal, input), let number = refusal.line,
      input.files[index].lines.indices.contains(number - 1)
    else { return false }
    return input.files[index].isSecret(input.files[index].lines[number - 1])
  }

  private static func message(
    _ id: String, _ refusal: ConfRefusal, _ input: RuleInput
  ) -> String {
    if isSecret(refusal, input), id != "SEC010", id != "SYN001" {
      return "the value of \(refusal.directive ?? "the line") is refused"
    }
    switch id {
    case "VER001" where refusal.kind == .unknownName:
      let near = nearest(refusal.directive ?? "", input)
      return refusal.reason + (near.map { "; did you mean '\($0)'?" } ?? "")
    case "VER011":
      return
        "'\(refusal.directive ?? "")' belongs to a module that is not loaded: the server stops "
        + "after reading the file, without naming the line"
    default: return refusal.reason
    }
  }

  private static func identity(_ refusal: ConfRefusal, _ input: RuleInput) -> String {
    guard let index = document(refusal, input), let number = refusal.line else {
      return refusal.reason
    }
    let file = input.files[index]
    guard file.lines.indices.contains(number - 1) else { return refusal.reason }
    return SecretText.masked(file.bytes[file.lines[number - 1].range], of: file.kind).text
  }

  /// The directive of this target that was most likely meant.
  static func nearest(_ name: String, _ input: RuleInput) -> String? {
    let mask = UInt32(1) << UInt32(input.server)
    let names = DirectiveCatalogue.shared.directives.flatMap { directive in
      directive.spellings.filter { $0.servers & mask != 0 }.map(\.name)
    }
    return NearestWord.find(name, in: names)
  }

  private static func fix(_ id: String, _ refusal: ConfRefusal, _ input: RuleInput) -> Fix? {
    guard let index = document(refusal, input), let number = refusal.line,
      input.files[index].lines.indices.contains(number - 1)
    else { return nil }
    let file = input.files[index]
    let word = WordScan.words(file.bytes, in: file.lines[number - 1].range).first
    let isNamed = ["VER001", "VER002", "VER003"].contains(id)
    if isNamed, let word, let name = refusal.directive {
      if let other = spelling(of: name, input) {
        return file.fix("use the name \(other)", isSafe: true, [(word, other)])
      }
      if id == "VER001", let near = nearest(name, input), isKnownEverywhere(near, input) {
        return file.fix("write \(near)", isSafe: false, [(word, near)])
      }
    }
    if id == "VER003" {
      return file.wholeLine(number).map { file.fix("remove the line", isSafe: true, [($0, "")]) }
    }
    return nil
  }

  /// Another name of the same directive that all targets know.
  private static func spelling(of name: String, _ input: RuleInput) -> String? {
    guard let found = DirectiveCatalogue.shared.find(name) else { return nil }
    return found.directive.spellings.first { other in
      other.name != found.spelling.name && isKnownEverywhere(other.name, input)
    }?.name
  }

  private static func isKnownEverywhere(_ name: String, _ input: RuleInput) -> Bool {
    guard let found = DirectiveCatalogue.shared.find(name) else { return false }
    return input.targets.allSatisfy { target in
      let server = DirectiveCatalogue.shared.server(for: target)
      return found.spelling.servers & (1 << UInt32(server)) != 0
    }
  }
}

/// VER010: a directive that the other product has.
enum OtherProduct: ReadingRule {
  static let id = "VER010"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for refusal in input.reading.refusals
    where refusal.kind == .otherVersion && RefusalRules.isOfOtherProduct(refusal) {
      let place =
        input.reading.documents.firstIndex { $0.name == refusal.file }
        .flatMap { index in refusal.line.map { input.files[index].place(line: $0) } }
      hits.add(
        place ?? Location(file: refusal.file, line: refusal.line),
        refusal.reason + ": find its counterpart or remove the line",
        directive: refusal.directive, identity: refusal.directive)
    }
  }
}
