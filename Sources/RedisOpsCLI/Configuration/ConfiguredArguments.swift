import ByteKit
import Findings

/// A command line with the options that a `redisops.yaml` adds to it.
struct ConfiguredArguments {
  /// The arguments for the parser, without the program's name.
  let arguments: [String]
  /// The options that the file gave, for messages; empty without a file.
  let added: [String]
  /// The file; nil for none.
  let path: String?

  /// Takes `--config FILE` and `--no-config` out of `arguments` and puts in what the file says: the
  /// one named, else a `redisops.yaml` in the working directory or the nearest parent that has one.
  ///
  /// - Throws: `ExitStatus`, after saying what is wrong with the file.
  init(_ arguments: [String]) throws {
    var words = arguments[..<(arguments.firstIndex(of: "--") ?? arguments.endIndex)]
    let operands = arguments[words.endIndex...]
    let choice = try Self.takeChoice(from: &words)
    let wantsHelp = words.contains { Self.isHelp($0) } || words.first == "help"
    guard !wantsHelp, let path = choice.path ?? (choice.isOff ? nil : Self.nearestFile()) else {
      self.arguments = Array(words + operands)
      added = []
      path = nil
      return
    }
    let command = try CommandShape.program().path(words)
    self.path = path
    added = try Self.options(in: path, for: command.shapes, besides: words)
    self.arguments =
      Array(words.prefix(command.wordCount)) + added + words.dropFirst(command.wordCount)
      + operands
  }

  private static func isHelp(_ word: String) -> Bool {
    ["-h", "--help", "-help", "--version", "--experimental-dump-help"].contains(word)
      || word.hasPrefix("---") || word.hasPrefix("--generate-completion-script")
  }

  private static func takeChoice(
    from words: inout ArraySlice<String>
  ) throws -> (path: String?, isOff: Bool) {
    var path: String?
    var isOff = false
    var rest: ArraySlice<String> = []
    var iterator = words.makeIterator()
    while let word = iterator.next() {
      if word == "--no-config" {
        isOff = true
      } else if word == "--config" {
        guard let value = iterator.next(), !value.isEmpty else {
          StandardError.writeLine("Error: --config needs the name of a file.")
          throw ExitStatus.usage
        }
        path = value
      } else if word.hasPrefix("--config=") {
        path = String(word.dropFirst("--config=".count))
      } else {
        rest.append(word)
      }
    }
    if isOff && path != nil {
      StandardError.writeLine("Error: --config and --no-config exclude each other.")
      throw ExitStatus.usage
    }
    words = rest
    return (path, isOff)
  }

  /// The nearest `redisops.yaml`, from the working directory up.
  private static func nearestFile() -> String? {
    if isFile(OptionsFile.name) { return OptionsFile.name }
    guard let text = getcwd(nil, 0) else { return nil }
    defer { free(text) }
    var folder = String(cString: text)[...]
    while let end = folder.lastIndex(of: "/") {
      folder = folder[..<end]
      let path = "\(folder)/\(OptionsFile.name)"
      if isFile(path) { return path }
    }
    return nil
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private static func options(
    in path: String, for commands: [CommandShape], besides words: ArraySlice<String>
  ) throws -> [String] {
    let diagnostics = Diagnostics(color: .auto)
    do {
      return try OptionsFile(path: path, SmallFile.read(path))
        .arguments(for: commands, besides: words)
    } catch let error as YAMLFileError {
      diagnostics.error(error.message, at: error.location)
      throw ExitStatus.usage
    } catch let error as InputError {
      diagnostics.error(error.message, at: Location(file: path))
      throw ExitStatus.unchecked
    }
  }
}
