extension ServerVersion {
  /// What `init(target:)` reads, for messages.
  static let targetForm = "redis:MAJOR.MINOR[.PATCH][-rcN] or valkey:…, such as redis:7.2"

  /// Reads a target: `redis:7.2`, `valkey:9.1.2`, `redis:7.4-rc1`; a bare `7.2` is Redis. Without a
  /// patch it is the newest one known.
  ///
  /// - Throws: for any other form, and for a release line that is not known.
  public init(target text: String) throws(TextInputError) {
    var rest = Substring(text)
    var product = Product.redis
    if let colon = rest.firstIndex(of: ":") {
      guard let named = Product(rawValue: rest[..<colon].lowercased()) else {
        throw TextInputError(found: text, expected: ServerVersion.targetForm)
      }
      product = named
      rest = rest[rest.index(after: colon)...]
    }
    guard let numbers = Numbers(rest), numbers.suffix.isEmpty else {
      throw TextInputError(found: text, expected: ServerVersion.targetForm)
    }
    let lines = ServerRelease.all.filter { $0.product == product }
    let line = lines.first { ($0.major, $0.minor) == (numbers.major, numbers.minor) }
    guard let line else {
      let known = lines.map { "\($0.major).\($0.minor)" }.joined(separator: ", ")
      throw TextInputError(
        found: text, expected: "one of \(known)",
        reason: "\(product.name) \(numbers.major).\(numbers.minor) is not known")
    }
    let patch = numbers.patch ?? (numbers.candidate == nil ? line.newestPatch : 0)
    self.init(product, line.major, line.minor, patch, candidate: numbers.candidate)
  }

  /// Reads the AUX field of a snapshot that names its writer.
  ///
  /// Servers under development carry the numbers of the line before (`6.9.240` is a candidate of
  /// 7.0) or `255.255.255`, which counts as the newest version known.
  ///
  /// - Parameters:
  ///   - name: the field's name; `redis-ver` and `valkey-ver` in any case name a server.
  ///   - value: its text.
  public init?(auxName name: some StringProtocol, value: some StringProtocol) {
    let product: Product
    switch name.lowercased() {
    case "redis-ver": product = .redis
    case "valkey-ver": product = .valkey
    default: return nil
    }
    guard let numbers = Numbers(Substring(value)) else { return nil }
    if numbers.major >= 255, let newest = ServerRelease.all.last(where: { $0.product == product }) {
      self = newest.newest
    } else if let next = ServerVersion.line(after: product, numbers.major, numbers.minor) {
      self.init(
        product, next.major, next.minor, 0,
        candidate: ServerVersion.candidateNumber(ofPatch: numbers.patch ?? 0))
    } else {
      self.init(
        product, numbers.major, numbers.minor, numbers.patch ?? 0, candidate: numbers.candidate)
    }
  }

  /// The line whose candidates carry the numbers `major`.`minor`; `nil` if these are a release's.
  ///
  /// Redis numbers its candidates by the odd minor before, or 9 before a new major. KeyDB's 6.3 is
  /// no such number.
  private static func line(
    after product: Product, _ major: Int, _ minor: Int
  ) -> (major: Int, minor: Int)? {
    guard product == .redis else { return minor == 9 ? (major + 1, 0) : nil }
    switch (major, minor) {
    case (2, 3), (2, 5), (2, 7), (3, 1), (6, 1), (7, 1), (7, 3): return (major, minor + 1)
    case (8, 1), (8, 3), (8, 5), (8, 7), (8, 9): return (major, minor + 1)
    case (2...7, 9): return (major + 1, 0)
    default: return nil
    }
  }

  /// The number of a candidate: patches count from 101 up to Redis 6.0, from 240 later.
  private static func candidateNumber(ofPatch patch: Int) -> Int {
    switch patch {
    case 101...199: patch - 100
    case 240...254: patch - 239
    default: 1
    }
  }

  /// The text of the field that names a writer: `7.2.15`; a candidate carries the numbers of the
  /// line before.
  public var writerNumbers: String {
    guard let candidate else { return "\(major).\(minor).\(patch)" }
    let patch = (major, minor) <= (6, 0) ? candidate + 100 : candidate + 239
    return minor == 0 ? "\(major - 1).9.\(patch)" : "\(major).\(minor - 1).\(patch)"
  }

  /// `MAJOR.MINOR[.PATCH][-rcN]` and what follows it.
  private struct Numbers {
    var major = 0
    var minor = 0
    var patch: Int?
    var candidate: Int?
    /// A vendor's addition: `-v5` in `6.2.7-v5`.
    var suffix: Substring

    init?(_ text: Substring) {
      let end = text.firstIndex(of: "-") ?? text.endIndex
      suffix = text[end...]
      let parts = text[..<end].split(separator: ".", omittingEmptySubsequences: false)
      let values = parts.compactMap { Numbers.number($0) }
      guard values.count == parts.count, (2...3).contains(values.count) else { return nil }
      (major, minor) = (values[0], values[1])
      patch = values.count == 3 ? values[2] : nil
      if suffix.hasPrefix("-rc"), let number = Numbers.number(suffix.dropFirst(3)), number > 0 {
        candidate = number
        suffix = ""
      }
    }

    /// A number of at most three digits, so that none overflows.
    private static func number(_ text: Substring) -> Int? {
      guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) })
      else { return nil }
      return Int(text)
    }
  }
}
