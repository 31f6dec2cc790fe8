import Testing

@testable import Engine
@testable import RedisModel

/// Every command that may stand in an append-only file is executed, or known not to be.
@Suite struct WriteCommandTests {
  /// Commands with the write flag that the engine does not execute, and why.
  static let notExecuted: [String: String] = [
    // Its data come from another server; files have DEL and RESTORE in its place.
    "MIGRATE": "network"
  ]

  static let targets = [
    ServerVersion(.redis, 2, 6, 17), ServerVersion(.redis, 2, 8, 24),
    ServerVersion(.redis, 4, 0, 14), ServerVersion(.redis, 5, 0, 14),
    ServerVersion(.redis, 6, 2, 16), ServerVersion(.redis, 7, 0, 15),
    ServerVersion(.redis, 7, 2, 6), ServerVersion(.redis, 7, 4, 1),
    ServerVersion(.redis, 8, 0, 6), ServerVersion(.redis, 8, 6, 3),
    ServerVersion(.valkey, 8, 1, 1), ServerVersion(.valkey, 9, 1, 2),
  ]

  @Test(arguments: targets)
  func `every write command of a server is executed`(_ target: ServerVersion) {
    let table = CommandTable(target)
    let handlers = CommandRegistry.handlers(for: table)
    var (missing, executed): ([String], Int) = ([], 0)
    for name in Set(CommandRows.parsed.map(\.name)) {
      guard let own = table.index(of: name), table[own].flags.contains(.write),
        let top = name.text.split(separator: " ").first.flatMap({ CommandName($0) }),
        let index = table.index(of: top)
      else { continue }
      if handlers[index] != nil { executed += 1 } else { missing.append(name.text) }
    }
    missing.removeAll { Self.notExecuted[$0] != nil || $0.hasPrefix("FUNCTION ") }
    #expect(missing.isEmpty, "\(missing)")
    #expect(executed > 60)
  }
}
