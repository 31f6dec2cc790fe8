import ByteKit
import Engine
import RedisModel

extension DatasetLoader {
  /// Writes everything as commands, as a server's rewrite without a preamble does; keys that are
  /// due included.
  ///
  /// - Parameter drain: takes the bytes, in order; they are valid during the call only.
  /// - Returns: what the server has no place for and is no key and no element, with its number.
  /// - Throws: where the server has no command for something.
  @discardableResult
  public func saveCommands(
    _ options: SavingOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) throws(SavingError) -> [String: Int] {
    var writer = CommandWriter(options.target, drain: drain)
    let libraries = functionLibraries
    if !libraries.isEmpty, !writer.dialect.hasFunctions {
      throw SavingError(message: "\(options.target.displayName) knows no function libraries")
    }
    for library in libraries { writer.function(library.code) }
    let obstacle = withKeyspace { Self.write($0, options, to: &writer) }
    if let obstacle { throw obstacle }
    writer.finish()
    return writer.leftOut
  }

  /// - Returns: what keeps a key from being written.
  private static func write(
    _ space: borrowing Keyspace, _ options: SavingOptions, to writer: inout CommandWriter
  ) -> SavingError? {
    var obstacle: SavingError?
    for number in 0..<space.databaseCount where space.keyCount(number) > 0 {
      writer.select(number)
      space.forEachKey(of: number) { key, expiry, value in
        if let message = writer.write(key, expiry, value) {
          obstacle = SavingError(
            key: Array(key), database: number, message: message,
            isForLackHere: value.module?.hasRecord == false)
        }
        return obstacle == nil && !(options.shouldStop?() ?? false)
      }
      if obstacle != nil { break }
    }
    return obstacle
  }
}
