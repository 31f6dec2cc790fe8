import ArgumentParser
import YAMLTree

/// What may stand on the command line of one command, and the commands below it.
struct CommandShape {
  /// A named option.
  struct Option {
    /// The word of its long name: `quiet` of `--quiet`.
    let word: String
    /// All its names, as they stand on a command line: `--quiet`, `-q`.
    let names: [String]
    /// Whether it stands alone, without a value.
    let isFlag: Bool
    /// Whether its value is the path of a file or folder.
    let isPath: Bool

    /// Whether one of `arguments`, which end before a `--`, gives the option.
    func isGiven(in arguments: some Sequence<String>) -> Bool {
      arguments.contains { argument in
        names.contains { name in
          if name.hasPrefix("--") { return argument == name || argument.hasPrefix(name + "=") }
          // Flags of one letter may share a dash: `-qo FILE`.
          return argument.hasPrefix("-") && !argument.hasPrefix("--")
            && argument.dropFirst().contains(name.dropFirst())
        }
      }
    }
  }

  /// The word that calls it.
  let name: String
  /// The command below that runs when none is named.
  let defaultName: String?
  /// Its own options.
  let options: [Option]
  /// The commands below it.
  let commands: [CommandShape]

  /// The whole program, as the parser of command lines describes it.
  ///
  /// - Throws: never in practice: the description is JSON, and YAML is a superset of that.
  static func program() throws(YAMLError) -> CommandShape {
    let description = try YAMLDocument.parse(Array(RedisOpsCommand._dumpHelp().utf8))
    return CommandShape(description["command"] ?? description)
  }

  private init(_ node: YAMLNode) {
    name = node["commandName"]?.scalar?.text ?? ""
    defaultName = node["defaultSubcommand"]?.scalar?.text
    options = (node["arguments"]?.items ?? []).compactMap(Self.option)
    commands = (node["subcommands"]?.items ?? []).map(CommandShape.init)
  }

  private static func option(_ node: YAMLNode) -> Option? {
    guard let kind = node["kind"]?.scalar?.text, kind != "positional" else { return nil }
    let names = (node["names"]?.items ?? []).compactMap { name -> String? in
      guard let word = name["name"]?.scalar?.text else { return nil }
      return name["kind"]?.scalar?.text == "long" ? "--" + word : "-" + word
    }
    guard let long = names.first(where: { $0.hasPrefix("--") }) else { return nil }
    let completion = node["completionKind"]
    return Option(
      word: String(long.dropFirst(2)), names: names, isFlag: kind == "flag",
      isPath: completion?["file"] != nil || completion?["directory"] != nil)
  }

  /// The command below of that name.
  func command(_ name: String) -> CommandShape? { commands.first { $0.name == name } }

  /// The option of that long name, of this command or of one below it.
  func option(_ word: String) -> Option? {
    if let own = options.first(where: { $0.word == word }) { return own }
    for command in commands {
      if let option = command.option(word) { return option }
    }
    return nil
  }

  /// The long names of all options of this command and of those below it.
  var words: Set<String> {
    commands.reduce(into: Set(options.map(\.word))) { $0.formUnion($1.words) }
  }

  /// The commands that the first of `arguments` name, this one first; a command that has a default
  /// is followed by that one where no other is named.
  func path(_ arguments: some Collection<String>) -> (shapes: [CommandShape], wordCount: Int) {
    if let word = arguments.first, let named = command(word) {
      let rest = named.path(arguments.dropFirst())
      return ([self] + rest.shapes, rest.wordCount + 1)
    }
    if let usual = defaultName.flatMap(command) { return ([self, usual], 0) }
    return ([self], 0)
  }
}
