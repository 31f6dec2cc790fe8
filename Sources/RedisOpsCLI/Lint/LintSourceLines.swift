import ConfLint
import Findings
import Synchronization

/// Lines of the inputs, for reports that show them or count their characters.
final class LintSourceLines: Sendable {
  /// The file that was asked for last: findings come file by file.
  private struct Known {
    var path = ""
    var bytes: [UInt8] = []
    /// The offset of each line.
    var starts: [Int] = []
  }

  private let sources: [String: LintInput]
  private let known = Mutex(Known())

  /// - Parameter sources: the inputs by path.
  init(_ sources: [String: LintInput]) {
    self.sources = sources
  }

  /// The line of a place as it may be shown; nil for a place without one.
  func shown(_ location: Location) -> String? {
    guard let source = sources[location.file], let line = line(location) else { return nil }
    let masked =
      source.embedded == nil
      ? SecretText.masked(line[...], of: source.kind) : SecretText.masked(yaml: line)
    return String(decoding: masked, as: UTF8.self)
  }

  /// A column that counts bytes as one that counts UTF-16 code units, both from 1.
  func utf16Column(_ column: Int, _ location: Location) -> Int? {
    guard let line = line(location) else { return nil }
    let before = line.prefix(max(0, column - 1))
    // Beyond the end of the line a column counts as it did.
    return String(decoding: before, as: UTF8.self).utf16.count + column - before.count
  }

  private func line(_ location: Location) -> [UInt8]? {
    guard let number = location.line, number > 0 else { return nil }
    return known.withLock { known in
      if known.path != location.file {
        // An included file is none of the inputs.
        let source = sources[location.file]
        guard let bytes = source?.fileBytes ?? (try? SmallFile.read(location.file)) else {
          return nil
        }
        known = Known(path: location.file, bytes: bytes, starts: [0])
        for (offset, byte) in bytes.enumerated() where byte == 0x0A {
          known.starts.append(offset + 1)
        }
      }
      guard known.starts.indices.contains(number - 1) else { return nil }
      let start = known.starts[number - 1]
      let end = known.starts.indices.contains(number) ? known.starts[number] - 1 : known.bytes.count
      var line = known.bytes[start..<end]
      if line.last == 0x0D { line = line.dropLast() }
      return Array(line)
    }
  }
}
