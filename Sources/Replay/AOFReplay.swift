import AOF
import RedisModel

/// An append-only file set, loaded as one server loads it: what executing its commands shows.
public struct AOFReplay: Sendable {
  /// The server.
  public let server: ServerVersion
  /// What came up.
  public let report: LoadReport
  /// What is held in the end: where the loading stopped, if it did.
  public let data: HeldData

  private init(_ loader: borrowing DatasetLoader, _ server: ServerVersion) {
    self.server = server
    report = loader.report
    data = loader.heldData
  }

  /// Loads `set`, whose files can be read from the front.
  public init(_ set: AOFSet, _ options: LoadOptions) {
    self = Self.withLoaded(set, options) { $1 }
  }

  /// Loads `set`, and calls `body` while the data are there.
  ///
  /// - Parameter onLoaded: called when they are, before their digest is computed.
  public static func withLoaded<R>(
    _ set: AOFSet, _ options: LoadOptions, onLoaded: () -> Void = {},
    _ body: (borrowing DatasetLoader, AOFReplay) -> R
  ) -> R {
    var loader = DatasetLoader(options)
    loader.load(set: set)
    // A server that has started soon deletes what is due.
    loader.finish(deletesDue: true)
    onLoaded()
    return body(loader, AOFReplay(loader, options.target))
  }

  /// What the server holds when it has done what was foretold; `nil` where it does not start, or
  /// where that cannot be told.
  public func data(under prediction: AOFPrediction) -> HeldData? {
    guard prediction.starts == true else { return nil }
    if prediction.startsEmpty { return HeldData.none }
    // A loader that stops where nothing is cut knows of something that the forecast does not.
    let isAsForetold = report.stop == nil || prediction.cut != nil
    return isAsForetold && report.gaps.isEmpty ? data : nil
  }

  /// The prediction with the number of errors that executing showed, where everything was executed.
  public func refine(_ prediction: AOFPrediction) -> AOFPrediction {
    guard prediction.starts == true, !prediction.startsEmpty else { return prediction }
    var refined = prediction
    refined.errorCount = max(prediction.errorCount, report.refusedCount)
    return refined
  }
}
