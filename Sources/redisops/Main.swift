import RedisOpsCLI

/// The program.
@main
enum Main {
  static func main() { RedisOps.main() }
}
