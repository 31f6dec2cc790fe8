/// Which part of a set is kept when it is rewound to a point, and what the new set looks like.
public struct AOFRewindPlan {
  /// How much is kept.
  public enum Extent: String, Sendable {
    /// Nothing lies behind the point.
    case whole
    /// What lies in front of the point.
    case part
    /// Nothing that was appended: the base alone, or a snapshot in front, or nothing at all.
    case base
  }

  /// What people should know of a plan.
  public struct Note: Sendable {
    /// Whether it may not be what they want.
    public var isWarning: Bool
    /// The path that it is about.
    public var path: String
    /// Where in it, bytes.
    public var offset: Int?
    /// One sentence.
    public var message: String
  }

  /// A file of the set that is not kept, or not whole.
  public struct Left {
    /// The file.
    public var part: AOFSet.Part
    /// The bytes of it that are not kept; `nil` where its size is not known.
    public var range: Range<Int>?
  }

  /// What the new set is put together from.
  public internal(set) var assembly: AOFAssembly
  /// How much is kept.
  public internal(set) var extent: Extent
  /// The file in which the point lies; the last one that is kept.
  public internal(set) var file: AOFSet.Part
  /// The offset of the point there.
  public internal(set) var offset: Int
  /// The commands behind the base that are kept.
  public internal(set) var commandCount: Int
  /// The command that the point was asked for by.
  public internal(set) var command: AOFCommandExcerpt?
  /// The `#TS:` of the first line that is later than the moment asked for, Unix seconds.
  public internal(set) var laterTimestamp: Int64?
  /// Whether files of before the last rewrite are used.
  public internal(set) var usesHistory: Bool
  /// The stretches of loaded files that are not kept.
  public internal(set) var left: [Left]
  /// What people should know.
  public internal(set) var notes: [Note] = []
}

/// Why a set cannot be rewound.
public struct AOFRewindError: Error {
  /// The causes that callers tell apart.
  public enum Kind: Sendable {
    /// The point does not exist, or cannot be found.
    case noPoint
    /// What was asked for names no file, or more than one.
    case usage
    /// Damage lies in front of the point.
    case damage
    /// The system refused to give the bytes.
    case unreadable
  }

  /// The cause.
  public let kind: Kind
  /// The path that it is about.
  public let path: String
  /// Where in it, bytes.
  public let offset: Int?
  /// What was found and what to do.
  public let message: String

  /// An error.
  public init(_ kind: Kind, _ path: String, at offset: Int? = nil, _ message: String) {
    self.kind = kind
    self.path = path
    self.offset = offset
    self.message = message
  }
}

/// How the pass over one file ended.
public struct AOFPartScan {
  /// What is counted on in the next file.
  public var progress: AOFReader.Progress
  /// Where the commands begin: 0, or behind the snapshot.
  public var frontEnd = 0
  /// When the snapshot in front was begun, Unix seconds.
  public var creationTime: Int64?
  /// Behind the last record that stands outside an open transaction.
  public var soundOffset = 0
  /// Where reading ended.
  public var endOffset = 0
  /// What stopped it, an open transaction at the end included.
  public var error: AOFError?

  /// Nothing was read yet.
  public init(progress: AOFReader.Progress) { self.progress = progress }
}

/// Goes over a file record by record until `body` says false.
///
/// - Throws: where the file cannot be opened.
public typealias AOFPartScanner = (
  _ part: AOFSet.Part, _ progress: AOFReader.Progress, _ body: (AOFRecord) -> Bool
) throws(AOFRewindError) -> AOFPartScan
