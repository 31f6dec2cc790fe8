#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Places on the globe as scores of 52 bits, and distances between them, computed step by step as
/// servers do: distances become scores, whose last bit shows in the digest.
enum GeoHash {
  /// A place in degrees.
  struct Point {
    var longitude: Double
    var latitude: Double
  }

  /// The greatest longitude, degrees.
  static let longitudeMax = 180.0
  /// The greatest latitude, degrees.
  static let latitudeMax = 85.05112878
  private static let step: UInt64 = 26
  private static let earthRadius = 6372797.560856

  /// The score of a place within the limits.
  static func encode(_ point: Point) -> UInt64 {
    let scale = Double(1 << step)
    let latitude = (point.latitude + latitudeMax) / (2 * latitudeMax) * scale
    let longitude = (point.longitude + longitudeMax) / (2 * longitudeMax) * scale
    return spread(UInt32(latitude)) | spread(UInt32(longitude)) << 1
  }

  /// Eleven letters for a place, as the public geohash has them: its latitudes go to the poles.
  static func text(_ point: Point) -> [UInt8] {
    let letters = Array("0123456789bcdefghjkmnpqrstuvwxyz".utf8)
    let scale = Double(1 << step)
    let latitude = (point.latitude + 90) / 180 * scale
    let longitude = (point.longitude + 180) / 360 * scale
    let bits = spread(UInt32(latitude)) | spread(UInt32(longitude)) << 1
    // The last letter would need three bits more than there are: servers write a zero.
    return (0..<11).map { $0 == 10 ? letters[0] : letters[Int(bits >> UInt64(47 - 5 * $0) & 31)] }
  }

  /// The middle of the cell that a score stands for.
  static func decode(_ bits: UInt64) -> Point {
    let latitude = middle(gather(bits), latitudeMax)
    let longitude = middle(gather(bits >> 1), longitudeMax)
    return Point(
      longitude: min(max(longitude, -longitudeMax), longitudeMax),
      latitude: min(max(latitude, -latitudeMax), latitudeMax))
  }

  /// The place of a member of any score.
  static func decode(score: Double) -> Point {
    decode(UInt64(clamping: Int64(max(0, min(score, 0x1p52)))))
  }

  private static func middle(_ cell: UInt32, _ limit: Double) -> Double {
    let scale = limit - -limit
    let low = -limit + Double(cell) * 1.0 / Double(1 << step) * scale
    let high = -limit + Double(UInt64(cell) + 1) * 1.0 / Double(1 << step) * scale
    return (low + high) / 2
  }

  private static func spread(_ value: UInt32) -> UInt64 {
    var bits = UInt64(value)
    bits = (bits | bits << 16) & 0x0000_ffff_0000_ffff
    bits = (bits | bits << 8) & 0x00ff_00ff_00ff_00ff
    bits = (bits | bits << 4) & 0x0f0f_0f0f_0f0f_0f0f
    bits = (bits | bits << 2) & 0x3333_3333_3333_3333
    return (bits | bits << 1) & 0x5555_5555_5555_5555
  }

  private static func gather(_ value: UInt64) -> UInt32 {
    var bits = value & 0x5555_5555_5555_5555
    bits = (bits | bits >> 1) & 0x3333_3333_3333_3333
    bits = (bits | bits >> 2) & 0x0f0f_0f0f_0f0f_0f0f
    bits = (bits | bits >> 4) & 0x00ff_00ff_00ff_00ff
    bits = (bits | bits >> 8) & 0x0000_ffff_0000_ffff
    return UInt32(truncatingIfNeeded: bits | bits >> 16)
  }

  private static func radians(_ degrees: Double) -> Double { degrees * (Double.pi / 180) }

  /// The distance along a meridian, metres.
  private static func latitudeDistance(_ first: Double, _ second: Double) -> Double {
    earthRadius * (radians(second) - radians(first)).magnitude
  }

  /// The distance of two places, metres.
  ///
  /// - Parameter knowsMeridians: places of one longitude are measured along it (7.0 and later).
  static func distance(_ first: Point, _ second: Point, knowsMeridians: Bool) -> Double {
    let v = sin((radians(second.longitude) - radians(first.longitude)) / 2)
    if v == 0, knowsMeridians { return latitudeDistance(first.latitude, second.latitude) }
    let (lat1, lat2) = (radians(first.latitude), radians(second.latitude))
    let u = sin((lat2 - lat1) / 2)
    let a = u * u + cos(lat1) * cos(lat2) * v * v
    return 2.0 * earthRadius * asin(a.squareRoot())
  }

  /// The distance of two places, `nil` where the second is not in a box around the first.
  ///
  /// - Parameters:
  ///   - width: of the box, metres.
  ///   - height: of the box, metres.
  static func distance(
    _ centre: Point, _ point: Point, width: Double, height: Double, knowsMeridians: Bool
  ) -> Double? {
    let north =
      knowsMeridians
      ? latitudeDistance(point.latitude, centre.latitude)
      : distance(
        point, Point(longitude: point.longitude, latitude: centre.latitude), knowsMeridians: false)
    if north > height / 2 { return nil }
    let east = distance(
      point, Point(longitude: centre.longitude, latitude: point.latitude),
      knowsMeridians: knowsMeridians)
    if east > width / 2 { return nil }
    return distance(centre, point, knowsMeridians: knowsMeridians)
  }
}
