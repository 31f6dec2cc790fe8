import RedisCodecs

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Commands that tell places. Where a search is not to be sorted, its answer is in the order of the
/// scores; servers go from cell to cell.
enum GeoReadCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("GEOPOS", geopos), .init("GEODIST", geodist), .init("GEOHASH", geohash),
    .init("GEOSEARCH") { space, arguments throws(CommandError) in
      try GeoCommands.search(&space, arguments, target: nil)
    },
    .init("GEORADIUS_RO", GeoCommands.georadius),
    .init("GEORADIUSBYMEMBER_RO", GeoCommands.georadiusbymember),
  ]

  /// Calls `body` with the place of each member named, `nil` where it is none.
  private static func forEachPoint(
    _ space: inout Keyspace, _ arguments: Arguments,
    _ body: (inout Keyspace, GeoHash.Point?) -> Void
  ) throws(CommandError) {
    let handle = try space.find(arguments[1], .zset)
    space.reply.array(arguments.count - 2)
    for index in 2..<max(2, arguments.count) {
      let score = handle.flatMap { ZsetValue($0.value).score(arguments[index], space.heap) }
      body(&space, score.map { GeoHash.decode(score: $0) })
    }
  }

  private static func geopos(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try forEachPoint(&space, arguments) { space, point in
      if let point { answer(&space, point) } else { space.reply.nullArray() }
    }
  }

  private static func geohash(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try forEachPoint(&space, arguments) { space, point in
      guard let point else { return space.reply.null() }
      GeoHash.text(point).withUnsafeBytes { space.reply.bulk($0) }
    }
  }

  /// GEODIST key member member [unit].
  private static func geodist(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard arguments.count <= 5 else { throw .syntax }
    let unit = arguments.count == 5 ? try GeoCommands.metres(arguments[4]) : 1
    guard let handle = try space.find(arguments[1], .zset) else { return space.reply.null() }
    let zset = ZsetValue(handle.value)
    guard let first = zset.score(arguments[2], space.heap),
      let second = zset.score(arguments[3], space.heap)
    else { return space.reply.null() }
    let metres = GeoHash.distance(
      GeoHash.decode(score: first), GeoHash.decode(score: second),
      knowsMeridians: space.dialect.age >= .since70)
    answer(&space, distance: metres / unit)
  }

  private static func answer(_ space: inout Keyspace, _ point: GeoHash.Point) {
    space.reply.array(2)
    for value in [point.longitude, point.latitude] {
      (LongDoubleText.text(LongDouble(value)) ?? []).withUnsafeBytes { space.reply.bulk($0) }
    }
  }

  /// Four digits behind the point.
  private static func answer(_ space: inout Keyspace, distance: Double) {
    var room = [CChar](repeating: 0, count: 400)
    let count = withVaList([distance]) { vsnprintf(&room, room.count, "%.4f", $0) }
    room.withUnsafeBytes { space.reply.bulk($0.part(0..<min(max(0, Int(count)), $0.count - 1))) }
  }

  /// Answers with what a search found.
  static func answer(
    _ space: inout Keyspace, _ found: [GeoCommands.Found], _ search: GeoCommands.Search
  ) {
    let facts = [search.tellsDistance, search.tellsScore, search.tellsPoint].count { $0 }
    space.reply.array(found.count)
    for place in found {
      if facts > 0 { space.reply.array(1 + facts) }
      place.member.withUnsafeBytes { space.reply.bulk($0) }
      if search.tellsDistance { answer(&space, distance: place.distance / search.unit) }
      if search.tellsScore { space.reply.integer(Int64(max(0, min(place.score, 0x1p62)))) }
      if search.tellsPoint { answer(&space, GeoHash.decode(score: place.score)) }
    }
  }
}
