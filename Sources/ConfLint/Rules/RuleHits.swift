import Findings

/// What rules have found in one file.
struct RuleHits {
  /// One thing that a rule has found.
  struct Hit {
    var location: Location
    var message: String
    var directive: String?
    var identity: String?
    var fix: Fix?
    var notes: [Finding.Note]
    var severity: Severity?
  }

  /// Hits of one rule in one file; a file of a million bad lines is told once and for all.
  static let countMax = 1000

  /// In the order in which they were found.
  private(set) var hits: [Hit] = []
  /// How many more there are.
  private(set) var omittedCount = 0

  /// Adds one thing that was found.
  ///
  /// - Parameters:
  ///   - identity: what stays the same while lines move; no secrets.
  ///   - severity: another severity than the rule's own.
  mutating func add(
    _ location: Location, _ message: String, directive: String? = nil, identity: String? = nil,
    fix: Fix? = nil, notes: [Finding.Note] = [], severity: Severity? = nil
  ) {
    guard hits.count < Self.countMax else { return omit(1) }
    hits.append(
      Hit(
        location: location, message: message, directive: directive, identity: identity, fix: fix,
        notes: notes, severity: severity))
  }
}

extension RuleHits {
  /// Adds what another search has found.
  mutating func append(_ other: RuleHits) {
    hits += other.hits
    omittedCount += other.omittedCount
  }

  /// Counts what is not listed.
  mutating func omit(_ count: Int) { omittedCount += count }

  /// Adds one thing.
  mutating func append(_ hit: Hit) { hits.append(hit) }
}
