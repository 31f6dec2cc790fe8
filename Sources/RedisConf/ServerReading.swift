import RedisModel

/// Files that a reading needs; a protocol, so that nothing here touches a disk.
public protocol ConfFiles {
  /// The bytes of the file; nil when it cannot be read.
  func read(_ path: String) -> [UInt8]?
  /// The files that match a pattern, sorted.
  func matches(_ pattern: String) -> [String]
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
    documents = [document]
    let verdict = ConfVerdict(target, catalogue)
    var base = ""
    read(0, path: [document.name], verdict, catalogue, files, &base)
    readUsers(verdict.server, files, base)
  }

  /// Reads an ACL file on its own, as `target` does.
  public init(acl document: ConfDocument, target: ServerVersion) {
    self.target = target
    isSentinel = false
    documents = [document]
    aclDocument = 0
    order = document.lines.indices.map { ConfSetting.Origin(document: 0, line: $0) }
    let server = DirectiveCatalogue.shared.server(for: target)
    users = [.initialDefault(server: server)]
    readACL(0, server)
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
    let path = name.hasPrefix("/") || base.isEmpty ? name : "\(base)/\(name)"
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
      if let trouble = ConfUser.lineTrouble(words, target) {
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
      if let offset = line.unbalancedAt, !acceptsGlued(line, offset) {
        refuse(.quotes, "unbalanced quotes", origin, offset..<line.range.upperBound)
        continue
      }
      guard !line.tokens.isEmpty else { continue }
      if isSentinel, line.name == "sentinel" { continue }
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
          base = folder.hasPrefix("/") || base.isEmpty ? folder : "\(base)/\(folder)"
        }
        apply(line, origin, catalogue)
      }
    }
  }

  /// Valkey 9.1 alone takes text behind a closing quote.
  private func acceptsGlued(_ line: ConfLine, _ offset: Int) -> Bool {
    guard target.isAtLeast(.valkey, 9, 1) else { return false }
    guard let document = documents.first(where: { $0.lines.contains(line) }) else { return false }
    let byte = document.bytes[offset]
    return byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "'")
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
    var paths = [full]
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
      documents.append(ConfDocument(name: included, bytes: bytes))
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
