import ArgumentParser
import Rendering

/// Where results go, and what else a terminal shows.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this file, which appears whole or not at all.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var color: ColorMode = .auto

  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false
}

extension ColorMode: ExpressibleByArgument {}
