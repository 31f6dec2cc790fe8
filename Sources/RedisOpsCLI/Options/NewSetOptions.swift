import ArgumentParser
import Rendering

/// What the commands that write a new set beside the one they read have in common.
struct NewSetOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The folder to write, which appears whole or not at all; nothing may be there, or an empty "
        + "folder.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Flag(help: "Say what would be written, and write nothing.")
  var dryRun = false

  @Flag(help: "Allow a folder inside the one that is read.")
  var allowInside = false

  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: TextOrJSON = .text

  @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var color: ColorMode = .auto

  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false
}
