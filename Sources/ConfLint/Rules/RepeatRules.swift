import Findings
import RedisConf

/// The lines of a directive in the order of reading.
struct RepeatedLines {
  let directive: Directive
  let origins: [ConfSetting.Origin]

  /// Directives that are written more than once.
  static func all(_ input: RuleInput) -> [RepeatedLines] {
    var groups: [String: [ConfSetting.Origin]] = [:]
    var order: [String] = []
    for origin in input.reading.order where origin.document != input.reading.aclDocument {
      let line = input.line(origin)
      guard let directive = DirectiveCatalogue.shared.find(line.name)?.directive else { continue }
      if groups[directive.name] == nil { order.append(directive.name) }
      groups[directive.name, default: []].append(origin)
    }
    return order.compactMap { name in
      guard let origins = groups[name], origins.count > 1,
        let directive = DirectiveCatalogue.shared.find(name)?.directive
      else { return nil }
      return RepeatedLines(directive: directive, origins: origins)
    }
  }

  /// Whether the last line alone counts, so that an earlier one is dead.
  var isSingle: Bool { directive.repeatRule == "last wins" }
}

/// SYN006: a directive with one value, twice in one file.
enum DuplicateDirective: ReadingRule {
  static let id = "SYN006"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for lines in RepeatedLines.all(input) where lines.isSingle {
      for (index, origin) in lines.origins.enumerated().dropFirst() {
        let before = lines.origins[index - 1]
        guard before.document == origin.document else { continue }
        let name = input.line(origin).name
        hits.add(
          input.place(origin),
          "\(name) again: this line wins over line \(input.line(before).number)", directive: name,
          identity: input.identity(origin),
          fix: input.removal(before, "remove the earlier line", isSafe: false),
          notes: [Finding.Note("this line has no effect", at: input.place(before))])
      }
    }
  }
}

/// SYN007: a directive that may repeat, and what repeating does.
enum AccumulatingDuplicate: ReadingRule {
  static let id = "SYN007"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for lines in RepeatedLines.all(input)
    where !lines.isSingle && lines.directive.name != "sentinel" {
      if lines.directive.name == "client-output-buffer-limit" {
        checkClasses(lines, input, into: &hits)
        continue
      }
      // Users and includes are lists by nature; the others surprise.
      guard !["user", "include", "loadmodule"].contains(lines.directive.name),
        let last = lines.origins.last
      else { continue }
      let name = input.line(last).name
      hits.add(
        input.place(last),
        "\(name) is written \(lines.origins.count) times: \(effect(lines.directive))",
        directive: name, identity: "\(lines.origins.count)",
        notes: lines.origins.first.map {
          [Finding.Note("first written here", at: input.place($0))]
        } ?? [])
    }
  }

  private static func effect(_ directive: Directive) -> String {
    if directive.name == "save" {
      return "lines add up, and an empty one clears those before"
    }
    return directive.accumulates ? "lines add up" : "the last line replaces all before"
  }

  private static func checkClasses(
    _ lines: RepeatedLines, _ input: RuleInput, into hits: inout RuleHits
  ) {
    var seen: [String: ConfSetting.Origin] = [:]
    for origin in lines.origins {
      guard var name = input.line(origin).arguments.first?.lowercased() else { continue }
      if name == "slave" { name = "replica" }
      if let first = seen[name] {
        hits.add(
          input.place(origin),
          "the class \(name) is written twice: the last line of a class wins",
          directive: lines.directive.name, identity: name,
          notes: [Finding.Note("first written here", at: input.place(first))])
      }
      seen[name] = origin
    }
  }
}

/// SYN008: a file and one that it includes set the same directive.
enum IncludeOverride: ReadingRule {
  static let id = "SYN008"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for lines in RepeatedLines.all(input) where lines.isSingle {
      for (index, origin) in lines.origins.enumerated().dropFirst() {
        let before = lines.origins[index - 1]
        guard before.document != origin.document else { continue }
        let name = input.line(origin).name
        let winner = input.file(origin).name
        hits.add(
          input.place(before),
          "\(name) is overridden by \(winner) line \(input.line(origin).number)", directive: name,
          identity: input.identity(before),
          notes: [Finding.Note("this line wins", at: input.place(origin))])
      }
    }
    checkFolder(input, into: &hits)
  }

  /// `dir` changes where later relative includes are looked for.
  private static func checkFolder(_ input: RuleInput, into hits: inout RuleHits) {
    var folder: ConfSetting.Origin?
    for origin in input.reading.order {
      let line = input.line(origin)
      if line.name == "dir" { folder = origin }
      guard line.name == "include", let path = line.arguments.first, !path.hasPrefix("/"),
        let folder
      else { continue }
      hits.add(
        input.place(origin, argument: 0),
        "a relative include behind dir: it is looked for in that directory", directive: "include",
        identity: path, notes: [Finding.Note("dir is set here", at: input.place(folder))])
    }
  }
}

/// SYN009, as far as the server goes on: a pattern that matches nothing.
enum EmptyInclude: ReadingRule {
  static let id = "SYN009"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for origin in input.reading.emptyIncludes {
      let name = input.line(origin).arguments.first ?? ""
      hits.add(
        input.place(origin, argument: 0), "'\(name)' matches no file: nothing is included",
        directive: "include", identity: name, severity: .warning)
    }
  }
}

/// SYN020: an empty value that may be a variable that was empty.
enum EmptyValue: ReadingRule {
  static let id = "SYN020"
  private static let names: Set<String> = [
    "requirepass", "masterauth", "masteruser", "aclfile", "unixsocket", "pidfile", "replicaof",
    "tls-cert-file", "tls-key-file", "tls-ca-cert-file", "cluster-announce-ip",
    "replica-announce-ip", "cluster-announce-hostname", "tls-key-file-pass", "bind",
  ]

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for origin in input.reading.order {
      let line = input.line(origin)
      guard let name = DirectiveCatalogue.shared.find(line.name)?.directive.name else { continue }
      if name == "save", line.tokens.count == 1 {
        hits.add(
          input.place(origin), "save without arguments: write save \"\" to switch snapshots off",
          directive: "save", identity: "save")
      } else if names.contains(name), line.tokens.count == 2, line.tokens[1].value.isEmpty {
        hits.add(
          input.place(origin, argument: 0),
          "\(line.name) is empty, which means off: was a variable empty?",
          directive: line.name, identity: line.name)
      }
    }
  }
}
