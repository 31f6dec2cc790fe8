import ByteKit

extension AOFRewindPlan {
  /// The plan that keeps everything of a generation up to a place in one of its logs.
  ///
  /// A log of which nothing is left is dropped, unless it is the only file. The last file that is
  /// kept loses its end offset, for a server goes on appending to it.
  static func make(
    _ set: AOFSet, _ timeline: AOFTimeline, generation index: Int, log: Int, offset: Int,
    commandCount: Int
  ) throws(AOFPlanError) -> AOFRewindPlan {
    let generation = timeline.generations[index]
    let kept = Array(generation.logs.prefix(log + 1))
    var files: [AOFAssembly.File] = []
    if let base = generation.base {
      files.append(stretch(base, 0..<(try base.knownByteCount()), role: .base))
    }
    var left: [Left] = []
    for (position, part) in kept.enumerated() {
      let size = try part.knownByteCount()
      let end = position == log ? offset : size
      if end < size { left.append(Left(part: part, range: end..<size)) }
      if end == 0, position == log, !files.isEmpty { continue }
      let role: AOFRole = AOFTimeline.isTakenOver(part, in: generation) ? .base : .incremental
      files.append(stretch(part, 0..<end, role: role))
    }
    if var entry = files.last?.entry {
      entry.endOffset = nil
      files[files.count - 1].entry = entry
    }
    let later = generation.logs.dropFirst(log + 1)
    let newer = timeline.generations.dropFirst(index + 1).flatMap(\.logs)
    for part in later + newer {
      left.append(Left(part: part, range: part.byteCount.map { 0..<$0 }))
    }
    let isLast = index == timeline.generations.count - 1
    let isWhole = isLast && left.allSatisfy { $0.range?.isEmpty ?? false }
    let isBase = commandCount == 0 && !isWhole
    return AOFRewindPlan(
      assembly: AOFAssembly(files, manifest: set.manifestPath),
      extent: isWhole ? .whole : isBase ? .base : .part,
      file: files.last?.source ?? generation.parts[0], offset: files.last?.byteCount ?? 0,
      commandCount: commandCount, usesHistory: !isLast, left: left)
  }

  private static func stretch(
    _ part: AOFSet.Part, _ range: Range<Int>, role: AOFRole
  ) -> AOFAssembly.File {
    var entry = part.entry
    entry?.role = role
    entry?.line = 0
    return AOFAssembly.File(
      name: part.outputName, source: part, entry: entry, pieces: [.stretch(part, range)])
  }
}

extension AOFTimeline {
  /// Whether a log of `generation` is an old file that was taken over, which is the base.
  static func isTakenOver(_ part: AOFSet.Part, in generation: Generation) -> Bool {
    generation.base == nil && part.path == generation.logs.first?.path && part.entry != nil
      && part.role != .incremental && !isLog(part.name)
  }
}

extension AOFSet.Part {
  /// Its (unpacked) size; it is a regular file.
  func knownByteCount() throws(AOFPlanError) -> Int {
    do throws(InputError) {
      guard let size = try open().byteCount else {
        throw InputError(.system, at: 0, "is no regular file any more")
      }
      return size
    } catch {
      throw AOFPlanError(.unreadable, path, error.message)
    }
  }

  /// What it is called in a new set: its name, without the ending that packed files have.
  var outputName: String {
    guard entry == nil else { return name }
    if name == "<stdin>" { return "appendonly.aof" }
    return name.hasSuffix(".gz") && name.utf8.count > 3 ? String(name.dropLast(3)) : name
  }
}
