import ArgumentParser

/// The files that a command reads.
struct InputArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The snapshots to read; '-' is standard input. Gzip is unpacked.", valueName: "file"),
    completion: .file())
  var files: [String]

  func validate() throws {
    if files.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("Standard input ('-') can be read once only.")
    }
  }
}
