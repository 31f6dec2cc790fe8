/// What a script or a function says of itself.
struct ScriptFlags: OptionSet {
  /// The bits that the interpreter gives.
  let rawValue: Int32

  /// It changes no data.
  static let noWrites = ScriptFlags(rawValue: 1)
  /// Memory may be short.
  static let allowOOM = ScriptFlags(rawValue: 2)
  /// A replica without its source may run it.
  static let allowStale = ScriptFlags(rawValue: 4)
  /// Not in a cluster.
  static let noCluster = ScriptFlags(rawValue: 8)
  /// Keys of several slots.
  static let allowCrossSlotKeys = ScriptFlags(rawValue: 16)

  /// The flags by their names, in the order in which servers list them.
  static let names: [(name: String, flag: ScriptFlags)] = [
    ("no-writes", .noWrites), ("allow-oom", .allowOOM), ("allow-stale", .allowStale),
    ("no-cluster", .noCluster), ("allow-cross-slot-keys", .allowCrossSlotKeys),
  ]
}

/// The first line of a script.
struct Shebang {
  /// What the script says of itself.
  private(set) var flags: ScriptFlags = []
  /// The script has such a line.
  private(set) var isThere = false
  /// Where the code begins: at the newline, so that lines keep their numbers.
  private(set) var codeStart = 0

  /// Reads the first line of a script, if it is one.
  ///
  /// - Throws: what the server answers.
  init(_ script: Bytes, _ dialect: ScriptDialect) throws(ScriptError) {
    guard dialect.hasFunctions, script.count >= 2, script[0] == 0x23, script[1] == 0x21 else {
      return
    }
    guard let end = script.firstIndex(of: 0x0a) else {
      throw ScriptError("ERR Invalid script shebang")
    }
    isThere = true
    codeStart = end
    let line = String(decoding: Bytes(rebasing: script[..<end]), as: UTF8.self)
    // Words are apart by white space; the first one has none in front.
    let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
    guard words[0] == "#!lua" else {
      throw ScriptError(
        dialect.isValkey9
          ? "ERR Could not find scripting engine '\(words[0].dropFirst(2))'"
          : "ERR Unexpected engine in script shebang: \(words[0])")
    }
    for word in words.dropFirst() {
      guard word.hasPrefix("flags=") else {
        throw ScriptError("ERR Unknown lua shebang option: \(word)")
      }
      for name in word.dropFirst("flags=".count).split(separator: ",") {
        guard let known = ScriptFlags.names.first(where: { $0.name == name }) else {
          throw ScriptError("ERR Unexpected flag in script shebang: \(name)")
        }
        flags.insert(known.flag)
      }
    }
  }
}

/// An error that is the answer to a command of this module: its text, with the code in front.
struct ScriptError: Error {
  /// The text.
  var text: String

  /// An error of this text.
  init(_ text: String) { self.text = text }
}
