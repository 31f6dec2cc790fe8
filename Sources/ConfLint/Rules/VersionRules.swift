import Findings
import RedisConf
import RedisModel

/// VER004: a line that the server accepts and ignores.
enum IgnoredDirective: ReadingRule {
  static let id = "VER004"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for origin in input.reading.order {
      let line = input.line(origin)
      guard let found = DirectiveCatalogue.shared.find(line.name),
        let variant = found.directive.variant(server: input.server),
        found.spelling.servers & (1 << UInt32(input.server)) != 0,
        variant.kind == .ignored || variant.flags.contains("ignored")
      else { continue }
      hits.add(
        input.place(origin), "\(line.name) is accepted and has no effect",
        directive: line.name, identity: input.identity(origin),
        fix: input.removal(origin, "remove the line"))
    }
  }
}

/// VER005: a name that the server's own file does not use any more.
enum OldSpelling: ReadingRule {
  static let id = "VER005"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for origin in input.reading.order {
      let line = input.line(origin)
      if line.name == "client-output-buffer-limit" {
        checkClass(origin, line, input, into: &hits)
        continue
      }
      guard let found = DirectiveCatalogue.shared.find(line.name),
        let newName = newName(found.directive, found.spelling, input.target, input),
        let name = line.tokens.first
      else { continue }
      let isKnownEverywhere = input.targets.allSatisfy { knows(newName, $0) }
      let file = input.file(origin)
      hits.add(
        file.place(line: line.number, columns: input.columns(name.range, line)),
        "\(line.name) is the old name of \(newName)", directive: line.name,
        identity: input.identity(origin),
        fix: isKnownEverywhere
          ? file.fix("use the new name", isSafe: true, [(name.range, newName)]) : nil)
    }
  }

  /// The name that `target` uses itself; nil when the written one is right.
  ///
  /// Without targets of the user's own a name is old when it is so for Redis or for all: new names
  /// of one product are no advice to users of the other.
  private static func newName(
    _ directive: Directive, _ spelling: DirectiveSpelling, _ target: ServerVersion,
    _ input: RuleInput
  ) -> String? {
    func old(_ version: ServerVersion) -> String? {
      let server = DirectiveCatalogue.shared.server(for: version)
      guard spelling.servers & (1 << UInt32(server)) != 0,
        let name = directive.variant(server: server)?.name, name != spelling.name
      else { return nil }
      return name
    }
    guard let name = old(target) else { return nil }
    if input.isExplicit { return name }
    let isOldForRedis = input.targets.contains { $0.product == .redis && old($0) != nil }
    return isOldForRedis || input.targets.allSatisfy({ old($0) != nil }) ? name : nil
  }

  private static func knows(_ name: String, _ target: ServerVersion) -> Bool {
    let server = DirectiveCatalogue.shared.server(for: target)
    guard let found = DirectiveCatalogue.shared.find(name) else { return false }
    return found.spelling.servers & (1 << UInt32(server)) != 0
  }

  private static func checkClass(
    _ origin: ConfSetting.Origin, _ line: ConfLine, _ input: RuleInput, into hits: inout RuleHits
  ) {
    guard line.tokens.count > 1, line.tokens[1].text.lowercased() == "slave",
      input.target.product == .valkey || input.target.major >= 5
    else { return }
    let file = input.file(origin)
    hits.add(
      input.place(origin, argument: 0), "slave is the old name of the class replica",
      directive: line.name, identity: input.identity(origin),
      fix: file.fix("use the new name", isSafe: true, [(line.tokens[1].range, "replica")]))
  }
}

/// VER007: a default that an upgrade changes, for a line that nobody wrote.
enum ChangedDefault: ReadingRule {
  static let id = "VER007"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard let from = Upgrade.from(input), let file = input.files.first else { return }
    let old = DirectiveCatalogue.shared.server(for: from)
    for directive in DirectiveCatalogue.shared.directives
    where input.reading.settings[directive.name] == nil {
      guard let before = directive.variant(server: old),
        let after = directive.variant(server: input.server),
        let oldDefault = before.defaultText, let newDefault = after.defaultText,
        oldDefault != newDefault, after.kind != .ignored, !after.flags.contains("hidden")
      else { continue }
      hits.add(
        Location(file: file.name),
        "\(after.name) is not written, and its default goes from "
          + "'\(oldDefault)' to '\(newDefault)'",
        directive: directive.name, identity: directive.name,
        fix: pin(after.name, oldDefault, after, file))
    }
  }

  private static func pin(
    _ name: String, _ value: String, _ variant: DirectiveVariant, _ file: RuleFile
  ) -> Fix? {
    guard variant.kind != .special else { return nil }
    let end = file.bytes.count
    let needsBreak = file.bytes.last.map { $0 != 0x0A } ?? false
    let argument = Quoting.argument(Array(value.utf8))
    return file.fix(
      "write the old default down", isSafe: true,
      [(end..<end, (needsBreak ? "\n" : "") + "\(name) \(argument)\n")])
  }
}

/// VER008: the log becomes a folder of files.
enum LogLayout: ReadingRule {
  static let id = "VER008"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard let from = Upgrade.from(input), from.product == .redis, from.major < 7,
      input.target.product == .valkey || input.target.major >= 7, input.isOn("appendonly"),
      let file = input.files.first
    else { return }
    let origin = input.reading.settings["appendonly"]?.origins.last
    hits.add(
      origin.map { input.place($0) } ?? Location(file: file.name),
      "from 7.0 on the log is a folder (appenddirname) with a manifest: backups of the single file "
        + "copy nothing any more, and there is no way back", directive: "appendonly",
      identity: "layout")
  }
}

/// VER009: data of a newer server.
enum Downgrade: ReadingRule {
  static let id = "VER009"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard let from = Upgrade.from(input), let file = input.files.first else { return }
    let isOlder =
      from.product == input.target.product
      ? (input.target.major, input.target.minor) < (from.major, from.minor)
      : input.target.product == .redis
    guard isOlder else { return }
    hits.add(
      Location(file: file.name),
      "\(input.target) is older than \(from), which wrote the data: it may refuse the snapshot; "
        + "ask redisops rdb compat", identity: "downgrade")
  }
}

/// VER012: a version that gets no fixes any more.
enum UnsupportedTarget: ReadingRule {
  static let id = "VER012"
  /// The lines of Redis that its SECURITY.md lists, and the first that is newer than that page.
  private static let maintained = [(6, 2), (7, 2), (7, 4)]
  private static let newest = (8, 0)
  /// The last days of security fixes for lines of Valkey, from valkey.io/topics/releases.
  private static let lastDays: [(major: Int, minor: Int, day: String)] = [
    (7, 2, "2029-04-16"), (8, 0, "2027-09-15"), (8, 1, "2030-03-31"), (9, 0, "2028-10-21"),
  ]

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard input.isExplicit, let file = input.files.first else { return }
    let target = input.target
    let line = (target.major, target.minor)
    let message: String
    switch target.product {
    case .redis:
      guard line < newest, !maintained.contains(where: { $0 == line }) else { return }
      message = "; its project maintains 6.2, 7.2, 7.4 and 8"
    case .valkey:
      guard let last = lastDays.first(where: { ($0.major, $0.minor) == line })?.day,
        let day = PolicyDate(last), let today = input.today, day < today
      else { return }
      message = "since \(last)"
    }
    hits.add(
      Location(file: file.name),
      "\(target.product.name) \(target.major).\(target.minor) gets no fixes any more" + message,
      identity: "\(target)")
  }
}

/// The version that an upgrade starts from.
enum Upgrade {
  /// The fact `from`; nil when nobody said, or it is the target itself.
  static func from(_ input: RuleInput) -> ServerVersion? {
    guard let text = input.facts.text("from"), let version = try? ServerVersion(target: text)
    else { return nil }
    return version == input.target ? nil : version
  }
}
