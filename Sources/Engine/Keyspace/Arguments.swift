/// The arguments of a command, its name first. They lie elsewhere and are valid during its
/// execution.
public struct Arguments: BitwiseCopyable {
  @usableFromInline let start: UnsafePointer<Bytes>
  /// How many there are, the name included; at least 1.
  public let count: Int

  /// - Parameters:
  ///   - start: where they lie.
  ///   - count: how many; at least 1.
  @inlinable
  public init(start: UnsafePointer<Bytes>, count: Int) {
    self.start = start
    self.count = count
  }

  /// The argument at `index`, 0..<count; 0 is the name.
  @inlinable
  public subscript(index: Int) -> Bytes {
    @inline(__always) get { start[index] }
  }

  /// The same arguments without those in front of `index`, which becomes the name.
  @inline(__always)
  func dropping(_ index: Int) -> Arguments { Arguments(start: start + index, count: count - index) }
}

extension Arguments {
  /// The 64-bit integer at `index`.
  ///
  /// - Throws: where it is none.
  @inline(__always)
  func integer(_ index: Int) throws(CommandError) -> Int64 {
    guard let value = IntegerText.canonical(self[index]) else { throw .notInteger }
    return value
  }

  /// The 64-bit integer at `index`, `error` where it is none.
  @inline(__always)
  func integer(_ index: Int, or error: CommandError) throws(CommandError) -> Int64 {
    guard let value = IntegerText.canonical(self[index]) else { throw error }
    return value
  }

  /// The double at `index`.
  ///
  /// - Throws: where it is none.
  func double(_ index: Int) throws(CommandError) -> Double {
    guard let value = DoubleText.parse(self[index]), !value.isNaN else { throw .notFloat }
    return value
  }

  /// Whether the argument at `index` is there and is `word`, letters in either case.
  @inline(__always)
  func isWord(_ index: Int, _ word: StaticString) -> Bool {
    index < count && self[index].isWord(word)
  }
}
