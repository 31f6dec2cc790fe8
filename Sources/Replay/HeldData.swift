import Engine
import RedisModel

/// What a server holds after loading.
public struct HeldData: Equatable, Sendable {
  /// The keys of one database.
  public struct Database: Equatable, Sendable {
    /// Its number.
    public var number: Int
    /// Keys.
    public var keyCount: Int
    /// Those of them that expire.
    public var expiryCount: Int
  }

  /// DEBUG DIGEST.
  public var digest: Digest160
  /// The databases that hold keys, by number.
  public var databases: [Database]
  /// The memory of the data in the embedded engine, bytes.
  public var byteCount: Int

  /// No data at all.
  public static let none = HeldData(digest: .zero, databases: [], byteCount: 0)

  /// Keys of all databases.
  public var keyCount: Int { databases.reduce(0) { $0 + $1.keyCount } }
}

extension DatasetLoader {
  /// What is loaded so far.
  public var heldData: HeldData {
    let databases = keyCounts
    return withKeyspace { space in
      HeldData(digest: space.digest, databases: databases, byteCount: space.byteCount)
    }
  }

  /// The databases that hold keys so far, by number.
  public var keyCounts: [HeldData.Database] {
    withKeyspace { space in
      var databases: [HeldData.Database] = []
      for number in 0..<space.databaseCount where space.keyCount(number) > 0 {
        databases.append(
          HeldData.Database(
            number: number, keyCount: space.keyCount(number),
            expiryCount: space.expiryCount(number)))
      }
      return databases
    }
  }
}

extension LoadReport {
  /// What was not replayed and may have changed data, with its number, sorted by name.
  public var gaps: [(what: String, count: Int)] {
    notReplayed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
  /// What of this is missing from the data; the rest is held without being known.
  public var losses: [(what: String, count: Int)] {
    gaps.compactMap { gap in
      let missing = gap.count - kept[gap.what, default: 0]
      return missing > 0 ? (gap.what, missing) : nil
    }
  }
}
