import RedisModel

/// Files that a reading needs; a protocol, so that nothing here touches a disk.
public protocol ConfFiles {
  /// The bytes of the file; nil when it cannot be read.
  func read(_ path: String) -> [UInt8]?
  /// The files that match a pattern, sorted.
  func matches(_ pattern: String) -> [String]
  /// The name under which a path is read and reported.
  func resolve(_ path: String) -> String
  /// Whether a file or folder is there; nil when that cannot be told on this machine.
  func presence(_ path: String) -> Bool?
}

extension ConfFiles {
  /// The path itself.
  public func resolve(_ path: String) -> String { path }
  /// Nothing is told.
  public func presence(_ path: String) -> Bool? { nil }
}

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
  public private(set) var documents: [ConfDocument]
  /// All lines in the order in which the server reads them.
  public private(set) var order: [ConfSetting.Origin] = []
  /// All that the server refuses, in the order of reading; it stops at the first.
  public private(set) var refusals: [ConfRefusal] = []
  /// The settings in effect, by newest name, as far as lines are accepted.
  public private(set) var settings: [String: ConfSetting] = [:]
  /// Patterns of includes that match nothing, with the line.
  public private(set) var emptyIncludes: [ConfSetting.Origin] = []

  /// The users, the default user first.
  public private(set) var users: [ConfUser] = []
  /// The document that is an ACL file, as an index into `documents`; nil for none.
  public private(set) var aclDocument: Int?

  private let isSentinel: Bool
  private let joinsQuotes: Bool
  private static let depthMax = 64
  private static let lineCountMax = 1_000_000

  /// Reads `document` as `target` does.
  ///
  /// - Parameter isSentinel: whether the server is a Sentinel.
  public init(
    _ document: ConfDocument, target: ServerVersion, isSentinel: Bool = false,
    files: any ConfFiles, catalogue: DirectiveCatalogue = .shared
  ) {
    self.target = target
    self.isSentinel = isSentinel
    joinsQuotes = target.isAtLeast(.valkey, 9, 1)
    documents = [document]
    if joinsQuotes, document.lines.contains(where: { $0.unbalancedAt != nil }) {
      documents = [ConfDocument(name: document.name, bytes: document.bytes, joinsQuotes: true)]
    }
    let verdict = ConfVerdict(target, catalogue)
    var base = ""
    read(0, path: [document.name], verdict, catalogue, files, &base)
    readUsers(verdict.server, files, base)
    start(files)
  }

  /// Reads an ACL file on its own, as `target` does.
  public init(acl document: ConfDocument, target: ServerVersion) {
    self.target = target
    isSentinel = false
    joinsQuotes = false
    documents = [document]
    aclDocument = 0
    order = document.lines.indices.map { ConfSetting.Origin(document: 0, line: $0) }
    let server = DirectiveCatalogue.shared.server(for: target)
    users = [.initialDefault(server: server)]
    readACL(0, server)
  }

  // MARK: Start

  /// What stops a server behind the last line.
  private mutating func start(_ files: any ConfFiles) {
    guard !isSentinel else { return }
    let name = documents[0].name
    if let origin = settings["aclfile"]?.origins.last, settings["user"] != nil,
      settings["aclfile"]?.values.last?.first?.isEmpty == false
    {
      refuse(
        .twoSources, "users stand both in the configuration and in an ACL file", origin, nil)
    }
    if let port = settings["tls-port"]?.values.last?.first, port != "0" { checkTLS(files, name) }
  }

  private mutating func checkTLS(_ files: any ConfFiles, _ name: String) {
    func value(_ name: String) -> String { settings[name]?.values.last?.first ?? "" }
    for needed in ["tls-cert-file", "tls-key-file"] {
      let path = value(needed)
      if path.isEmpty {
        refusals.append(
          ConfRefusal(
            kind: .incompleteTLS, file: name, line: nil, directive: needed, range: nil,
            reason: "tls-port is set without \(needed)"))
      } else if files.presence(path) == false {
        refusals.append(
          ConfRefusal(
            kind: .missingHere, file: name, line: nil, directive: needed, range: nil,
            reason: "there is no file '\(path)' on this machine"))
      }
    }
  }

  // MARK: Sentinel

  private var resolvesHostnames: Bool {
    documents[0].lines.contains {
      $0.arguments.count == 2 && $0.name == "sentinel"
        && $0.arguments[0].lowercased() == "resolve-hostnames"
        && $0.arguments[1].lowercased() == "yes"
    }
  }

  private mutating func readSentinel(
    _ line: ConfLine, _ origin: ConfSetting.Origin, _ files: any ConfFiles
  ) {
    let arguments = line.arguments
    guard let verb = arguments.first?.lowercased() else { return }
    let isSixTwo = target.product == .valkey || target.isAtLeast(.redis, 6, 2)
    switch verb {
    case "monitor":
      guard arguments.count == 5 else {
        return refuse(.argumentCount, "a name, host, port and quorum are expected", origin, nil)
      }
      if (Int(arguments[4].prefix { $0.isNumber }) ?? 0) < 1 {
        refuse(.sentinel, "the quorum must be 1 or greater", origin, line.tokens[5].range)
      } else if (Int(arguments[3]) ?? 0) > 65535 {
        refuse(.sentinel, "'\(arguments[3])' is no port", origin, line.tokens[4].range)
      } else if isSixTwo, !resolvesHostnames, !Self.isAddress(arguments[2]) {
        refuse(
          .sentinel, "'\(arguments[2])' is a host name, and names are not resolved", origin,
          line.tokens[3].range)
      }
    case "notification-script", "client-reconfig-script":
      if arguments.count == 3, files.presence(arguments[2]) == false {
        refuse(
          .missingHere, "there is no script '\(arguments[2])' on this machine", origin,
          line.tokens[3].range)
      }
    default:
      break
    }
    if !isSixTwo { checkOrder(verb, arguments, origin) }
  }

  private static func isAddress(_ text: String) -> Bool {
    text.contains(":")
      || text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ".") }
  }

  /// Before 6.2 a line about a primary must follow its monitor line.
  private mutating func checkOrder(
    _ verb: String, _ arguments: [String], _ origin: ConfSetting.Origin
  ) {
    let own: Set<String> = [
      "down-after-milliseconds", "failover-timeout", "parallel-syncs", "notification-script",
      "client-reconfig-script", "auth-pass", "auth-user", "rename-command",
    ]
    guard own.contains(verb), arguments.count > 1 else { return }
    let isMonitored = order.dropLast().contains { earlier in
      let line = documents[earlier.document].lines[earlier.line].arguments
      return line.count > 1 && line[0].lowercased() == "monitor" && line[1] == arguments[1]
    }
    if !isMonitored {
      refuse(.sentinel, "there is no primary '\(arguments[1])' yet", origin, nil)
    }
  }

  // MARK: Users

  private mutating func readUsers(_ server: Int, _ files: any ConfFiles, _ base: String) {
    users = [.initialDefault(server: server)]
    if let password = settings["requirepass"]?.values.last?.first, !password.isEmpty {
      users[0].setPassword()
    }
    let lines = settings["user"]?.origins ?? []
    for origin in lines {
      define(documents[origin.document].lines[origin.line].tokens.map(\.text), origin, server)
    }
    guard let name = settings["aclfile"]?.values.last?.first, !name.isEmpty, lines.isEmpty else {
      return
    }
    let path = files.resolve(
      name.hasPrefix("/") || base.isEmpty ? name : "\(base)/\(name)")
    guard let bytes = files.read(path) else { return }
    documents.append(ConfDocument(aclName: path, bytes: bytes))
    aclDocument = documents.count - 1
    users = [.initialDefault(server: server)]
    readACL(documents.count - 1, server)
  }

  private mutating func readACL(_ index: Int, _ server: Int) {
    for number in documents[index].lines.indices {
      let words = documents[index].lines[number].tokens.map(\.text)
      let origin = ConfSetting.Origin(document: index, line: number)
      if let trouble = ConfUser.lineTrouble(words, target)
        ?? ConfUser.nameTrouble(Array(words.dropFirst(2)), target)
      {
        refuse(.user, trouble.reason, origin, nil)
        continue
      }
      let isAgain = users.contains { $0.name == words[1] && $0.origin != nil }
      if isAgain, target.product == .valkey || target.major >= 7 {
        refuse(.user, "the user '\(words[1])' is defined twice", origin, nil)
        continue
      }
      define(words, origin, server)
    }
  }

  private mutating func define(_ words: [String], _ origin: ConfSetting.Origin, _ server: Int) {
    guard words.count >= 2 else { return }
    let hasChannels: Bool
    if let text = settings["acl-pubsub-default"]?.values.last?.first {
      hasChannels = text.lowercased() == "allchannels"
    } else {
      hasChannels = target.product == .redis && target.major < 7
    }
    if let index = users.firstIndex(where: { $0.name == words[1] }) {
      if words[1] == "default", users[index].origin == nil { users[index].apply(["reset"]) }
      users[index].apply(Array(words.dropFirst(2)))
      users[index].origin = origin
    } else {
      var user = ConfUser(name: words[1], server: server, hasAllChannels: hasChannels)
      user.apply(Array(words.dropFirst(2)))
      user.origin = origin
      users.append(user)
    }
  }

  private mutating func read(
    _ index: Int, path: [String], _ verdict: ConfVerdict, _ catalogue: DirectiveCatalogue,
    _ files: any ConfFiles, _ base: inout String
  ) {
    for number in documents[index].lines.indices {
      guard order.count < Self.lineCountMax else { return }
      let line = documents[index].lines[number]
      let origin = ConfSetting.Origin(document: index, line: number)
      order.append(origin)
      if let offset = line.unbalancedAt {
        refuse(.quotes, "unbalanced quotes", origin, offset..<line.range.upperBound)
        continue
      }
      guard !line.tokens.isEmpty else { continue }
      if isSentinel, line.name == "sentinel" {
        readSentinel(line, origin, files)
        continue
      }
      let arguments = line.tokens.dropFirst().map(\.value)
      if let trouble = verdict.trouble(line.name, Array(arguments)) {
        let token = trouble.argument.flatMap { number in
          line.tokens.indices.contains(number + 1) ? line.tokens[number + 1].range : nil
        }
        refuse(trouble.kind, trouble.reason, origin, token)
        continue
      }
      if line.name == "include" {
        include(origin, path, verdict, catalogue, files, &base)
      } else {
        if line.name == "dir", let folder = line.arguments.first {
          if folder.hasPrefix("/"), files.presence(folder) == false {
            refuse(
              .missingHere, "there is no folder '\(folder)' on this machine", origin,
              line.tokens.last?.range)
          }
          base = folder.hasPrefix("/") || base.isEmpty ? folder : "\(base)/\(folder)"
        }
        apply(line, origin, catalogue)
      }
    }
  }

  private mutating func refuse(
    _ kind: ConfRefusal.Kind, _ reason: String, _ origin: ConfSetting.Origin, _ range: Range<Int>?
  ) {
    let document = documents[origin.document]
    let line = document.lines[origin.line]
    refusals.append(
      ConfRefusal(
        kind: kind, file: document.name, line: line.number,
        directive: line.tokens.isEmpty ? nil : line.name, range: range, reason: reason))
  }

  private mutating func include(
    _ origin: ConfSetting.Origin, _ path: [String], _ verdict: ConfVerdict,
    _ catalogue: DirectiveCatalogue, _ files: any ConfFiles, _ base: inout String
  ) {
    let line = documents[origin.document].lines[origin.line]
    guard let name = line.arguments.first else { return }
    let full = name.hasPrefix("/") || base.isEmpty ? name : "\(base)/\(name)"
    let isPattern = name.contains("*") || name.contains("?") || name.contains("[")
    let globs = target.product == .valkey || target.major >= 7
    var paths = [files.resolve(full)]
    if isPattern, globs {
      paths = files.matches(full)
      if paths.isEmpty { emptyIncludes.append(origin) }
    }
    for included in paths {
      if path.contains(included) || path.count > Self.depthMax {
        refuse(
          .includeCycle, "the file includes itself: the server dies with a segmentation fault",
          origin, line.tokens.last?.range)
        continue
      }
      guard let bytes = files.read(included) else {
        refuse(
          .includeMissing, "cannot read '\(included)'", origin, line.tokens.last?.range)
        continue
      }
      documents.append(
        ConfDocument(name: included, bytes: bytes, joinsQuotes: joinsQuotes))
      read(documents.count - 1, path: path + [included], verdict, catalogue, files, &base)
    }
  }

  private mutating func apply(
    _ line: ConfLine, _ origin: ConfSetting.Origin, _ catalogue: DirectiveCatalogue
  ) {
    guard let directive = catalogue.find(line.name)?.directive else { return }
    let values = line.arguments
    let name = directive.name
    var setting = settings[name] ?? ConfSetting(name: name, values: [], origins: [])
    if name == "save", values == [""] { setting.values = [] }
    if name == "client-output-buffer-limit", let kind = values.first?.lowercased() {
      let same = setting.values.firstIndex {
        Self.className($0.first?.lowercased() ?? "") == Self.className(kind)
      }
      if let same {
        setting.values.remove(at: same)
        setting.origins.remove(at: same)
      }
    } else if !directive.accumulates {
      setting.values = []
      setting.origins = []
    }
    setting.values.append(values)
    setting.origins.append(origin)
    settings[name] = setting
  }

  private static func className(_ text: String) -> String { text == "slave" ? "replica" : text }
}
