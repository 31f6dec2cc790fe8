import RedisModel

/// A setting in effect.
public struct ConfSetting: Sendable, Hashable {
  /// The newest name of the directive.
  public var name: String
  /// The arguments of the lines in effect, in order; one for most directives.
  public var values: [[String]]
  /// The documents and lines that they come from: an index into `documents`, an index into its
  /// `lines`.
  public var origins: [Origin]

  /// A line of a document.
  public struct Origin: Sendable, Hashable {
    /// An index into the documents of the reading.
    public var document: Int
    /// An index into the lines of the document.
    public var line: Int

    /// An origin.
    public init(document: Int, line: Int) {
      self.document = document
      self.line = line
    }
  }
}

/// How one server reads a configuration with all that it includes.
public struct ServerReading: Sendable {
  /// The server.
  public let target: ServerVersion
  /// The files in the order in which they are first read; the file itself is the first.
  public internal(set) var documents: [ConfDocument]
  /// All lines in the order in which the server reads them.
  public private(set) var order: [ConfSetting.Origin] = []
  /// All that the server refuses, in the order of reading; it stops at the first.
  public private(set) var refusals: [ConfRefusal] = []
  /// The settings in effect, by newest name, as far as lines are accepted.
  public private(set) var settings: [String: ConfSetting] = [:]
  /// Patterns of includes that match nothing, with the line.
  public private(set) var emptyIncludes: [ConfSetting.Origin] = []

  /// The users, the default user first.
  public internal(set) var users: [ConfUser] = []
  var userIndexes: [String: Int] = [:]
  /// The document that is an ACL file, as an index into `documents`; nil for none.
  public internal(set) var aclDocument: Int?

  /// What a Sentinel monitors.
  public internal(set) var monitors: [SentinelMonitor] = []
  /// The options of a Sentinel itself, `resolve-hostnames` and such, by name.
  public internal(set) var sentinelOptions: [String: String] = [:]

  /// Whether the server is a Sentinel.
  public let isSentinel: Bool
  let server: Int
  private let splitting: ConfSplitting
  private let catalogue: DirectiveCatalogue
  /// Files within one another. Servers have no limit but their stack: 7.0 starts with 400.
  private static let depthMax = 512
  /// Refusals that are told of one reading, and the first that ends it if that comes later.
  private static let refusalCountMax = 10_000
  /// How many more there are, by kind.
  public private(set) var omittedRefusals: [ConfRefusal.Kind: Int] = [:]
  private var stopsReading = false
  private var isCut = false
  private static let lineCountMax = 1_000_000
  /// What all files of a reading may hold together, so that includes do not multiply without end.
  private static let byteCountMax = 256 << 20
  private var byteCount = 0

  /// What stops the server; nil when it starts.
  public var refusal: ConfRefusal? {
    refusals.first { !$0.isAtStart } ?? refusals.first
  }

  /// Reads `document` as `target` does.
  ///
  /// - Parameter isSentinel: whether the server is a Sentinel.
  public init(
    _ document: ConfDocument, target: ServerVersion, isSentinel: Bool = false,
    files: any ConfFiles, catalogue: DirectiveCatalogue = .shared
  ) {
    self.target = target
    self.isSentinel = isSentinel
    self.catalogue = catalogue
    splitting = ConfSplitting(target)
    documents = [document]
    if !splitting.isEmpty, Self.differs(document, splitting) {
      documents = [
        ConfDocument(name: document.name, bytes: document.bytes, splitting: splitting)
      ]
    }
    let verdict = ConfVerdict(target, catalogue, isSentinel: isSentinel)
    server = verdict.server
    byteCount = document.bytes.count
    var place = Place(path: [document.name], base: "")
    read(0, &place, verdict, files)
    if isSentinel {
      readSentinel(files)
    } else {
      checkCluster()
    }
    readUsers(files, place.base)
    if !isSentinel { checkStart(files, place.base) }
  }

  /// Reads an ACL file on its own, as `target` does.
  public init(acl document: ConfDocument, target: ServerVersion) {
    self.target = target
    isSentinel = false
    catalogue = .shared
    splitting = []
    documents = [document]
    aclDocument = 0
    order = document.lines.indices.map { ConfSetting.Origin(document: 0, line: $0) }
    let acl = ACLServer(target)
    server = acl.index
    startUsers(acl)
    readACL(0, acl)
  }

  /// Whether the words of a document may be others under `splitting`.
  private static func differs(_ document: ConfDocument, _ splitting: ConfSplitting) -> Bool {
    document.lines.contains { $0.unbalancedAt != nil }
      || (splitting.contains(.dropsFF) && document.bytes.contains(0xFF))
  }

  // MARK: Lines

  /// Where a reading is.
  private struct Place {
    /// The files that are open, outermost first.
    var path: [String]
    /// The working directory as `dir` changed it; empty for that of the start.
    var base: String
  }

  private mutating func read(
    _ index: Int, _ place: inout Place, _ verdict: ConfVerdict, _ files: any ConfFiles
  ) {
    for number in documents[index].lines.indices {
      guard order.count < Self.lineCountMax else { return refuseRest(index) }
      let line = documents[index].lines[number]
      let origin = ConfSetting.Origin(document: index, line: number)
      order.append(origin)
      if let offset = line.unbalancedAt {
        refuse(
          ConfVerdict.Trouble(
            kind: .quotes, reason: "unbalanced quotes", message: ServerMessage.quotes), origin,
          range: offset..<max(offset, line.range.upperBound))
        continue
      }
      guard !line.tokens.isEmpty else { continue }
      if isSentinel, line.name == "sentinel" { continue }
      let arguments = line.tokens.dropFirst().map(\.value)
      if let trouble = verdict.trouble(line.name, Array(arguments)) ?? renameTrouble(line) {
        refuse(trouble, origin)
        // Another build of the server would take it.
        if trouble.kind == .build { apply(line, origin, catalogue) }
        continue
      }
      switch line.name {
      case "include": include(origin, &place, verdict, files)
      case "dir":
        change(line, origin, &place, files)
        apply(line, origin, catalogue)
      default: apply(line, origin, catalogue)
      }
    }
  }

  /// A command that was renamed already has no old name any more.
  private func renameTrouble(_ line: ConfLine) -> ConfVerdict.Trouble? {
    guard line.name == "rename-command", line.tokens.count == 3,
      let earlier = settings["rename-command"]?.values
    else { return nil }
    let names = line.arguments.map { $0.lowercased() }
    var isGone = false
    var isTaken = false
    for rename in earlier.map({ $0.map { $0.lowercased() } }) where rename.count == 2 {
      if rename[0] == names[0] { isGone = true }
      if rename[1] == names[0] { isGone = false }
      if rename[1] == names[1], !names[1].isEmpty { isTaken = true }
      if rename[0] == names[1] { isTaken = false }
    }
    if isGone {
      return ConfVerdict.Trouble(
        kind: .other, reason: "'\(names[0])' is renamed already", argument: 0,
        message: "No such command in rename-command")
    }
    guard isTaken else { return nil }
    return ConfVerdict.Trouble(
      kind: .other, reason: "there is a command '\(names[1])' already", argument: 1,
      message: "Target command name already exists")
  }

  private mutating func change(
    _ line: ConfLine, _ origin: ConfSetting.Origin, _ place: inout Place, _ files: any ConfFiles
  ) {
    guard let folder = line.arguments.first else { return }
    let path = ConfPath.join(place.base, folder)
    if files.presence(path) == false {
      refuse(
        ConfVerdict.Trouble(
          kind: .missingHere, reason: "there is no folder '\(folder)' on this machine",
          argument: 0,
          message: (server >= 7 ? "" : "Can't chdir to '\(folder)': ")
            + "No such file or directory"), origin)
    }
    place.base = path
  }

  mutating func refuse(
    _ trouble: ConfVerdict.Trouble, _ origin: ConfSetting.Origin, range: Range<Int>? = nil,
    isAtStart: Bool = false
  ) {
    let document = documents[origin.document]
    let line = document.lines[origin.line]
    let word = trouble.argument.map { $0 + 1 }
    let token = word.flatMap { line.tokens.indices.contains($0) ? line.tokens[$0].range : nil }
    let isAtStart = isAtStart || trouble.isAtEnd
    guard refusals.count < Self.refusalCountMax || (!isAtStart && !stopsReading) else {
      omittedRefusals[trouble.kind, default: 0] += 1
      return
    }
    stopsReading = stopsReading || !isAtStart
    refusals.append(
      ConfRefusal(
        kind: trouble.kind, file: document.name, line: line.number,
        directive: line.tokens.isEmpty ? nil : line.name, range: range ?? token,
        reason: trouble.reason, message: trouble.message,
        isAtStart: isAtStart))
  }

  /// Says once that the lines behind the last possible one are not read.
  private mutating func refuseRest(_ index: Int) {
    guard !isCut else { return }
    isCut = true
    refusals.append(
      ConfRefusal(
        kind: .other, file: documents[index].name, line: nil, directive: nil, range: nil,
        reason: "more than \(Self.lineCountMax) lines: the rest is not read"))
  }

  /// A refusal of the configuration as a whole.
  mutating func refuse(
    _ kind: ConfRefusal.Kind, _ reason: String, _ message: String, directive: String? = nil
  ) {
    refusals.append(
      ConfRefusal(
        kind: kind, file: documents[0].name, line: nil, directive: directive, range: nil,
        reason: reason, message: message, isAtStart: true))
  }

  private mutating func include(
    _ origin: ConfSetting.Origin, _ place: inout Place, _ verdict: ConfVerdict,
    _ files: any ConfFiles
  ) {
    let line = documents[origin.document].lines[origin.line]
    guard let name = line.arguments.first else { return }
    let full = ConfPath.join(place.base, name)
    let isPattern = name.utf8.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }
    var paths = [files.resolve(full)]
    if isPattern, verdict.isSeven {
      paths = files.matches(full)
      if paths.isEmpty { emptyIncludes.append(origin) }
    }
    for included in paths {
      let isCycle = place.path.contains(included)
      if isCycle || place.path.count > Self.depthMax {
        refuse(
          ConfVerdict.Trouble(
            kind: .includeCycle,
            reason: isCycle
              ? "the file includes itself: the server dies with a segmentation fault"
              : "more than \(Self.depthMax) files include one another: the rest is not read",
            argument: 0, message: ""), origin)
        continue
      }
      guard let bytes = files.read(included), byteCount + bytes.count <= Self.byteCountMax else {
        refuse(
          ConfVerdict.Trouble(
            kind: .includeMissing, reason: "cannot read '\(included)'", argument: 0,
            message: "Fatal error, can't open config file '\(name)'"
              + (server < 5 ? "" : ": No such file or directory")), origin)
        continue
      }
      byteCount += bytes.count
      documents.append(ConfDocument(name: included, bytes: bytes, splitting: splitting))
      place.path.append(included)
      read(documents.count - 1, &place, verdict, files)
      place.path.removeLast()
    }
  }

  private mutating func apply(
    _ line: ConfLine, _ origin: ConfSetting.Origin, _ catalogue: DirectiveCatalogue
  ) {
    guard let directive = catalogue.find(line.name)?.directive else { return }
    let values = line.arguments
    let name = directive.name
    // In place: a file may have a million lines of one directive.
    Self.add(
      values, origin, accumulates: directive.accumulates,
      to: &settings[name, default: ConfSetting(name: name, values: [], origins: [])])
  }

  private static func add(
    _ values: [String], _ origin: ConfSetting.Origin, accumulates: Bool,
    to setting: inout ConfSetting
  ) {
    if setting.name == "save", values == [""] { setting.values = [] }
    if setting.name == "client-output-buffer-limit", let kind = values.first?.lowercased() {
      let same = setting.values.firstIndex {
        $0.count == values.count && className($0[0].lowercased()) == className(kind)
      }
      // A line of several classes stays for those that are not written again.
      if let same, values.count == 4 {
        setting.values.remove(at: same)
        setting.origins.remove(at: same)
      }
    } else if !accumulates {
      setting.values = []
      setting.origins = []
    }
    setting.values.append(values)
    setting.origins.append(origin)
  }

  private static func className(_ text: String) -> String { text == "slave" ? "replica" : text }
}
