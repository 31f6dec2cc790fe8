import ByteKit
import Findings
import Rendering

/// What the commands that write one report or export have in common: the output, the messages, and
/// how it ends.
struct CommandRun {
  /// Where results go.
  let output: Output
  /// Where messages go, and the status so far.
  let diagnostics: Diagnostics
  /// How text for people is set off.
  let style: TextStyle
  /// The columns for tables; `nil` for as many as they take.
  let width: Int?

  /// Opens the output.
  ///
  /// - Throws: `ExitStatus`, after saying what is wrong.
  init(_ options: OutputOptions) throws {
    try self.init(output: options.output, color: options.color)
  }

  /// Opens the output.
  ///
  /// - Parameters:
  ///   - path: `nil` for standard output.
  ///   - color: whether text carries colours.
  /// - Throws: `ExitStatus`, after saying what is wrong.
  init(output path: String?, color: ColorMode) throws {
    diagnostics = Diagnostics(color: color)
    do throws(OutputError) {
      output = try Output(path)
    } catch {
      diagnostics.report(error)
      throw ExitStatus.unchecked
    }
    let isOn = color.isOn(
      isTerminal: output.isTerminal, environment: Terminal.environment)
    style = TextStyle(isOn: isOn)
    width = output.isTerminal ? Terminal.width(.output) : nil
  }

  /// Makes the output final and ends with the status of everything together.
  ///
  /// - Throws: `ExitStatus`, unless all is well.
  func finish() throws {
    do throws(OutputError) { try output.commit() } catch { diagnostics.report(error) }
    let status = diagnostics.status
    if status != .done { throw status }
  }
}
