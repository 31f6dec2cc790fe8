import ByteKit
import RDB
import RedisModel

/// Checks the form of an append-only file in all its parts, and foretells what servers do with it.
///
/// Form is what shows without executing a command: framing, names and numbers of arguments,
/// transactions, the choice of databases, the manifest and its files, and snapshots at full depth.
/// Errors that only execution shows, such as a value of another type, are for a replay to find.
///
/// Without targets the server is the writer of the first snapshot; where there is none, it is the
/// newest Redis of those whose commands are known, or else the newest such Valkey, if only that one
/// knows all commands of the file. `candidates` says who else may have written it.
public struct AOFCheck {
  /// The three answers.
  public typealias Verdict = VerifyReport.Verdict

  /// Where the targets come from.
  public enum TargetOrigin: String, Sendable {
    /// The user named them.
    case named
    /// The snapshot's AUX fields say who wrote it.
    case writer
    /// Nothing tells.
    case assumed
  }

  /// The set.
  public let set: AOFSet
  /// The servers that the answer is about.
  public private(set) var targets: [ServerVersion] = []
  /// Where they come from.
  public private(set) var origin = TargetOrigin.named
  /// The files that servers load, in their order; missing ones without content.
  public private(set) var parts: [AOFPartFacts] = []
  /// What is wrong or odd with those targets: with the set, then by file.
  public private(set) var problems: [AOFProblem] = []
  /// What each target does with `aof-load-truncated` yes, no, and with a corrupt tail allowed where
  /// it can.
  public private(set) var predictions: [AOFPrediction] = []
  /// The answer.
  public private(set) var verdict = Verdict.good

  /// Redis and Valkey as they are assumed: the newest ones whose commands are known.
  public static let assumedTargets = [
    ServerVersion(.redis, 8, 6, 3), ServerVersion(.valkey, 9, 1, 2),
  ]

  /// Redis as it is assumed where a file holds scripts as they were sent, in this order: 7.0 and
  /// later write what scripts did instead. Up to 4.0 scripts see sets sorted, and 2.6 keeps what
  /// SELECT chose in a script.
  public static let scriptTargets = [
    ServerVersion(.redis, 6, 2, 16), ServerVersion(.redis, 4, 0, 14),
    ServerVersion(.redis, 2, 6, 17),
  ]

  /// Whether a file holds scripts as they were sent, and no folder says that a newer server took it
  /// over.
  public var isOfScripts: Bool {
    self.set.layout != .multipart && parts.contains { $0.holdsScripts }
  }

  /// Those that may have written the set where nothing names a server, the likeliest first.
  public var candidates: [ServerVersion] {
    isOfScripts ? Self.scriptTargets + Self.assumedTargets : Self.assumedTargets
  }

  /// Checks `set`.
  ///
  /// - Parameter begin: called with the name and, where known, the size of each file before it is
  ///   gone over; what it gives back is called with numbers of bytes passed, from any thread.
  public init(
    _ set: AOFSet, _ options: AOFCheckOptions,
    begin: (String, Int?) -> (@Sendable (Int) -> Void)? = { _, _ in nil }
  ) {
    self.set = set
    var files: [Result<AOFFile, InputError>?] = set.loadedParts.map { part in
      guard part.exists else { return nil }
      do throws(InputError) { return .success(try part.open()) } catch { return .failure(error) }
    }
    chooseTargets(options.targets, options.assumedTargets, files)
    let traits = targets.map { AOFServerTraits($0) }
    let tables = targets.map { CommandTable($0) }
    var progress = AOFReader.Progress()
    for (index, part) in set.loadedParts.enumerated() {
      var check = AOFPartCheck(part, traits, tables, options)
      // A file that is no part of a set may be one out of a set.
      check.facts.isAppendedTo =
        index == set.loadedParts.count - 1
        && (set.layout == .multipart
          ? part.role == .incremental : !part.name.contains(".base."))
      progress = Self.run(&check, files[index], options, progress, begin)
      files[index] = nil
      parts.append(check.facts)
    }
    conclude(traits, options)
  }

  /// The targets that the options name, or those that the files suggest.
  private mutating func chooseTargets(
    _ named: [ServerVersion], _ assumed: [ServerVersion], _ files: [Result<AOFFile, InputError>?]
  ) {
    targets = Array(named.prefix(AOFCheckOptions.targetsMax))
    guard targets.isEmpty else { return }
    let writer = files.lazy.compactMap { file -> ServerVersion? in
      guard case .success(let file) = file else { return nil }
      return file.writer
    }.first
    // A base can be older than the server: it took over a file of before.
    if let writer, set.layout != .multipart || AOFServerTraits(writer).knowsFolders {
      origin = .writer
      targets = [writer]
    } else {
      origin = .assumed
      targets = assumed
    }
  }

  /// Goes over one file, if it is there and can be opened.
  private static func run(
    _ check: inout AOFPartCheck, _ file: Result<AOFFile, InputError>?, _ options: AOFCheckOptions,
    _ progress: AOFReader.Progress, _ begin: (String, Int?) -> (@Sendable (Int) -> Void)?
  ) -> AOFReader.Progress {
    switch file {
    case .none: return progress
    case .failure(let error):
      check.note(error)
      return progress
    case .success(let file):
      var options = options
      let count = begin(file.input.name, file.byteCount)
      options.snapshots.scan.onBytes = count
      guard var tail = check.verifySnapshot(of: file, options) else { return progress }
      if let count { tail.tap = CountingTap(count) }
      return check.run(tail, progress, of: file)
    }
  }

  // MARK: the answer

  private mutating func conclude(_ traits: [AOFServerTraits], _ options: AOFCheckOptions) {
    var chosen = Array(targets.indices)
    if origin == .assumed {
      let fitting = chosen.first { index in parts.allSatisfy { $0.refusals[index] == nil } }
      chosen = [fitting ?? 0]
    }
    for index in chosen {
      let predictor = AOFPredictor(set: set, parts: parts, traits: traits[index], index: index)
      predictions += [true, false].map { predictor.predict(loadTruncated: $0) }
      if traits[index].hasCorruptTailMaxSize {
        predictions.append(
          predictor.predict(loadTruncated: true, corruptTailMaxSize: options.corruptTailMaxSize))
      }
    }
    let mask = chosen.reduce(0) { $0 | 1 << $1 }
    let all = AOFSetProblems(set, parts).all + parts.flatMap(\.problems)
    problems = all.filter { $0.servers & mask != 0 }.map { problem in
      guard chosen.count > 1, problem.servers & mask != mask else { return problem }
      var problem = problem
      let names = chosen.filter { problem.servers >> $0 & 1 != 0 }.map { targets[$0].displayName }
      problem.message += " (\(names.joined(separator: ", ")))"
      return problem
    }
    targets = chosen.map { targets[$0] }
    addRefusals()
    verdict = drawnVerdict
  }

  /// What keeps a target from loading the data and has not been said yet.
  private mutating func addRefusals() {
    for target in targets {
      let strict = predictions.first { $0.server == target && !$0.loadTruncated }
      guard let strict, strict.starts == false || strict.startsEmpty else { continue }
      guard !problems.contains(where: { !$0.isWarning }) else { continue }
      problems.append(
        AOFProblem(.target, in: set.name, "\(target.displayName) \(strict.note)"))
    }
  }

  /// Bad where anything is wrong for certain; unknown where something could not be read, or where a
  /// server is too new to say which commands it knows.
  private var drawnVerdict: Verdict {
    let isBad = problems.contains { !$0.isWarning && $0.kind != .unreadable }
    if isBad { return .bad }
    let isUnknown = problems.contains { $0.kind == .unreadable || $0.kind == .unknownCommand }
    return isUnknown ? .unknown : .good
  }

  /// What cutting every damaged file at its sound offset would lose.
  public var lost: AOFTail {
    parts.compactMap(\.tail).reduce(AOFTail(byteCount: 0)) { $0 + $1 }
  }
}

/// Tells how many bytes have gone by.
private final class CountingTap: ByteTap {
  private let count: @Sendable (Int) -> Void

  init(_ count: @escaping @Sendable (Int) -> Void) { self.count = count }

  func see(_ bytes: UnsafeRawBufferPointer) { count(bytes.count) }
}
