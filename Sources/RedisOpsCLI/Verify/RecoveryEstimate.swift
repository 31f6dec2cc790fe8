import RedisModel
import Replay

/// How long a server takes to load the data, and how much of what was written may be missing.
struct RecoveryEstimate: Sendable {
  /// The seconds that loading took here.
  var replaySeconds: Double
  /// The seconds that the server is expected to take, and the bounds of that.
  var serverSeconds: Double
  var serverSecondsMin: Double
  var serverSecondsMax: Double
  /// When the last write that is known was made, Unix milliseconds.
  var lastWriteMs: Int64?
  /// What tells it: `annotation`, `ctime` or `file`.
  var lastWriteFrom: String?
  /// The seconds of writes that a crash can lose by the configuration; `nil` where nothing bounds
  /// them.
  var lossSecondsMax: Int?
  /// The same in words.
  var loss: String

  /// How many times longer servers take than the engine here, in the middle and at the bounds. The
  /// middle is what was measured against redis-server 7.0 (docs/engine.md), for Valkey with the
  /// ratio of the two servers; the bounds allow for another machine, disk and data.
  private static func factors(_ settings: StartSettings, isLog: Bool) -> (Double, Double, Double) {
    if !isLog { return (2.3, 1.2, 4.6) }
    return settings.target.product == .valkey ? (2.0, 1.0, 4.0) : (3.0, 1.5, 6.0)
  }

  /// - Parameters:
  ///   - replaySeconds: what loading took.
  ///   - settings: those of the server.
  ///   - isLog: whether an append-only file was loaded, or a snapshot.
  init(replaySeconds: Double, _ settings: StartSettings, isLog: Bool) {
    let (middle, low, high) = Self.factors(settings, isLog: isLog)
    self.replaySeconds = replaySeconds
    serverSeconds = replaySeconds * middle
    serverSecondsMin = replaySeconds * low
    serverSecondsMax = replaySeconds * high
    (lossSecondsMax, loss) = Self.loss(settings)
  }

  /// The kernel writes dirty pages back after so many seconds unless it is told otherwise.
  private static let writebackSeconds = 30

  private static func loss(_ settings: StartSettings) -> (Int?, String) {
    if settings.isAppendOnly {
      switch settings.synchronisation {
      case "always": return (0, "appendfsync always: what was answered is on disk")
      case "no":
        return (
          writebackSeconds,
          "appendfsync no: what the system has not written back, up to \(writebackSeconds) s by "
            + "default"
        )
      default: return (2, "appendfsync everysec: the last one to two seconds")
      }
    }
    guard let rarest = settings.savePoints.min(by: { $0.changes < $1.changes }) else {
      return (nil, "appendonly no and no save points: everything since somebody saved")
    }
    let words =
      "save \(rarest.seconds) \(rarest.changes): what was written since the last snapshot, up to "
      + "\(rarest.seconds) s and the time that a snapshot takes"
    if rarest.changes <= 1 { return (rarest.seconds, words) }
    return (nil, words + ", or longer for fewer than \(rarest.changes) changes")
  }
}

extension RecoveryEstimate {
  /// The expected seconds of the server with their bounds: `about 3.0 s (1.5 to 6.0 s)`.
  var serverText: String {
    "about \(Self.text(serverSeconds)) s (\(Self.text(serverSecondsMin)) to "
      + "\(Self.text(serverSecondsMax)) s)"
  }

  /// Seconds with three places below ten, else with one.
  static func text(_ seconds: Double) -> String {
    let places = seconds < 10 ? 1000.0 : 10.0
    let scaled = Int64((seconds * places).rounded())
    let fraction = "\(scaled % Int64(places))"
    let width = seconds < 10 ? 3 : 1
    let zeros = String(repeating: "0", count: max(0, width - fraction.utf8.count))
    return "\(scaled / Int64(places)).\(zeros)\(fraction)"
  }
}
