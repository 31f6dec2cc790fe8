import ByteKit
import RDB

/// What a set is repaired to, and what that costs.
public struct AOFRepairPlan {
  /// What the repaired set is put together from; what is left out is in it too, as files in a
  /// folder `lost`, which servers do not read.
  public internal(set) var assembly: AOFAssembly
  /// What of the manifest was repaired.
  public internal(set) var manifestRepairs: [AOFPlanNote]
  /// The stretches that are left out, in the order of the files.
  public internal(set) var removals: [AOFRemoval] = []
  /// The commands that are put in.
  public internal(set) var insertions: [AOFInsertion] = []
  /// Whether files of before the last rewrite stand in for the base.
  public internal(set) var usesHistory = false
  /// What people should know.
  public internal(set) var notes: [AOFPlanNote] = []
  /// What may keep servers from loading the repaired set, and cannot be repaired.
  public internal(set) var unrepaired: [AOFPlanNote] = []

  /// Whether the set was sound.
  public var isUnchanged: Bool {
    removals.isEmpty && insertions.isEmpty && manifestRepairs.isEmpty && !usesHistory
  }

  /// The bytes that are left out.
  public var lostByteCount: Int { removals.reduce(0) { $0 + $1.range.count } }

  /// The folder of what is left out.
  public static let lostFolder = "lost"
  /// The list of the commands that are left out, in that folder.
  public static let lostList = lostFolder + "/commands.ndjson"
}

/// How a set is repaired.
public struct AOFRepairOptions {
  /// How to go over snapshots.
  public var scan = RDBScanOptions()
  /// Called before the commands of a file are gone over; what it gives sees their bytes.
  public var willRead: (_ part: AOFSet.Part, _ byteCount: Int) -> (any ByteTap)? = { _, _ in nil }
  /// Leave out commands that no server knows.
  public var dropsUnknown = false
  /// Keep what can be read behind damage, and later files: the data are not those of one moment.
  public var skipsDamage = false
  /// Close a transaction that a server has written on behind, in place of leaving it out.
  public var closesAbandoned = false

  /// Nothing special.
  public init() {}
}
