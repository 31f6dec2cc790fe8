/// The first line of a library: `#!lua name=mylib`.
struct LibraryHead {
  /// The name of the library.
  private(set) var name: [UInt8] = []
  /// Where the code begins: at the newline.
  private(set) var codeStart: Int

  /// Reads the first line.
  ///
  /// - Throws: what the server answers.
  init(_ code: [UInt8], _ dialect: ScriptDialect) throws(ScriptError) {
    guard code.count >= 2, code[0] == 0x23, code[1] == 0x21 else {
      throw ScriptError("ERR Missing library metadata")
    }
    guard let end = code.firstIndex(of: 0x0a) else {
      throw ScriptError("ERR Invalid library metadata")
    }
    codeStart = end
    let line = String(decoding: code[2..<end], as: UTF8.self)
    let words = line.split(omittingEmptySubsequences: false) { $0 == " " }.map(String.init)
    guard words[0].lowercased() == "lua" else {
      throw ScriptError(
        dialect.isValkey9
          ? "ERR Could not find scripting engine '\(words[0])'"
          : "ERR Engine '\(words[0])' not found")
    }
    var isNamed = false
    for word in words.dropFirst() where !word.isEmpty {
      guard word.lowercased().hasPrefix("name=") else {
        throw ScriptError("ERR Invalid metadata value given: \(word)")
      }
      guard !isNamed else {
        throw ScriptError("ERR Invalid metadata value, name argument was given multiple times")
      }
      name = Array(word.utf8.dropFirst("name=".utf8.count))
      isNamed = true
    }
    guard isNamed else { throw ScriptError("ERR Library name was not given") }
    guard Self.isName(name) else {
      throw ScriptError(
        "ERR Library names can only contain letters, numbers, or underscores(_) and must be at "
          + "least one character long")
    }
  }

  private static func isName(_ name: [UInt8]) -> Bool {
    !name.isEmpty
      && name.allSatisfy { byte in
        byte == 0x5f || (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
      }
  }
}
