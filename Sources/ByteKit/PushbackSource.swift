/// Bytes that were looked at, in front of the rest of their source.
public final class PushbackSource: ByteSource {
  private var front: ArraySlice<UInt8>
  private let rest: any ByteSource

  /// Gives out `front`, then what `rest` has.
  public init(_ front: [UInt8], _ rest: any ByteSource) {
    self.front = front[...]
    self.rest = rest
  }

  /// That of the rest and what stands in front of it.
  public var remainingByteCount: Int? { rest.remainingByteCount.map { $0 + front.count } }

  /// The front first; then the rest.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    guard !front.isEmpty else { return try rest.read(into: target) }
    let count = min(target.count, front.count)
    target.copyBytes(from: front.prefix(count))
    front = front.dropFirst(count)
    return count
  }
}

/// Remembers everything that was read through it, so that it can be pushed back.
public final class RecordingSource: ByteSource {
  private let source: any ByteSource
  /// What was read.
  public private(set) var recorded: [UInt8] = []

  /// Reads from `source`.
  public init(_ source: any ByteSource) { self.source = source }

  /// That of the source.
  public var remainingByteCount: Int? { source.remainingByteCount }

  /// Reads on, and remembers.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = try source.read(into: target)
    recorded += target[..<count]
    return count
  }
}
