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
    let obstacle = withKeyspace { $0.save(options, to: &writer) }
    if let obstacle { throw obstacle }
    writer.finish()
    return writer.leftOut
  }
}
