import ByteKit
import RESP

/// What can be repaired of a manifest without a guess, and what cannot.
struct AOFManifestRepair {
  /// The files, as the repaired manifest names them, its history included.
  private(set) var entries: [AOFManifest.Entry] = []
  /// What was repaired, a sentence each, with the line.
  private(set) var repairs: [(line: Int, message: String)] = []
  /// What keeps it from being repaired.
  private(set) var problems: [AOFManifest.Problem] = []

  /// Reads the bytes of a manifest.
  init(_ bytes: [UInt8]) {
    var offset = 0
    var line = 0
    while offset < bytes.count {
      line += 1
      let end = bytes[offset...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
      take(bytes[offset..<end], line, offset)
      offset = end
    }
    removeDuplicates()
    putInOrder()
    findConflicts()
  }

  private mutating func take(_ whole: ArraySlice<UInt8>, _ line: Int, _ offset: Int) {
    var text = whole
    if text.last == 0x0A { text.removeLast() }
    if text.first == UInt8(ascii: "#") {
      if whole.count > AOFManifest.lineByteCountMax {
        repairs.append((line, "a comment of \(whole.count) bytes is left out"))
      }
      return
    }
    if let zero = text.firstIndex(of: 0), text[zero...].allSatisfy({ $0 == 0 }) {
      repairs.append((line, "\(text[zero...].count) zero bytes are left out"))
      text = text[..<zero]
    } else if text.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
      repairs.append((line, "a blank line is left out"))
    } else if whole.last != 0x0A {
      repairs.append((line, "the missing line end is added"))
    }
    guard !text.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) else { return }
    let read = AOFManifest(parsing: Array(text) + [0x0A])
    if let problem = read.problems.first, Self.isOfHistory(Array(text)) {
      repairs.append((line, "a line about a history file is left out: \(problem.message)"))
    } else if let problem = read.problems.first {
      problems.append(.init(line: line, offset: offset, message: problem.message))
    }
    for var entry in read.entries {
      entry.line = line
      entries.append(entry)
    }
  }

  /// Whether a line is about a file that servers only delete.
  private static func isOfHistory(_ line: [UInt8]) -> Bool {
    guard let words = QuotedText.words(line), words.count.isMultiple(of: 2) else { return false }
    return stride(from: 0, to: words.count, by: 2).contains {
      words[$0].elementsEqual("type".utf8) && words[$0 + 1].first == AOFRole.history.rawValue
    }
  }

  /// Takes out lines that name a file again: servers would apply its commands twice.
  private mutating func removeDuplicates() {
    var kept: [AOFManifest.Entry] = []
    for entry in entries {
      guard
        let index = kept.firstIndex(where: { $0.name == entry.name && $0.role == entry.role })
      else {
        kept.append(entry)
        continue
      }
      repairs.append(
        (entry.line, "\(entry.name) is named a second time; its commands would be applied twice"))
      if Self.number(in: entry.name) == entry.sequence { kept[index].sequence = entry.sequence }
    }
    entries = kept
  }

  /// Puts incremental files in order whose numbers do not rise.
  private mutating func putInOrder() {
    let files = entries.filter { $0.role == .incremental }
    let isRising = zip(files, files.dropFirst()).allSatisfy { $0.sequence < $1.sequence }
    guard !isRising else { return }
    // The number in the name is what the server has given it.
    let numbers = files.compactMap { Self.number(in: $0.name) }
    guard numbers.count == files.count, Set(numbers).count == files.count else { return }
    let sorted = zip(files, numbers).sorted { $0.1 < $1.1 }
    entries.removeAll { $0.role == .incremental }
    for (entry, number) in sorted {
      var entry = entry
      entry.sequence = number
      entries.append(entry)
    }
    repairs.append(
      (files[0].line, "the incremental files are put in the order of the numbers in their names"))
  }

  private mutating func findConflicts() {
    let bases = entries.filter { $0.role == .base }
    if bases.count > 1 {
      problems.append(
        .init(
          line: bases[1].line, offset: 0,
          message: "a second base; nothing tells which one is right"))
    }
    let files = entries.filter { $0.role == .incremental }
    for (one, other) in zip(files, files.dropFirst()) where one.sequence >= other.sequence {
      problems.append(
        .init(
          line: other.line, offset: 0,
          message: "sequence number \(other.sequence) behind \(one.sequence), and the names do not "
            + "tell the order"))
    }
  }

  /// The sequence number in a name that a server has made.
  static func number(in name: String) -> Int64? { parts(of: name)?.number }

  /// What stands in front of the number in a name that a server has made, and the number.
  static func parts(of name: String) -> (prefix: String, number: Int64)? {
    for ending in [".incr.aof", ".base.aof", ".base.rdb"] where name.hasSuffix(ending) {
      let front = name.dropLast(ending.utf8.count)
      guard let dot = front.lastIndex(of: "."),
        let number = Int64(front[front.index(after: dot)...]),
        number > 0
      else { return nil }
      return (String(front[..<dot]), number)
    }
    return nil
  }
}

extension AOFManifestRepair {
  /// A manifest for files without one, where only one is possible.
  ///
  /// Files of before a rewrite that has just ended may lie there too, and would be applied a second
  /// time. That cannot be where the base is the first one, or where there is one incremental file
  /// and its number is not below that of the base.
  ///
  /// - Returns: `nil` where more than one is possible.
  static func rebuilt(_ names: [String]) -> [AOFManifest.Entry]? {
    let parts = names.compactMap { name in
      Self.parts(of: name).map { (name: name, prefix: $0.prefix, number: $0.number) }
    }
    let bases = parts.filter { AOFTimeline.isRewritten($0.name) }
    let files = parts.filter { AOFTimeline.isLog($0.name) }.sorted { $0.number < $1.number }
    guard bases.count == 1, let base = bases.first,
      Set(parts.map(\.prefix)).count == 1,
      Set(files.map(\.number)).count == files.count
    else { return nil }
    let isCertain =
      base.number == 1 || files.count <= 1 && files.allSatisfy { $0.number >= base.number }
    let hasGap = zip(files, files.dropFirst()).contains { $0.number + 1 != $1.number }
    guard isCertain, !hasGap, base.number > 1 || files.first?.number ?? 1 == 1 else { return nil }
    return [AOFManifest.Entry(name: base.name, sequence: base.number, role: .base)]
      + files.map { AOFManifest.Entry(name: $0.name, sequence: $0.number, role: .incremental) }
  }
}

extension AOFSet {
  /// What was repaired of a manifest, and the set that it names then.
  public struct Mended {
    /// The set.
    public let set: AOFSet
    /// What was repaired.
    public let repairs: [AOFPlanNote]

    /// The same of `AOFSet.spoolingStreams(in:)`.
    public func spoolingStreams(in folder: String) throws(InputError) -> Mended {
      Mended(set: try set.spoolingStreams(in: folder), repairs: repairs)
    }
  }

  /// The largest manifest that is repaired.
  private static let mendedByteCountMax = 16 << 20

  /// The same set with its manifest repaired, where that takes no guess.
  ///
  /// - Throws: `AOFPlanError` where it cannot be repaired.
  public func mendingManifest() throws(AOFPlanError) -> Mended {
    guard layout == .multipart, let folder else { return Mended(set: self, repairs: []) }
    guard let manifestPath else { return try rebuildingManifest(folder) }
    let bytes: [UInt8]
    do throws(InputError) {
      bytes = try Self.bytes(of: manifestPath, upTo: Self.mendedByteCountMax)
    } catch {
      throw AOFPlanError(.unreadable, manifestPath, error.message)
    }
    let repair = AOFManifestRepair(bytes)
    if repair.entries.isEmpty, repair.problems.isEmpty { return try rebuildingManifest(folder) }
    if let problem = repair.problems.first {
      throw AOFPlanError(
        .damage, "\(manifestPath):\(problem.line)",
        "\(problem.message); put this line right by hand")
    }
    let notes = repair.repairs.map {
      AOFPlanNote(isWarning: false, path: "\(manifestPath):\($0.line)", message: $0.message)
    }
    return Mended(set: naming(AOFManifest(repair.entries), at: manifestPath), repairs: notes)
  }

  private func rebuildingManifest(_ folder: String) throws(AOFPlanError) -> Mended {
    let what = manifestPath == nil ? "no manifest" : "the manifest names no file"
    guard let entries = AOFManifestRepair.rebuilt(unnamedFiles) else {
      throw AOFPlanError(
        .damage, manifestPath ?? folder,
        "\(what), and the files allow more than one; write one by hand, a line such as 'file NAME "
          + "seq 1 type b' for the base, then one of type i for each file that followed it")
    }
    let name =
      (AOFManifestRepair.parts(of: entries[0].name)?.prefix ?? "appendonly.aof") + ".manifest"
    let note = AOFPlanNote(
      isWarning: true, path: manifestPath ?? folder,
      message: "\(what); it is made from the names of the files: "
        + entries.map(\.name).joined(separator: ", "))
    let set = naming(AOFManifest(entries), at: manifestPath ?? folder + "/" + name)
    return Mended(set: set, repairs: [note])
  }

  private static func bytes(of path: String, upTo count: Int) throws(InputError) -> [UInt8] {
    var input = ByteInput(try InputFile(opening: path).source)
    let seen = try input.peek(count)
    return Array(UnsafeRawBufferPointer(start: input.cursor, count: seen))
  }
}

extension InputFile {
  /// The bytes from the front.
  fileprivate var source: any ByteSource {
    switch access {
    case .file(let file, let size): FileSource(file, from: 0, to: size)
    case .stream(let stream): stream
    }
  }
}
