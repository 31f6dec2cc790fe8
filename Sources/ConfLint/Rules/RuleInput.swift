import Findings
import RedisConf
import RedisModel

/// A configuration as one server reads it, for rules in Swift.
struct RuleInput {
  /// How the server reads it.
  let reading: ServerReading
  /// The files as text, one for each document of the reading.
  let files: [RuleFile]
  /// What is known about host and use.
  let facts: Facts
  /// All servers of this run.
  let targets: [ServerVersion]
  /// Whether the user named the servers.
  let isExplicit: Bool
  /// The permission bits of a file; nil when nobody asked to look at this host.
  let mode: (String) -> UInt16?
  /// The bytes of a file that the configuration names; nil when nobody asked to look at this host.
  let contents: (String) -> [UInt8]?
  /// The day of the run.
  let today: PolicyDate?
  /// Whether a file exists; nil when that cannot be told here.
  let exists: (String) -> Bool?

  var target: ServerVersion { reading.target }
  var server: Int { DirectiveCatalogue.shared.server(for: target) }

  /// The line of an origin.
  func line(_ origin: ConfSetting.Origin) -> ConfLine {
    reading.documents[origin.document].lines[origin.line]
  }

  /// The file of an origin.
  func file(_ origin: ConfSetting.Origin) -> RuleFile { files[origin.document] }

  /// The place of a whole line, or of its argument of that number, from 0.
  func place(_ origin: ConfSetting.Origin, argument: Int? = nil) -> Location {
    let line = line(origin)
    guard let argument, line.tokens.indices.contains(argument + 1) else {
      return file(origin).place(line: line.number)
    }
    return file(origin).place(
      line: line.number, columns: columns(line.tokens[argument + 1].range, line))
  }

  /// Offsets into the file as columns of the line.
  func columns(_ range: Range<Int>, _ line: ConfLine) -> Range<Int> {
    range.lowerBound - line.range.lowerBound + 1..<range.upperBound - line.range.lowerBound + 1
  }

  /// An edit that takes the line away.
  func removal(_ origin: ConfSetting.Origin, _ summary: String, isSafe: Bool = true) -> Fix? {
    let file = file(origin)
    return file.wholeLine(line(origin).number).map {
      file.fix(summary, isSafe: isSafe, [($0, "")])
    }
  }

  /// The first argument of the directive in effect; nil when it is not written.
  func value(_ name: String) -> String? { reading.settings[name]?.values.last?.first }

  /// The first argument, or the server's default.
  func effective(_ name: String) -> String {
    if let value = value(name) { return value }
    return DirectiveCatalogue.shared.find(name)?.directive.variant(server: server)?.defaultText
      ?? ""
  }

  /// Whether a yes-or-no directive is on.
  func isOn(_ name: String) -> Bool { effective(name).lowercased() == "yes" }

  /// The arguments of a line without secrets, as identity of a finding.
  func identity(_ origin: ConfSetting.Origin) -> String {
    let file = file(origin)
    let range = line(origin).range
    return SecretText.masked(file.bytes[range], of: file.kind).text
  }
}

/// A rule about what a server reads.
protocol ReadingRule: Sendable {
  /// The rule's id.
  static var id: String { get }
  /// Looks through a reading.
  static func check(_ input: RuleInput, into hits: inout RuleHits)
}
