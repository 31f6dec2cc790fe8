import RedisCodecs

/// Commands of places. A search looks at every member.
enum GeoCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("GEOADD", geoadd), .init("GEORADIUS", georadius),
    .init("GEORADIUSBYMEMBER", georadiusbymember), .init("GEOSEARCHSTORE", geosearchstore),
  ]

  private static func point(
    _ arguments: Arguments, _ index: Int
  ) throws(CommandError) -> GeoHash.Point {
    let point = GeoHash.Point(
      longitude: try arguments.double(index), latitude: try arguments.double(index + 1))
    guard point.longitude.magnitude <= GeoHash.longitudeMax,
      point.latitude.magnitude <= GeoHash.latitudeMax
    else {
      let (longitude, latitude) = (fixed(point.longitude), fixed(point.latitude))
      throw .text("ERR invalid longitude,latitude pair \(longitude),\(latitude)")
    }
    return point
  }

  /// The text that `%f` gives.
  private static func fixed(_ value: Double) -> String {
    let scaled = (value.magnitude * 1e6).rounded(.toNearestOrEven)
    guard scaled < 0x1p63 else { return "\(value)" }
    let (whole, part) = UInt64(scaled).quotientAndRemainder(dividingBy: 1_000_000)
    let digits = String(part)
    let fraction = String(repeating: "0", count: 6 - digits.count) + digits
    return "\(value < 0 ? "-" : "")\(whole).\(fraction)"
  }

  private static func geoadd(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    var first = 2
    while arguments.isWord(first, "NX") || arguments.isWord(first, "XX")
      || arguments.isWord(first, "CH")
    {
      first += 1
    }
    if first > 2, space.dialect.age < .since62 || (arguments.count - first) % 3 != 0 {
      throw space.dialect.age < .since62 ? oldSyntax : .syntax
    }
    guard (arguments.count - first) % 3 == 0, arguments.count > first else {
      throw space.dialect.age < .since62 ? oldSyntax : .syntax
    }
    // The command is ZADD with other scores.
    var texts = ["zadd", ""].map { Array($0.utf8) }
    texts[1] = Array(arguments[1])
    for index in 2..<first { texts.append(Array(arguments[index])) }
    for index in stride(from: first, to: arguments.count, by: 3) {
      let bits = GeoHash.encode(try point(arguments, index))
      texts.append(Array(String(bits).utf8))
      texts.append(Array(arguments[index + 2]))
    }
    try run(&space, texts)
  }

  private static var oldSyntax: CommandError {
    .message("ERR syntax error. Try GEOADD key [x1] [y1] [name1] [x2] [y2] [name2] ... ")
  }

  private static func run(
    _ space: inout Keyspace, _ texts: [[UInt8]]
  ) throws(CommandError) {
    let bytes = Array(texts.joined()) + [0]
    var failure: CommandError?
    bytes.withUnsafeBytes { bytes in
      var start = 0
      let parts = texts.map { text in
        defer { start += text.count }
        return Bytes(rebasing: bytes[start..<(start + text.count)])
      }
      parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return }
        do throws(CommandError) {
          try ZsetCommands.zadd(&space, Arguments(start: start, count: parts.count))
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
  }

  /// The metres of a unit.
  static func metres(_ word: Bytes) throws(CommandError) -> Double {
    if word.isWord("M") { return 1 }
    if word.isWord("KM") { return 1000 }
    if word.isWord("FT") { return 0.3048 }
    if word.isWord("MI") { return 1609.34 }
    throw .message("ERR unsupported unit provided. please use M, KM, FT, MI")
  }

  /// What a search says.
  struct Search {
    /// Where the middle is; `nil` where the key of the member that says it is not there.
    var centre: GeoHash.Point?
    /// The radius of a circle, metres.
    var radius: Double?
    /// The sides of a rectangle, metres.
    var box: (width: Double, height: Double)?
    /// The metres of the unit that distances are told in.
    var unit = 1.0
    /// How many places are wanted; `nil` for all.
    var count: Int?
    /// Whether any places will do, not only the nearest.
    var isAny = false
    /// Whether the farthest come first.
    var isDescending = false
    /// Whether places come by their distance.
    var isSorted = false
    /// Whether the distance is stored as score.
    var storesDistance = false
    /// Where to store; `nil` for an answer.
    var target: Bytes?
    /// What is told of each place.
    var tellsDistance = false
    /// What is told of each place.
    var tellsScore = false
    /// What is told of each place.
    var tellsPoint = false
  }

  /// A member that a search found.
  struct Found {
    /// The member.
    var member: [UInt8]
    /// Its score.
    var score: Double
    /// How far it is from the middle, metres.
    var distance: Double
  }

  private static func number(_ text: Bytes, _ what: String) throws(CommandError) -> Double {
    guard let value = DoubleText.parse(text), !value.isNaN else {
      throw .text("ERR need numeric \(what)")
    }
    return value
  }

  private static func radius(_ text: Bytes) throws(CommandError) -> Double {
    let radius = try number(text, "radius")
    if radius < 0 { throw .message("ERR radius cannot be negative") }
    return radius
  }

  private static func box(
    _ width: Bytes, _ height: Bytes
  ) throws(CommandError) -> (width: Double, height: Double) {
    let (width, height) = (try number(width, "width"), try number(height, "height"))
    if width < 0 || height < 0 { throw .message("ERR height or width cannot be negative") }
    return (width, height)
  }

  /// The place of a member; `nil` in a key that is not there.
  private static func place(
    _ space: borrowing Keyspace, _ handle: KeyHandle?, _ member: Bytes
  ) throws(CommandError) -> GeoHash.Point? {
    guard let handle else { return nil }
    guard let score = ZsetValue(handle.value).score(member, space.heap) else {
      throw .message("ERR could not decode requested zset member")
    }
    return GeoHash.decode(score: score)
  }

  /// GEORADIUS, and GEORADIUS_RO.
  static func georadius(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let handle = try space.find(arguments[1], .zset)
    var search = Search()
    search.centre = try point(arguments, 2)
    search.unit = try metres(arguments[5])
    search.radius = try radius(arguments[4]) * search.unit
    try readOptions(arguments, from: 6, &search, space, handle, isSearch: false)
    try store(&space, handle, search)
  }

  /// GEORADIUSBYMEMBER, and GEORADIUSBYMEMBER_RO.
  static func georadiusbymember(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let handle = try space.find(arguments[1], .zset)
    var search = Search()
    // Of a key that is not there servers do not read the circle.
    if handle != nil {
      search.centre = try place(space, handle, arguments[2])
      search.unit = try metres(arguments[4])
      search.radius = try radius(arguments[3]) * search.unit
    }
    try readOptions(arguments, from: 5, &search, space, handle, isSearch: false)
    try store(&space, handle, search)
  }

  private static func geosearchstore(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try search(&space, arguments, target: arguments[1])
  }

  /// GEOSEARCH, and GEOSEARCHSTORE, whose arguments have the target in front.
  static func search(
    _ space: inout Keyspace, _ arguments: Arguments, target: Bytes?
  ) throws(CommandError) {
    let key = target == nil ? 1 : 2
    let handle = try space.find(arguments[key], .zset)
    var search = Search()
    search.target = target
    try readOptions(arguments, from: key + 1, &search, space, handle, isSearch: true)
    guard search.radius != nil || search.box != nil, handle == nil || search.centre != nil else {
      throw .syntax
    }
    try store(&space, handle, search)
  }

  private static func readOptions(
    _ arguments: Arguments, from start: Int, _ search: inout Search,
    _ space: borrowing Keyspace, _ handle: KeyHandle?, isSearch: Bool
  ) throws(CommandError) {
    var index = start
    while index < arguments.count {
      let left = arguments.count - index - 1
      if arguments.isWord(index, "ASC") || arguments.isWord(index, "DESC") {
        search.isSorted = true
        search.isDescending = arguments.isWord(index, "DESC")
      } else if arguments.isWord(index, "ANY") {
        search.isAny = true
      } else if left >= 1, arguments.isWord(index, "COUNT") {
        let count = try arguments.integer(index + 1)
        if count <= 0 { throw .message("ERR COUNT must be > 0") }
        search.count = Int(count)
        index += 1
      } else if arguments.isWord(index, "WITHDIST") {
        search.tellsDistance = true
      } else if arguments.isWord(index, "WITHHASH") {
        search.tellsScore = true
      } else if arguments.isWord(index, "WITHCOORD") {
        search.tellsPoint = true
      } else if !isSearch, left >= 1, !isReadOnly(arguments),
        arguments.isWord(index, "STORE") || arguments.isWord(index, "STOREDIST")
      {
        search.storesDistance = arguments.isWord(index, "STOREDIST")
        search.target = arguments[index + 1]
        index += 1
      } else if isSearch {
        index = try readSearchOption(arguments, index, &search, space, handle)
      } else {
        throw .syntax
      }
      index += 1
    }
    let tells = search.tellsDistance || search.tellsScore || search.tellsPoint
    if tells, search.target != nil {
      let name = isSearch ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS"
      throw .text(
        "ERR \(name) is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
    }
    if search.isAny, search.count == nil {
      throw .message("ERR the ANY argument requires COUNT argument")
    }
  }

  private static func isReadOnly(_ arguments: Arguments) -> Bool {
    arguments[0].count > 3
      && arguments[0].part((arguments[0].count - 3)..<arguments[0].count).isWord("_RO")
  }

  /// Reads an option that only GEOSEARCHSTORE has; returns the index of its last argument.
  private static func readSearchOption(
    _ arguments: Arguments, _ index: Int, _ search: inout Search, _ space: borrowing Keyspace,
    _ handle: KeyHandle?
  ) throws(CommandError) -> Int {
    let left = arguments.count - index - 1
    if search.target != nil, arguments.isWord(index, "STOREDIST") {
      search.storesDistance = true
      return index
    }
    if left >= 1, arguments.isWord(index, "FROMMEMBER") {
      search.centre = try place(space, handle, arguments[index + 1])
      return index + 1
    }
    if left >= 2, arguments.isWord(index, "FROMLONLAT") {
      search.centre = try point(arguments, index + 1)
      return index + 2
    }
    if left >= 2, arguments.isWord(index, "BYRADIUS") {
      search.unit = try metres(arguments[index + 2])
      search.radius = try radius(arguments[index + 1]) * search.unit
      return index + 2
    }
    guard left >= 3, arguments.isWord(index, "BYBOX") else { throw .syntax }
    // Servers read the lengths before their unit.
    let box = try box(arguments[index + 1], arguments[index + 2])
    search.unit = try metres(arguments[index + 3])
    search.box = (box.width * search.unit, box.height * search.unit)
    return index + 3
  }

  private static func store(
    _ space: inout Keyspace, _ handle: KeyHandle?, _ search: Search
  ) throws(CommandError) {
    if search.isAny { throw .unsupported("COUNT with ANY of places") }
    var found = matches(space, handle, search)
    if search.count != nil || search.isSorted {
      found.sort { search.isDescending ? $0.distance > $1.distance : $0.distance < $1.distance }
    }
    if let count = search.count { found = Array(found.prefix(count)) }
    guard let target = search.target else {
      return GeoReadCommands.answer(&space, found, search)
    }
    var result = ZsetValue(space.heap)
    for place in found {
      let score = search.storesDistance ? place.distance / search.unit : place.score
      place.member.withUnsafeBytes {
        result.set($0, score, rules: space.zsetRules, space.heap)
      }
    }
    space.delete(target)
    ZsetCommands.keep(space, result, nil, target)
    space.reply.integer(found.count)
  }

  private static func matches(
    _ space: borrowing Keyspace, _ handle: KeyHandle?, _ search: Search
  ) -> [Found] {
    guard let handle, let centre = search.centre else { return [] }
    let knowsMeridians = space.dialect.age >= .since70
    var found: [Found] = []
    ZsetValue(handle.value).forEach { member, score in
      let point = GeoHash.decode(score: score)
      var distance: Double?
      if let box = search.box {
        distance = GeoHash.distance(
          centre, point, width: box.width, height: box.height, knowsMeridians: knowsMeridians)
      } else if let radius = search.radius {
        let length = GeoHash.distance(centre, point, knowsMeridians: knowsMeridians)
        distance = length <= radius ? length : nil
      }
      if let distance {
        found.append(Found(member: member.bytes, score: score, distance: distance))
      }
      return true
    }
    return found
  }
}
