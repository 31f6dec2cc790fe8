import RedisModel

/// What a server says to one line.
struct ConfVerdict {
  /// Why a value is refused.
  struct Trouble {
    var kind: ConfRefusal.Kind
    var reason: String
    /// The number of the argument it is about, from 0.
    var argument: Int?
    /// What the server prints.
    var message: String
    /// Whether the server reads on, and refuses at the end, without naming the line.
    var isAtEnd = false

    init(
      kind: ConfRefusal.Kind, reason: String, argument: Int? = nil,
      message: String = ServerMessage.badDirective
    ) {
      self.kind = kind
      self.reason = reason
      self.argument = argument
      self.message = message
    }
  }

  let catalogue: DirectiveCatalogue
  let target: ServerVersion
  let server: Int
  /// From 6.0 on a table with types and bounds decides; before that each line has code of its own.
  let isStrict: Bool
  /// Whether the server is a Sentinel, which has few commands to rename.
  let isSentinel: Bool

  init(_ target: ServerVersion, _ catalogue: DirectiveCatalogue, isSentinel: Bool = false) {
    self.isSentinel = isSentinel
    self.catalogue = catalogue
    self.target = target
    server = catalogue.server(for: target)
    isStrict = target.product == .valkey || target.major >= 6
  }

  /// Whether the server is at least of 7.0, or Valkey.
  var isSeven: Bool { target.product == .valkey || target.major >= 7 }

  /// Redis from 8.0 on keeps what it does not know for modules, and looks again at the end.
  private var keepsUnknown: Bool { target.isAtLeast(.redis, 8, 0) }

  /// Nil when the server takes the line.
  func trouble(_ name: String, _ arguments: [[UInt8]]) -> Trouble? {
    guard let (directive, spelling) = catalogue.find(name) else {
      let trouble = Trouble(kind: .unknownName, reason: "there is no directive '\(name)'")
      return kept(trouble, arguments.count)
    }
    guard let variant = variant(of: directive, spelling) else {
      return kept(absence(directive, name, spelling), arguments.count)
    }
    if let trouble = countTrouble(name, variant, arguments.count) {
      return trouble.message == ServerMessage.badDirective
        ? kept(trouble, arguments.count) : trouble
    }
    switch variant.kind {
    case .special: return specialTrouble(directive.name, arguments)
    case .ignored: return nil
    case .string: return textTrouble(directive.name, arguments)
    default: break
    }
    if variant.kind == .enumeration { return wordTrouble(directive, variant, arguments) }
    return arguments.first.flatMap { valueTrouble(directive, variant, name, $0) }
  }

  /// What the server makes of a directive under one of its names; nil when it does not know it.
  ///
  /// A name that a release note dates before the server that was asked counts from that release on.
  func variant(of directive: Directive, _ spelling: DirectiveSpelling) -> DirectiveVariant? {
    if spelling.servers & (1 << UInt32(server)) != 0 {
      guard !isBefore(spelling) else { return nil }
      let variant = directive.variant(server: server) ?? directive.variants.first
      return variant.flatMap { $0.flags.contains("not-in-this-build") ? nil : $0 }
    }
    let next = server + 1
    let own = catalogue.servers[server]
    guard (own.major, own.minor) != (target.major, target.minor),
      catalogue.servers.indices.contains(next),
      catalogue.servers[next].product == target.product,
      spelling.servers & (1 << UInt32(next)) != 0, let since = spelling.first(of: target.product),
      (since.major, since.minor) <= (target.major, target.minor)
    else { return nil }
    return directive.variant(server: next)
  }

  /// Whether the name is newer than a version that is older than the first server asked.
  private func isBefore(_ spelling: DirectiveSpelling) -> Bool {
    guard (target.major, target.minor) < (catalogue.servers[0].major, catalogue.servers[0].minor),
      target.product == .redis, let since = spelling.first(of: .redis)
    else { return false }
    return (since.major, since.minor) > (target.major, target.minor)
  }

  private func kept(_ trouble: Trouble, _ count: Int) -> Trouble {
    guard keepsUnknown, count > 0 else { return trouble }
    var trouble = trouble
    trouble.isAtEnd = true
    trouble.message = ServerMessage.unresolved
    return trouble
  }

  private func absence(
    _ directive: Directive, _ name: String, _ spelling: DirectiveSpelling
  ) -> Trouble {
    if directive.variants.contains(where: { $0.flags.contains("not-in-this-build") }) {
      return Trouble(kind: .build, reason: "'\(name)' is for servers built for tests only")
    }
    let product = target.product.rawValue
    if let gone = spelling.gone.first(where: { $0.hasPrefix("\(product):") }),
      isReached(gone.dropFirst(product.count + 1))
    {
      return Trouble(
        kind: .removed,
        reason: "'\(name)' is gone since \(gone.dropFirst(product.count + 1))")
    }
    if let since = spelling.since.first(where: { $0.hasPrefix("\(product):") }) {
      return Trouble(
        kind: .otherVersion,
        reason: "'\(name)' came with \(since.dropFirst(product.count + 1))")
    }
    let other = target.product == .redis ? "Valkey" : "Redis"
    return Trouble(kind: .otherVersion, reason: "'\(name)' exists in \(other) only")
  }

  private func isReached(_ text: Substring) -> Bool {
    guard let version = try? ServerVersion(target: "\(target.product.rawValue):\(text)") else {
      return true
    }
    return target >= version
  }

  private func countTrouble(
    _ name: String, _ variant: DirectiveVariant, _ count: Int
  ) -> Trouble? {
    let isMulti = variant.flags.contains("multi-arg")
    var low = variant.argumentCountMin ?? (isMulti || variant.kind == .special ? 0 : 1)
    var high = variant.argumentCountMax ?? (variant.argumentCountMin == nil && !isMulti ? 1 : .max)
    let hasOwnCode = variant.argumentCountMin != nil
    switch name {
    case "replicaof", "slaveof": (low, high) = isSeven ? (1, 2) : (2, 2)
    case "save", "sentinel": high = .max
    case "dir", "notify-keyspace-events": (low, high) = (1, 1)
    default: break
    }
    guard count < low || count > high else { return nil }
    let wanted =
      low == high ? "\(low)" : high == .max ? "\(low) or more" : "\(low) to \(high)"
    return Trouble(
      kind: .argumentCount,
      reason: "'\(name)' takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(count)",
      argument: count > high ? high : nil,
      message: hasOwnCode ? ServerMessage.badDirective : ServerMessage.argumentCount)
  }

  private func wordTrouble(
    _ directive: Directive, _ variant: DirectiveVariant, _ arguments: [[UInt8]]
  ) -> Trouble? {
    var values = arguments.map { String(decoding: $0, as: UTF8.self).lowercased() }
    let message = ServerMessage.words(variant, directive.name, isSeven: isSeven, server: server)
    if variant.combinesWords || variant.flags.contains("multi-arg") {
      if values.count == 1 {
        values = values[0].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      }
      if values.contains("save"), values.contains("nosave") {
        return Trouble(
          kind: .valueKind, reason: "save and nosave exclude each other",
          message: "shutdown options SAVE and NOSAVE can't be used simultaneously")
      }
      if values.isEmpty {
        return Trouble(
          kind: .valueKind, reason: "expected one of \(variant.words.joined(separator: ", "))",
          message: message)
      }
    }
    for (index, value) in values.enumerated()
    where !variant.words.contains(where: { $0.lowercased() == value }) {
      let isKnown = directive.variants.contains { $0.words.contains(value) }
      return Trouble(
        kind: isKnown ? .word : .valueKind,
        reason: "'\(value)' is none of \(variant.words.joined(separator: ", "))",
        argument: min(index, arguments.count - 1), message: message)
    }
    return nil
  }

  private func valueTrouble(
    _ directive: Directive, _ variant: DirectiveVariant, _ name: String, _ value: [UInt8]
  ) -> Trouble? {
    let text = String(decoding: value, as: UTF8.self)
    let expected: String
    switch variant.kind {
    case .boolean: return booleanTrouble(name, text)
    case .memory:
      expected =
        variant.takesPercent
        ? "no size and no percentage" : "no size: a whole number and b, k, kb, m, mb, g or gb"
    case .octal: expected = "no octal number"
    default: expected = "no whole number"
    }
    switch ConfValue.number(text, name, variant, self) {
    case .success: return nil
    case .failure(.unreadable(let message)):
      return Trouble(
        kind: .valueKind, reason: "'\(text)' is \(expected)", argument: 0, message: message)
    case .failure(.outside(let low, let high, let message)):
      return Trouble(
        kind: .bounds, reason: "\(text) lies outside \(low) to \(high)", argument: 0,
        message: message)
    }
  }

  private func booleanTrouble(_ name: String, _ text: String) -> Trouble? {
    // 5.0 took anything for no here.
    if name == "lua-replicate-commands", !isStrict { return nil }
    let isYes = text.lowercased() == "yes"
    guard isYes || text.lowercased() == "no" else {
      return Trouble(
        kind: .valueKind, reason: "'\(text)' is neither yes nor no", argument: 0,
        message: "argument must be 'yes' or 'no'")
    }
    guard name == "activedefrag", isYes, lacksDefragmentation else { return nil }
    return Trouble(
      kind: .build,
      reason: "activedefrag needs a build with the bundled allocator, which packages lack",
      argument: 0, message: ServerMessage.defragmentation(target, server: server))
  }

  /// Builds without the bundled allocator, as those of distributions are; 4.0 did not look.
  private var lacksDefragmentation: Bool { server > 3 }
}
