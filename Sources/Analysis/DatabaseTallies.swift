/// A tally for each database.
///
/// A damaged file can name very many: those beyond `countMax` share the tally of `overflow`.
public struct DatabaseTallies: Sendable {
  /// Databases that have a tally of their own.
  public static let countMax = 1 << 16

  /// The tallies, in the order in which the databases turned up.
  private var tallies: [(database: Int, tally: KeyTally)] = []
  private var places: [Int: Int] = [:]
  private var current = (database: -1, place: -1)
  /// What the databases beyond `countMax` hold together.
  public private(set) var overflow = KeyTally()

  /// No database.
  public init() {}

  /// The databases, by number.
  public var sorted: [(database: Int, tally: KeyTally)] {
    tallies.sorted { $0.database < $1.database }
  }

  /// Adds to the tally of `database`.
  @inline(__always)
  mutating func add(_ tally: KeyTally, to database: Int) {
    if current.database != database { select(database) }
    if current.place >= 0 { tallies[current.place].tally.add(tally) } else { overflow.add(tally) }
  }

  @inline(never)
  private mutating func select(_ database: Int) {
    current.database = database
    if let place = places[database] {
      current.place = place
    } else if tallies.count < Self.countMax {
      current.place = tallies.count
      places[database] = tallies.count
      tallies.append((database, KeyTally()))
    } else {
      current.place = -1
    }
  }

  /// Adds what was counted elsewhere.
  mutating func add(_ other: DatabaseTallies) {
    for (database, tally) in other.tallies { add(tally, to: database) }
    overflow.add(other.overflow)
  }
}
