/// The categories of commands on one server.
public final class CommandCategories: Sendable {
  private let entries: [String: [(servers: UInt32, categories: [String])]]

  /// The one table.
  public static let shared = CommandCategories()

  private init() {
    var entries: [String: [(UInt32, [String])]] = [:]
    let text = DirectiveRows.commands.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
    for row in text.split(separator: "\n") {
      let fields = row.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      entries[String(fields[0]), default: []].append(
        (UInt32(fields[1], radix: 16) ?? 0, fields[2].split(separator: " ").map(String.init)))
    }
    self.entries = entries
  }

  /// The categories of a command or `command|subcommand`; nil when the server does not have it.
  public func categories(of command: String, server: Int) -> [String]? {
    entries[command]?.first { $0.servers & (1 << UInt32(server)) != 0 }?.categories
  }
}
