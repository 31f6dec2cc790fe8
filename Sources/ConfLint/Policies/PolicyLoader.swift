import Findings
import RedisModel
import YAMLTree

/// Reads policies with all that they extend.
public struct PolicyLoader {
  /// What to read and what to change.
  public struct Request: Sendable {
    /// Paths, or names of policies of the program: `builtin:cache`.
    public var policies: [String]
    /// The profile to choose.
    public var profile: String?
    /// Parameters to set, as text.
    public var parameters: [(name: String, value: String)] = []
    /// Whether rationales, sources and tests are needed; reading them takes longer.
    public var withDocumentation = true

    /// A request.
    public init(
      policies: [String], profile: String? = nil, parameters: [(name: String, value: String)] = [],
      withDocumentation: Bool = true
    ) {
      self.policies = policies
      self.profile = profile
      self.parameters = parameters
      self.withDocumentation = withDocumentation
    }
  }

  /// A file that could not be read: why.
  public struct ReadError: Error, Sendable, CustomStringConvertible {
    /// The reason, such as `No such file or directory`.
    public let description: String

    /// An error.
    public init(_ description: String) {
      self.description = description
    }
  }

  /// The prefix of policies of the program.
  static let builtinPrefix = "builtin:"
  /// Files that extend one another.
  private static let depthMax = 20

  private let directives: any DirectiveTypes
  private let checks: Set<String>?
  private let read: (String) throws(ReadError) -> [UInt8]
  private let builtinNames: [String]
  private let builtin: (String) -> [UInt8]?
  private let prepared: (String) -> YAMLNode?

  /// A loader.
  ///
  /// - Parameters:
  ///   - checks: ids of the rules written in Swift; nil if `check: code` need not name one.
  ///   - read: the bytes of a file.
  ///   - builtinNames: the policies of the program.
  ///   - builtin: the bytes of one of them.
  ///   - prepared: one of them without documentation, read already; nil to read the bytes.
  init(
    directives: any DirectiveTypes, checks: Set<String>?,
    read: @escaping (String) throws(ReadError) -> [UInt8],
    builtinNames: [String], builtin: @escaping (String) -> [UInt8]?,
    prepared: @escaping (String) -> YAMLNode? = { _ in nil }
  ) {
    self.directives = directives
    self.checks = checks
    self.read = read
    self.builtinNames = builtinNames
    self.builtin = builtin
    self.prepared = prepared
  }

  /// Reads and composes the policies of a request, left to right: what comes later wins.
  public func load(_ request: Request) -> LoadedPolicy {
    let diagnostics = PolicyDiagnostics()
    var composition = PolicyComposition(diagnostics)
    var loading = Loading()
    for name in request.policies {
      add(name, extendedBy: nil, to: &composition, &loading, diagnostics)
    }
    composition.choose(request, in: request.policies.last ?? "")
    // The program's own policies, unchanged, are known to be in order.
    let isOwn =
      request.parameters.isEmpty
      && loading.files.allSatisfy { $0.hasPrefix(PolicyLoader.builtinPrefix) }
    var policy = composition.policy(
      directives: directives, checks: checks, withDocumentation: request.withDocumentation,
      isDeferring: isOwn && !request.withDocumentation)
    policy.files = loading.files
    return LoadedPolicy(
      policy: diagnostics.hasErrors ? nil : policy, problems: diagnostics.findings)
  }

  /// What has been read, and what is being read.
  private struct Loading {
    var files: [String] = []
    var stack: [String] = []
  }

  private func add(
    _ name: String, extendedBy extender: SourceNode?, to composition: inout PolicyComposition,
    _ loading: inout Loading, _ diagnostics: PolicyDiagnostics
  ) {
    let path = PolicyLoader.path(name, extendedBy: extender?.file)
    func refuse(_ message: String) {
      if let extender {
        extender.report(.inheritance, message)
      } else {
        diagnostics.report(
          .inheritance, message, in: path, at: YAMLPosition(line: 1, column: 1, offset: 0))
      }
    }
    if let start = loading.stack.firstIndex(of: path) {
      let circle = loading.stack[start...] + [path]
      refuse("policies extend one another in a circle: " + circle.joined(separator: " → "))
      return
    }
    // A policy that two others extend counts once, at its first place.
    if loading.files.contains(path) { return }
    guard loading.stack.count < PolicyLoader.depthMax else {
      refuse("more than \(PolicyLoader.depthMax) policies extend one another")
      return
    }
    let root: YAMLNode
    if let node = prepared(path) {
      root = node
    } else {
      guard let bytes = bytes(path, refuse) else { return }
      do {
        root = try YAMLDocument.parse(bytes)
      } catch {
        diagnostics.report(error, in: path)
        return
      }
    }
    let file = PolicyFile(SourceNode(node: root, file: path, diagnostics: diagnostics))
    loading.stack.append(path)
    for node in file.extends {
      guard let name = node.text("extends") else { continue }
      add(name, extendedBy: node, to: &composition, &loading, diagnostics)
    }
    loading.stack.removeLast()
    loading.files.append(path)
    composition.add(file)
  }

  private func bytes(_ path: String, _ refuse: (String) -> Void) -> [UInt8]? {
    if path.hasPrefix(PolicyLoader.builtinPrefix) {
      let name = String(path.dropFirst(PolicyLoader.builtinPrefix.count))
      if let bytes = builtin(name) { return bytes }
      refuse("there is no policy \(path)" + NearestWord.advice(name, in: builtinNames))
      return nil
    }
    do {
      return try read(path)
    } catch {
      refuse("the policy \(path) cannot be read: \(error)")
      return nil
    }
  }

  /// The path of a policy, relative to the file that extends it.
  static func path(_ name: String, extendedBy file: String?) -> String {
    if name.hasPrefix(builtinPrefix) || name.hasPrefix("/") { return normalised(name) }
    guard let file, !file.hasPrefix(builtinPrefix), let slash = file.lastIndex(of: "/") else {
      return normalised(name)
    }
    return normalised(file[...slash] + name)
  }

  /// Without `./` and `x/../`, so that a file has one name.
  private static func normalised(_ path: String) -> String {
    if path.hasPrefix(builtinPrefix) { return path }
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
