import ArgumentParser
import ByteKit
import RedisModel
import Rendering
import Replay

/// `redisops aof digest`.
struct AOFDigestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest",
    abstract: "Computes the fingerprint that DEBUG DIGEST prints on a server that loaded the file.",
    discussion: """
      The commands are executed in memory, without a server, behind the snapshot in front if there
      is one. What is due when loading is over is left out. Servers differ in details, so the
      digest is that of the server which wrote the snapshot, or of --as; where nothing names one,
      the newest whose commands are known is taken, and a note says so.

      A command that the server answers with an error is a warning, for servers log it and go on.
      A damaged or torn file has no digest and exit status 1: 'redisops aof verify' says what each
      server makes of it. Where something cannot be executed here, such as a command of a module,
      the digest is not known, and the exit status is 2.

      Example: redisops aof digest --as redis:7.2 appendonlydir
      """.flowing)

  @OptionGroup var inputs: AOFArguments
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: TextOrJSON = .text
  @Option(
    name: [.customLong("as"), .customLong("target")],
    help: ArgumentHelp(
      "The server whose digest is wanted, such as redis:6.2 or valkey:9.0; by default the one "
        + "that wrote the file.",
      valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var server: ServerVersion?
  @Option(
    name: .customLong("at"),
    help: ArgumentHelp(
      "The moment of loading, which decides what has expired: RFC 3339 or Unix time; now by "
        + "default.", valueName: "time"),
    transform: { try TimeText.parse($0) })
  var time: Int64?
  @OptionGroup var replay: ReplayOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let run = try CommandRun(output)
    let loading = SetLoading(
      diagnostics: run.diagnostics, server: server, nowMs: time ?? Clock.nowMs, replay: replay,
      isQuiet: output.quiet)
    var results: [DigestedSet] = []
    for path in inputs.paths {
      let name = path == "-" ? "<stdin>" : path
      guard let loaded = loading.load(path) else {
        results.append(DigestedSet(file: name))
        continue
      }
      let result = DigestedSet(
        file: name, server: loaded.server, data: loaded.loader.heldData,
        report: loaded.loader.report)
      if format == .text { run.output.write(line(result)) }
      results.append(result)
    }
    if format == .json { write(results, run) }
    try run.finish()
  }

  private func line(_ result: DigestedSet) -> String {
    let file = inputs.paths.count > 1 ? "  \(PrintableText.line(result.file))" : ""
    return "\(result.data?.digest.description ?? "")\(file)\n"
  }

  private func write(_ results: [DigestedSet], _ run: CommandRun) {
    run.output.writeJSON { document in
      document.object { document in
        document.schema("aof-digest")
        document.key("files")
        document.array { document in for result in results { result.write(to: &document) } }
      }
    }
  }
}

/// What one path holds; only the name where that is not known.
private struct DigestedSet {
  var file: String
  var server: ServerVersion?
  var data: HeldData?
  var report: LoadReport?

  func write(to document: inout JSONDocument) {
    document.object { document in
      document.member("file", file)
      guard let server, let data, let report else { return }
      document.member("server", "\(server)")
      document.member("digest", "\(data.digest)")
      document.member("commands", report.commandCount)
      document.member("refused", report.refusedCount)
      document.key("databases")
      document.array { document in
        for database in data.databases {
          document.object { document in
            document.member("db", database.number)
            document.member("keys", database.keyCount)
            document.member("expires", database.expiryCount)
          }
        }
      }
    }
  }
}
