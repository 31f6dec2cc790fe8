import ByteKit
import ConfLint
import YAMLTree

/// The options that a `redisops.yaml` gives to commands: a map whose keys are long names of
/// options, or names of commands with such a map of their own.
///
/// An option stands for the command in whose map it is and for all commands below that have it; the
/// innermost map counts. A value is a text, a list of texts, or for a flag `true` or `false`.
struct OptionsFile {
  /// The name that is looked for in the working directory and its parents.
  static let name = "redisops.yaml"

  /// What a run writes, and whether it asks for help, is said on its own command line.
  private static let notForFiles: Set<String> = [
    "output", "in-place", "allow-inside", "fix", "unsafe-fixes", "init", "write-baseline", "help",
    "version",
  ]

  /// An option with its values: none for a flag that is `false`, an empty text for one that is set.
  private struct Setting {
    let option: CommandShape.Option
    let values: [String]
  }

  private let path: String
  /// The map; nil for a file that has only comments.
  private let root: YAMLNode?

  /// Reads the file at `path`.
  ///
  /// - Throws: `YAMLFileError` for what is no YAML.
  init(path: String, _ bytes: [UInt8]) throws(YAMLFileError) {
    self.path = path
    do throws(YAMLError) { root = try YAMLDocument.parse(bytes) } catch {
      if error.kind == .documents, error.position.offset == 0 {
        root = nil
        return
      }
      throw YAMLFileError(error.message, in: path, at: error.position)
    }
  }

  /// What the file adds to a command line: options for the last of `commands` which `arguments` do
  /// not give.
  ///
  /// - Parameter commands: the program, and what was named below it.
  /// - Throws: `YAMLFileError` for anything wrong in the file, also where other commands are meant.
  func arguments(
    for commands: [CommandShape], besides arguments: some Sequence<String>
  ) throws(YAMLFileError) -> [String] {
    guard let root, let program = commands.first, let command = commands.last else { return [] }
    try check(root, program, calledAs: [program.name])
    var settings: [String: Setting] = [:]
    for node in maps(of: commands, in: root) {
      for entry in node.entries ?? [] where entry.value.entries == nil {
        guard let option = command.options.first(where: { $0.word == entry.key.text }) else {
          continue
        }
        settings[option.word] = Setting(option: option, values: try values(entry, option))
      }
    }
    let given = Array(arguments)
    return settings.values.sorted { $0.option.word < $1.option.word }
      .filter { !$0.option.isGiven(in: given) }
      .flatMap { setting in
        setting.values.map { value in
          "--" + setting.option.word + (setting.option.isFlag ? "" : "=" + value)
        }
      }
  }

  /// The maps that speak of the last of `commands`, the outermost first.
  private func maps(of commands: [CommandShape], in root: YAMLNode) -> [YAMLNode] {
    var maps = [root]
    for command in commands.dropFirst() {
      let entry = maps.last?.entries?.first {
        $0.key.text == command.name && $0.value.entries != nil
      }
      guard let map = entry?.value else { break }
      maps.append(map)
    }
    return maps
  }

  // MARK: checks

  private func check(
    _ node: YAMLNode, _ shape: CommandShape, calledAs names: [String]
  ) throws(YAMLFileError) {
    if node.isNull { return }
    let title = names.joined(separator: " ")
    guard let entries = node.entries else {
      throw failure(
        "\(node.kindName), where a map with options of '\(title)' is expected", node.start)
    }
    let words = shape.words.subtracting(Self.notForFiles)
    for entry in entries {
      let word = entry.key.text
      if let command = shape.command(word), shape.option(word) == nil || entry.value.entries != nil
      {
        try check(entry.value, command, calledAs: names + [word])
      } else if Self.notForFiles.contains(word) {
        throw failure("'\(word)' has its place on the command line, not in a file", entry.keyStart)
      } else if let option = shape.option(word) {
        _ = try values(entry, option)
      } else {
        let known = words.sorted() + shape.commands.map(\.name)
        throw failure(
          "unknown option '\(PrintableText.line(word))' of '\(title)'"
            + NearestWord.advice(word, in: known), entry.keyStart)
      }
    }
  }

  private func values(
    _ entry: YAMLEntry, _ option: CommandShape.Option
  ) throws(YAMLFileError) -> [String] {
    let node = entry.value
    if option.isFlag {
      switch node.scalar.map({ $0.isQuoted ? "" : $0.text }) {
      case "true": return [""]
      case "false": return []
      default:
        throw failure("'\(option.word)' is a flag: true or false is expected", node.start)
      }
    }
    var result: [String] = []
    for item in node.items ?? [node] {
      guard let scalar = item.scalar, !scalar.isNull else {
        throw failure("\(item.kindName), where a value of '\(option.word)' is expected", item.start)
      }
      result.append(resolved(scalar.text, option))
    }
    return result
  }

  /// Paths are taken from where the file is. A policy is one if it looks like one.
  private func resolved(_ value: String, _ option: CommandShape.Option) -> String {
    let isPolicyFile =
      option.word == "policy"
      && (value.contains("/") || value.hasSuffix(".yaml") || value.hasSuffix(".yml"))
    guard option.isPath || isPolicyFile, !value.hasPrefix("/"), value != "-",
      !value.contains("://"), let end = path.lastIndex(of: "/")
    else { return value }
    return path[...end] + value
  }

  private func failure(_ message: String, _ place: YAMLPosition) -> YAMLFileError {
    YAMLFileError(message, in: path, at: place)
  }
}
