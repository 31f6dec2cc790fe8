import Findings
import YAMLTree

/// Why a YAML file that a command line names cannot be used: what is wrong where.
struct YAMLFileError: Error {
  /// What was found and what was expected.
  let message: String
  /// Where.
  let location: Location

  /// Something wrong at `place` of `file`.
  init(_ message: String, in file: String, at place: YAMLPosition) {
    self.message = message
    location = Location(file: file, line: place.line, column: place.column)
  }
}
