import Findings
import RedisConf
import RedisModel

/// A file as one server reads it, as rules of policies see it.
final class ReadingScope: LintScope {
  let file: String
  let kind: RuleConditions.FileKind
  let facts: Facts
  let reading: ServerReading
  let files: [RuleFile]
  private let types: CatalogueTypes
  private let server: Int
  private var knownEntries: [String: [LintEntry]] = [:]
  private var knownItems: [String: [LintEntry]] = [:]
  private var linesByName: [String: [ConfSetting.Origin]] = [:]

  init(
    _ reading: ServerReading, files: [RuleFile], kind: ConfFileKind, facts: Facts,
    types: CatalogueTypes
  ) {
    self.reading = reading
    self.files = files
    self.kind = RuleConditions.FileKind(rawValue: kind.rawValue) ?? .conf
    self.facts = facts
    self.types = types
    file = files.first?.name ?? ""
    server = DirectiveCatalogue.shared.server(for: reading.target)
    for origin in reading.order where origin.document != reading.aclDocument || kind == .acl {
      let line = reading.documents[origin.document].lines[origin.line]
      let written = line.name
      let name = types.known(written)?.directive.name ?? written
      linesByName[name, default: []].append(origin)
    }
    if let index = reading.aclDocument, kind != .acl {
      linesByName["user", default: []] += reading.documents[index].lines.indices.map {
        ConfSetting.Origin(document: index, line: $0)
      }
    }
  }

  var target: ServerVersion { reading.target }

  var end: LintFileEnd {
    let bytes = files.first?.bytes ?? []
    let isBroken = bytes.last.map { $0 != 0x0A } ?? false
    let usesCRLF = bytes.firstIndex(of: 0x0A).map { $0 > 0 && bytes[$0 - 1] == 0x0D } ?? false
    return LintFileEnd(
      offset: Int64(bytes.count), isLineStart: !isBroken, lineBreak: usesCRLF ? "\r\n" : "\n")
  }

  func type(of directive: String) -> DirectiveType? { types.type(of: directive) }

  private func line(_ origin: ConfSetting.Origin) -> ConfLine {
    reading.documents[origin.document].lines[origin.line]
  }

  // MARK: Entries

  func entries(of directive: String) -> [LintEntry] {
    let name = types.known(directive)?.directive.name ?? directive
    if let known = knownEntries[name] { return known }
    let origins = name == "monitor" ? monitorOrigins : linesByName[name] ?? []
    let entries = origins.enumerated().compactMap { entry($1, name, index: $0) }
    knownEntries[name] = entries
    return entries
  }

  /// The last value of each option of each name that a Sentinel monitors.
  private lazy var monitorOptions: [String: [String: String]] = {
    var result: [String: [String: String]] = [:]
    for origin in linesByName["sentinel"] ?? [] {
      let arguments = line(origin).arguments
      guard arguments.count >= 3 else { continue }
      result[arguments[1], default: [:]][arguments[0].lowercased()] = arguments[2]
    }
    return result
  }()

  private var monitorOrigins: [ConfSetting.Origin] {
    (linesByName["sentinel"] ?? []).filter {
      line($0).arguments.first?.lowercased() == "monitor"
    }
  }

  private func entry(_ origin: ConfSetting.Origin, _ name: String, index: Int) -> LintEntry? {
    let line = line(origin)
    guard let first = line.tokens.first, let last = line.tokens.last else { return nil }
    let file = files[origin.document]
    let start = line.range.lowerBound
    let value = line.tokens.count > 1 ? line.tokens[1].range.lowerBound : first.range.upperBound
    let place = line.tokens.count > 1 ? value..<last.range.upperBound : first.range
    return LintEntry(
      record: record(line.arguments, line.number, name, index: index),
      location: file.place(
        line: line.number, columns: place.lowerBound - start + 1..<place.upperBound - start + 1),
      name: first.text, nameRange: Int64(first.range.lowerBound)..<Int64(first.range.upperBound),
      valueRange: Int64(value)..<Int64(max(value, last.range.upperBound)),
      lineRange: Int64(start)..<Int64(min(line.range.upperBound + 1, file.bytes.count)),
      isSensitive: !SecretText.ranges(in: file.bytes[line.range], of: file.kind).isEmpty)
  }

  // MARK: Items

  func items(of directive: String) -> [LintEntry] {
    let name = types.known(directive)?.directive.name ?? directive
    let entries = entries(of: name)
    guard let size = itemSize(name) else { return entries }
    if let known = knownItems[name] { return known }
    var items: [LintEntry] = []
    for (entry, origin) in zip(entries, linesByName[name] ?? []) {
      let line = line(origin)
      let count = line.tokens.count - 1
      guard count > 0, count.isMultiple(of: size), name == "bind" || count > size else {
        items.append(entry)
        continue
      }
      for first in stride(from: 1, to: count + 1, by: size) {
        items.append(item(entry, line, first..<first + size, name, index: items.count))
      }
    }
    knownItems[name] = items
    return items
  }

  /// How many words an item of a line has; nil if a line is one item.
  private func itemSize(_ name: String) -> Int? {
    let takesSeveral = target.product == .valkey || target.major >= 7
    switch name {
    case "bind": return 1
    case "save": return takesSeveral ? 2 : nil
    case "client-output-buffer-limit": return takesSeveral ? 4 : nil
    default: return nil
    }
  }

  /// The words `tokens` of a line as an entry; what is removed or replaced are these alone.
  private func item(
    _ entry: LintEntry, _ line: ConfLine, _ tokens: Range<Int>, _ name: String, index: Int
  ) -> LintEntry {
    let before = line.tokens[tokens.lowerBound - 1].range.upperBound
    let start = line.tokens[tokens.lowerBound].range.lowerBound
    let end = line.tokens[tokens.upperBound - 1].range.upperBound
    let isWhole = line.tokens.count - 1 == tokens.count
    let arguments = line.tokens[tokens].map(\.text)
    var location = entry.location
    location.column = start - line.range.lowerBound + 1
    location.endColumn = end - line.range.lowerBound + 1
    return LintEntry(
      record: record(arguments, line.number, name, index: index), location: location,
      name: entry.name, nameRange: entry.nameRange, valueRange: Int64(start)..<Int64(end),
      lineRange: isWhole ? entry.lineRange : Int64(before)..<Int64(end),
      isSensitive: entry.isSensitive)
  }

  func computedFix(of rule: String, entry: LintEntry?) -> Fix? {
    ComputedFixes.fix(rule, ComputedFixInput(scope: self, entry: entry))
  }

  private func record(
    _ arguments: [String], _ line: Int, _ name: String, index: Int
  ) -> ExpressionRecord {
    var fields: [String: ExpressionValue] = [
      "name": .text(name), "text": .text(arguments.joined(separator: " ")),
      "argc": .number(arguments.count), "args": .list(arguments.map { .text($0) }),
      "line": .number(line), "index": .number(index),
    ]
    var number = index
    switch name {
    case "user":
      number = arguments.first.flatMap { reading.userIndex($0) } ?? -1
      if reading.users.indices.contains(number) {
        fields.merge(RecordFields.user(reading.users[number])) { _, new in new }
      }
    case "save": fields.merge(RecordFields.save(arguments)) { _, new in new }
    case "client-output-buffer-limit":
      fields.merge(RecordFields.buffer(arguments)) { _, new in new }
    case "rename-command":
      fields["from"] = arguments.first.map { .text($0) }
      fields["to"] = arguments.dropFirst().first.map { .text($0) }
    case "bind": fields.merge(RecordFields.bind(arguments)) { _, new in new }
    case "loadmodule", "include": fields["path"] = arguments.first.map { .text($0) }
    case "monitor":
      let options = arguments.count > 1 ? monitorOptions[arguments[1]] ?? [:] : [:]
      fields.merge(RecordFields.monitor(arguments, options)) { _, new in new }
    default: break
    }
    return ExpressionRecord(kind: RecordKind(forEach: name), index: number, fields: fields)
  }

  // MARK: Directives

  func answer(_ query: DirectiveQuery, _ name: String) -> ExpressionValue {
    guard let found = types.known(name) else { return .unknown([.directive(name)]) }
    let own = found.directive.name
    let entries = { self.entries(of: own) }
    switch query {
    case .set: return .bool(!entries().isEmpty)
    case .count: return .number(entries().count)
    case .text: return entries().last?.record.field("text") ?? .text("")
    case .words: return entries().last?.record.field("args") ?? .list([])
    case .line: return entries().last?.record.field("line") ?? .unknown([.part("line")])
    case .known:
      return .bool(found.directive.variant(server: server) != nil)
    case .deprecated:
      let variant = found.directive.variant(server: server)
      return .bool(
        variant.map { $0.kind == .ignored || $0.flags.contains("ignored") } ?? false)
    case .introduced:
      let product = target.product.rawValue + ":"
      let since = found.spelling.since.first { $0.hasPrefix(product) }
      return since.map { .text($0.dropFirst(product.count)) } ?? .unknown([.directive(name)])
    case .directive, .defaultValue:
      guard let variant = found.directive.variant(server: server) else {
        return .unknown([.directive(name)])
      }
      if query == .directive, let values = reading.settings[own]?.values {
        return value(own, values, variant, found.type)
      }
      return defaultValue(own, variant, found.type)
    }
  }

  private func value(
    _ name: String, _ values: [[String]], _ variant: DirectiveVariant, _ type: DirectiveType
  ) -> ExpressionValue {
    if name == "save" { return .list(savePoints(values)) }
    guard let last = values.last else { return .text("") }
    if type.type == .list(.string) { return .list(last.map { .text($0) }) }
    if case .string = type.type {
      let text = last.joined(separator: " ")
      return .text(variant.kind == .enumeration ? text.lowercased() : text)
    }
    return DirectiveText.value(last.first ?? "", type)
  }

  private func defaultValue(
    _ name: String, _ variant: DirectiveVariant, _ type: DirectiveType
  ) -> ExpressionValue {
    let text = variant.defaultText ?? ""
    if name == "save" { return .list(savePoints([[text]], isDefault: true)) }
    if type.type == .list(.string) {
      return .list(text.split(separator: " ").map { .text($0) })
    }
    if case .string = type.type { return .text(text) }
    return variant.defaultText == nil
      ? .unknown([.directive(name)]) : DirectiveText.value(text, type)
  }

  /// Pairs of seconds and changes, as this server takes them.
  private func savePoints(_ values: [[String]], isDefault: Bool = false) -> [ExpressionValue] {
    let takesPairs = isDefault || target.product == .valkey || target.major >= 7
    var points: [ExpressionValue] = []
    for arguments in values where takesPairs || arguments.count == 2 {
      let numbers = arguments.flatMap { $0.split(separator: " ") }.compactMap { Int($0) }
      for index in stride(from: 0, to: numbers.count - 1, by: 2) {
        points.append(
          .list([
            .quantity(ExactNumber(Int128(numbers[index]) * 1_000_000), .duration),
            .number(numbers[index + 1]),
          ]))
      }
    }
    return points
  }

  // MARK: The reading

  func answer(_ query: ReadingQuery) -> ExpressionValue {
    switch query {
    case .saves: return answer(.directive, "save")
    case .binds:
      guard case .list(let addresses) = answer(.directive, "bind") else { return .list([]) }
      // Without bind servers up to 6.2 listen everywhere.
      if addresses.isEmpty || addresses == [.text("")] { return .list([.text("*")]) }
      return .list(
        addresses.map { address in
          guard case .text(let bytes) = address, bytes.first == UInt8(ascii: "-") else {
            return address
          }
          return .text(Array(bytes.dropFirst()))
        })
    case .users:
      return .list(
        reading.users.enumerated().map { index, user in
          .record(
            ExpressionRecord(kind: .user, index: index, fields: RecordFields.user(user)))
        })
    case .renames: return records("rename-command")
    case .modules: return records("loadmodule")
    case .monitors: return records("monitor")
    }
  }

  private func records(_ name: String) -> ExpressionValue {
    .list(entries(of: name).map { .record($0.record) })
  }

  func buffers(_ name: String) -> ExpressionValue {
    let wanted = name.lowercased() == "slave" ? "replica" : name.lowercased()
    var fields = RecordFields.defaultBuffer(wanted)
    for arguments in reading.settings["client-output-buffer-limit"]?.values ?? [] {
      var rest = arguments[...]
      while rest.count >= 4 {
        let group = Array(rest.prefix(4))
        let own = group[0].lowercased() == "slave" ? "replica" : group[0].lowercased()
        if own == wanted { fields = RecordFields.buffer(group) }
        rest = rest.dropFirst(4)
      }
    }
    return .record(ExpressionRecord(kind: .buffer, index: 0, fields: fields))
  }

  func user(
    _ function: ValueFunction, _ user: ExpressionValue, command: String
  ) -> ExpressionValue {
    let index: Int?
    switch user {
    case .record(let record): index = record.index
    case .text(let name):
      let text = String(decoding: name, as: UTF8.self)
      index = reading.userIndex(text)
    default: return user.causes.map { .unknown($0) } ?? .unknown([.type])
    }
    guard let index, reading.users.indices.contains(index) else {
      // A user that nobody defined may do nothing.
      return function == .keys || function == .channels ? .list([]) : .no
    }
    let found = reading.users[index]
    switch function {
    case .allows: return .bool(found.allows(command))
    case .keys: return .list(found.keys.map { .text($0) })
    case .channels: return .list(found.channels.map { .text($0) })
    default: return .bool(found.isOn && found.needsNoPassword)
    }
  }
}
