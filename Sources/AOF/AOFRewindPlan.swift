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
  public internal(set) var notes: [AOFPlanNote] = []
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
) throws(AOFPlanError) -> AOFPartScan
