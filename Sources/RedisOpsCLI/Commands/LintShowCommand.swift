import ArgumentParser
import ByteKit
import ConfLint
import Findings
import RedisConf
import RedisModel
import Rendering

/// `redisops lint show --effective PATH`.
struct LintShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows the settings that a server has when it has read a configuration.",
    discussion: """
      Values are those that CONFIG GET prints, with the line that each comes from and the default
      that it replaces; in text only what is written or differs, unless --all is given. Passwords
      are never shown.

      Example: redisops lint show --effective --target valkey:8.1 valkey.conf
      """.flowing)

  @Argument(help: ArgumentHelp("The configuration.", valueName: "path"), completion: .file())
  var path: String
  @Flag(help: "Show the settings in effect.")
  var effective = false
  @Flag(help: "In text, show the settings that have their defaults too.")
  var all = false
  @Option(
    help: ArgumentHelp("The server that reads it.", valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var target: ServerVersion?
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: SettingsFormat = .text
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !effective { throw ValidationError("Say what to show: --effective.") }
  }

  func run() throws {
    let run = try CommandRun(output)
    let server = try target ?? ServerVersion(target: SettingsFormat.usualTarget)
    do throws(InputError) {
      let bytes = try SmallFile.read(path)
      let name = path == "-" ? "<stdin>" : path
      let reading = ServerReading(
        ConfDocument(name: name, bytes: bytes), target: server,
        isSentinel: ConfSniffer.namedKind(path: path, bytes) == .sentinel,
        files: DiskFiles(besides: path))
      switch format {
      case .json: run.output.writeJSON { write(reading, to: &$0) }
      case .text: write(reading, to: run.output)
      }
      if let refusal = reading.refusal { report(refusal, server, run.diagnostics) }
    } catch {
      run.diagnostics.report(error, in: path)
      throw ExitStatus.unchecked
    }
    try run.finish()
  }

  private func report(
    _ refusal: ConfRefusal, _ server: ServerVersion, _ diagnostics: Diagnostics
  ) {
    diagnostics.error(
      "\(server.displayName) does not start: \(refusal.reason)",
      at: Location(file: refusal.file, line: refusal.line), status: .failed)
  }

  private static let mask = Array("***".utf8)

  private func shown(_ setting: EffectiveSetting) -> [UInt8] {
    setting.isSensitive && !setting.value.isEmpty ? Self.mask : setting.value
  }

  private func place(
    _ setting: EffectiveSetting, _ reading: ServerReading
  ) -> (file: String, line: Int)? {
    setting.origin.map { origin in
      let document = reading.documents[origin.document]
      return (document.name, document.lines[origin.line].number)
    }
  }

  private func write(_ reading: ServerReading, to document: inout JSONDocument) {
    document.object { document in
      document.schema("lint-show")
      document.member("target", reading.target.description)
      document.array("settings") { document in
        for setting in reading.effectiveSettings {
          let place = place(setting, reading)
          document.object { document in
            document.member("name", setting.name)
            document.member("value", bytes: shown(setting))
            document.member("file", place?.file)
            document.member("line", place?.line)
            document.member("default", bytes: setting.defaultValue)
          }
        }
      }
    }
  }

  private func write(_ reading: ServerReading, to output: Output) {
    for setting in reading.effectiveSettings {
      guard all || setting.origin != nil || setting.value != setting.defaultValue else { continue }
      var line = "\(setting.name) \(Self.text(shown(setting)))"
      if let place = place(setting, reading) {
        line += "  # \(place.file):\(place.line)"
        if let standard = setting.defaultValue, standard != setting.value {
          line += ", default \(Self.text(standard))"
        }
      }
      output.write(line + "\n")
    }
  }

  /// A value as a configuration writes it.
  private static func text(_ value: [UInt8]) -> String {
    value.isEmpty ? "\"\"" : PrintableText.plain(value)
  }
}
