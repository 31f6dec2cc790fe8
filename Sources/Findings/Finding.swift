import ByteKit

/// One thing that a check found, with the place and the way out.
public struct Finding: Hashable, Sendable {
  /// The rule's id, `PER002`.
  public var id: String
  /// The rule's name for people, `aof-off-durable`.
  public var slug: String
  /// How much it matters, after all settings.
  public var severity: Severity
  /// Where.
  public var location: Location
  /// What was found and what was expected, one sentence without a full stop.
  public var message: String
  /// What to do about it, or where to read about it.
  public var help: String?
  /// Other places that belong to the finding.
  public var notes: [Note] = []
  /// The key that the finding is about.
  public var key: [UInt8]?
  /// The database of the key.
  public var database: Int?
  /// The setting that the finding is about.
  public var directive: String?
  /// The edits that would settle it.
  public var fix: Fix?
  /// What makes the finding the same one in the next run, apart from its rule and file: a setting
  /// with its value, say, and no line numbers. Nil means key, directive and message.
  public var identity: String?

  /// A finding; everything that is not in the list is set afterwards.
  public init(
    _ id: String, slug: String = "", _ severity: Severity, at location: Location, _ message: String,
    help: String? = nil, key: [UInt8]? = nil, database: Int? = nil
  ) {
    self.id = id
    self.slug = slug
    self.severity = severity
    self.location = location
    self.message = message
    self.help = help
    self.key = key
    self.database = database
  }

  /// A finding of `rule`, with the rule's own severity.
  public init(_ rule: RuleDescription, at location: Location, _ message: String) {
    self.init(rule.id, slug: rule.slug, rule.severity, at: location, message)
  }

  /// A second place, such as "first set here".
  public struct Note: Hashable, Sendable {
    /// Where; nil when the note is about the finding's own place.
    public var location: Location?
    /// What is to be seen there.
    public var message: String

    /// A note.
    public init(_ message: String, at location: Location? = nil) {
      self.location = location
      self.message = message
    }
  }

  /// `PER002 aof-off-durable`, as far as there is an id and a slug.
  public var title: String {
    [id, slug].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The message and the key it is about: `…, in key "user:42" of db 0`.
  public var sentence: String {
    var text = PrintableText.line(message)
    if let key { text += ", in key \(PrintableText.quoted(key))" }
    if let database { text += key == nil ? ", in db \(database)" : " of db \(database)" }
    return text
  }
}

/// Edits that settle a finding.
public struct Fix: Hashable, Sendable {
  /// What the edits do, one sentence.
  public var summary: String
  /// Whether they keep the meaning of the file, so that they may be applied unasked.
  public var isSafe: Bool
  /// The edits, which do not overlap.
  public var edits: [Edit]

  /// A fix.
  public init(_ summary: String, isSafe: Bool, edits: [Edit]) {
    self.summary = summary
    self.isSafe = isSafe
    self.edits = edits
  }

  /// Bytes of a file and what takes their place.
  public struct Edit: Hashable, Sendable {
    /// The path as the user named it.
    public var file: String
    /// Where the bytes begin.
    public var offset: Int64
    /// How many bytes go; 0 inserts.
    public var byteCount: Int64
    /// What comes in their place.
    public var replacement: String
    /// Whether the replacement holds a secret, so that no report may show it.
    public var isSecret: Bool

    /// An edit.
    public init(
      file: String, offset: Int64, byteCount: Int64, replacement: String, isSecret: Bool = false
    ) {
      self.file = file
      self.offset = offset
      self.byteCount = byteCount
      self.replacement = replacement
      self.isSecret = isSecret
    }

    /// The replacement as reports show it: a secret is `***`.
    public var shownReplacement: String { isSecret ? "***" : replacement }
  }
}
