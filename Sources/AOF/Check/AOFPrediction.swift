import ByteKit
import RedisModel

/// What a server would do with an append-only file, under one setting.
public struct AOFPrediction: Equatable, Sendable {
  /// The server.
  public var server: ServerVersion
  /// `aof-load-truncated`.
  public var loadTruncated: Bool
  /// `aof-load-corrupt-tail-max-size`, bytes.
  public var corruptTailMaxSize = 0
  /// Whether it starts; `nil` where that cannot be told.
  public var starts: Bool?
  /// The file that it cuts, and the size that it leaves.
  public var cut: Cut?
  /// Whether it starts without any of the data.
  public var startsEmpty = false
  /// Whether what is written after the start is lost at the next one.
  public var losesLaterWrites = false
  /// How many commands it answers with an error: as far as form shows, until a replay tells.
  public var errorCount = 0
  /// All of it in words.
  public var note: String {
    guard let reason else {
      let errors =
        switch errorCount {
        case 0: [String]()
        case 1: ["1 command is answered by an error"]
        default: ["\(errorCount) commands are answered by errors"]
        }
      return (["starts"] + remarks + errors).joined(separator: "; ")
    }
    return reason
  }
  /// What it does where it does not load the files to their end, or what cannot be told.
  var reason: String?
  /// What else it does.
  var remarks: [String] = []

  /// A file that is cut.
  public struct Cut: Equatable, Sendable {
    /// The file's name.
    public var name: String
    /// What is left of it, bytes.
    public var byteCount: Int
    /// What goes, bytes; `nil` where the file's end was not reached.
    public var lostByteCount: Int?
  }
}

/// Foretells what a server would do with a set whose files were checked.
struct AOFPredictor {
  /// How loading one file ends.
  private enum Outcome {
    case goesOn
    case refuses(String)
    case unknown(String)
    /// The server cuts the file.
    case cuts(AOFPrediction.Cut, String, losesLaterWrites: Bool)
  }

  let set: AOFSet
  /// The files that are loaded, in order.
  let parts: [AOFPartFacts]
  let traits: AOFServerTraits
  /// The server's number among the targets.
  let index: Int

  /// What the server would do.
  func predict(loadTruncated: Bool, corruptTailMaxSize: Int = 0) -> AOFPrediction {
    var prediction = AOFPrediction(
      server: traits.server, loadTruncated: loadTruncated, corruptTailMaxSize: corruptTailMaxSize)
    if let early = beforeLoading() {
      (prediction.starts, prediction.startsEmpty, prediction.reason) = early
      return prediction
    }
    load(&prediction)
    return prediction
  }

  /// What it does without looking into the files; `nil` where it loads them.
  private func beforeLoading() -> (starts: Bool, startsEmpty: Bool, reason: String)? {
    guard set.layout == .multipart else { return nil }
    guard traits.knowsFolders else {
      return (true, true, "starts empty: it knows no append-only folders")
    }
    guard let manifest = set.manifest else { return (true, true, "starts empty: no manifest") }
    if let problem = manifest.problems.first {
      return problem.startsEmpty
        ? (true, true, "starts empty: \(problem.message)")
        : (false, false, "does not start: line \(problem.line) of the manifest: \(problem.message)")
    }
    if set.loadedParts.isEmpty {
      return (true, true, "starts empty: the manifest names no base and no incremental file")
    }
    if let missing = set.loadedParts.first(where: { !$0.exists }) {
      return (false, false, "does not start: \(missing.name) is missing")
    }
    return nil
  }

  private func load(_ prediction: inout AOFPrediction) {
    for (number, part) in parts.enumerated() {
      let isLast = number == parts.count - 1
      switch outcome(of: part, prediction) {
      case .goesOn: break
      case .refuses(let reason):
        prediction.starts = false
        prediction.reason = "does not start: \(reason)"
        return
      case .unknown(let reason):
        prediction.reason = "cannot be told: \(reason)"
        return
      case .cuts(let cut, let note, let losesLaterWrites):
        prediction.cut = cut
        guard isLast else {
          prediction.starts = false
          prediction.reason =
            "\(note), and then does not start: a file that is not the last one was cut"
          return
        }
        prediction.losesLaterWrites = losesLaterWrites
        prediction.remarks.append(note)
      }
      prediction.errorCount += part.errorCounts[index]
      if part.cutAnnotation != nil, part.isAppendedTo {
        prediction.losesLaterWrites = true
        prediction.remarks.append(
          "what is appended goes into the annotation that the file ends in, and the start after "
            + "that fails")
      }
    }
    prediction.starts = true
  }

  // MARK: one file

  private func outcome(of part: AOFPartFacts, _ prediction: AOFPrediction) -> Outcome {
    if part.error?.kind == .unreadable || part.content == nil {
      return .unknown("\(part.part.name) could not be read")
    }
    if let front = frontOutcome(of: part, prediction) { return front }
    if let refusal = part.refusals[index] {
      switch refusal.kind {
      case .exits, .crashes:
        return .refuses("\(refusal.message), at \(refusal.offset) of \(part.part.name)")
      case .formatError:
        return formatError(part, validOffset: refusal.commandsEnd, refusal.message, prediction)
      }
    }
    if let error = part.error { return outcome(of: error, in: part, prediction) }
    guard part.isOpen[index] else { return .goesOn }
    guard traits.queuesTransactions else {
      return shortRead(
        part, prediction, cutAt: part.commandsEnd,
        "keeps what the open transaction has done so far", losesLaterWrites: false)
    }
    return shortRead(part, prediction, cutAt: part.endBeforeMulti, nil, losesLaterWrites: false)
  }

  /// The outcome of the snapshot in front; `nil` where the server goes on behind it.
  private func frontOutcome(of part: AOFPartFacts, _ prediction: AOFPrediction) -> Outcome? {
    guard part.content == .snapshot else { return nil }
    let isValkeyMagic = part.snapshot?.opening?.family == .valkey
    if !traits.knowsSnapshots || isValkeyMagic && !traits.knowsValkeyMagic {
      return formatError(
        part, validOffset: nil, "takes the snapshot in front for a wrong format", prediction)
    }
    switch part.snapshotVerdicts[index] {
    case .none, .loads: return nil
    case .refuses(let reason): return .refuses("\(part.part.name): \(reason)")
    case .unsure(let reason), .unchecked(let reason):
      return .unknown("\(part.part.name): \(reason)")
    }
  }

  private func outcome(
    of error: AOFError, in part: AOFPartFacts, _ prediction: AOFPrediction
  ) -> Outcome {
    let place = "at \(error.offset) of \(part.part.name)"
    if error.kind == .damagedGzip { return .unknown("the gzip layer is damaged") }
    switch error.effect {
    case .crash: return .refuses("crashes or hangs \(place): \(error.message)")
    case .formatError:
      return formatError(part, validOffset: part.commandsEnd, "wrong format \(place)", prediction)
    case .hugeRead where prediction.loadTruncated && traits.hasLoadTruncated:
      return .unknown("it depends on the memory that it gets, \(place): \(error.message)")
    case .hugeRead, .shortRead: break
    }
    guard part.isOpen[index] else {
      return shortRead(part, prediction, cutAt: part.commandsEnd, nil, losesLaterWrites: false)
    }
    if traits.cutsBeforeOpenTransaction {
      return shortRead(part, prediction, cutAt: part.endBeforeMulti, nil, losesLaterWrites: false)
    }
    return shortRead(
      part, prediction, cutAt: part.commandsEnd,
      traits.queuesTransactions
        ? "leaves the MULTI at \(part.openTransaction?.offset ?? 0) open, so that everything "
          + "written from then on is lost at the next start" : nil,
      losesLaterWrites: traits.queuesTransactions)
  }

  /// The end of the file where more is expected.
  private func shortRead(
    _ part: AOFPartFacts, _ prediction: AOFPrediction, cutAt offset: Int?, _ more: String?,
    losesLaterWrites: Bool
  ) -> Outcome {
    guard traits.hasLoadTruncated else {
      return .refuses("unexpected end of \(part.part.name); it has no aof-load-truncated")
    }
    guard prediction.loadTruncated else {
      return .refuses("unexpected end of \(part.part.name)")
    }
    return cut(part, at: offset, more, losesLaterWrites: losesLaterWrites)
  }

  private func formatError(
    _ part: AOFPartFacts, validOffset: Int?, _ reason: String, _ prediction: AOFPrediction
  ) -> Outcome {
    let size = validOffset ?? snapshotEnd(of: part) ?? 0
    guard traits.hasCorruptTailMaxSize, let byteCount = part.byteCount,
      byteCount - size < prediction.corruptTailMaxSize
    else { return .refuses(reason) }
    return cut(part, at: validOffset, nil, losesLaterWrites: part.isOpen[index])
  }

  /// Where the commands begin, for servers that keep that in mind.
  private func snapshotEnd(of part: AOFPartFacts) -> Int? {
    part.content == .snapshot && traits.keepsSnapshotInFront ? part.commandsOffset : nil
  }

  private func cut(
    _ part: AOFPartFacts, at offset: Int?, _ more: String?, losesLaterWrites: Bool
  ) -> Outcome {
    let size = offset ?? snapshotEnd(of: part) ?? 0
    let lost = part.byteCount.map { $0 - size }
    let cut = AOFPrediction.Cut(name: part.part.name, byteCount: size, lostByteCount: lost)
    var note = "cuts \(part.part.name) to \(size) bytes"
    if let lost { note += ", which drops \(lost)" }
    let dropsSnapshot = size == 0 && part.content == .snapshot
    if dropsSnapshot {
      note +=
        ": the snapshot in front goes too, and its data are in memory alone until the next rewrite"
    }
    if let more { note += "; \(more)" }
    return .cuts(cut, note, losesLaterWrites: losesLaterWrites)
  }
}
