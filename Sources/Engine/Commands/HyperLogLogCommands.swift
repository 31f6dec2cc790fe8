/// Commands of HyperLogLogs.
enum HyperLogLogCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("PFADD", pfadd), .init("PFCOUNT", pfcount), .init("PFMERGE", pfmerge),
    .init("PFDEBUG", pfdebug),
  ]

  private static var damaged: CommandError {
    .message("INVALIDOBJ Corrupted HLL object detected")
  }

  private static func read(
    _ space: borrowing Keyspace, _ key: Bytes
  ) throws(CommandError) -> (HyperLogLog, KeyHandle)? {
    guard let handle = try space.find(key, .string) else { return nil }
    guard let value = HyperLogLog(space.text(of: handle)) else {
      throw .message("WRONGTYPE Key is not a valid HyperLogLog string value.")
    }
    return (value, handle)
  }

  private static func write(
    _ space: borrowing Keyspace, _ key: Bytes, _ handle: KeyHandle?, _ value: HyperLogLog
  ) {
    value.bytes.withUnsafeBytes {
      space.putString(key, handle, $0, expiry: handle.flatMap { $0.expiry })
    }
  }

  private static func pfadd(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let old = try read(space, arguments[1])
    var value = old?.0 ?? HyperLogLog()
    var isChanged = old == nil
    for index in 2..<max(2, arguments.count) {
      guard let raised = value.add(arguments[index]) else { throw damaged }
      isChanged = isChanged || raised
    }
    if isChanged {
      value.invalidate()
      write(space, arguments[1], old?.1, value)
    }
    space.reply.flag(isChanged)
  }

  private static func estimator(_ space: borrowing Keyspace) -> HyperLogLog.Estimator {
    space.dialect.age >= .since50 ? .improved : space.dialect.age >= .since40 ? .beta : .classic
  }

  private static func pfcount(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    if arguments.count > 2 {
      let (registers, _) = try union(space, arguments, from: 1)
      return space.reply.integer(
        Int64(clamping: HyperLogLog.count(registers, estimator(space))))
    }
    guard let (old, handle) = try read(space, arguments[1]) else {
      return space.reply.integer(0)
    }
    var value = old
    if let count = value.cachedCount { return space.reply.integer(Int64(clamping: count)) }
    guard let registers = value.registers else { throw damaged }
    let count = HyperLogLog.count(registers, estimator(space))
    value.cache(count)
    write(space, arguments[1], handle, value)
    space.reply.integer(Int64(clamping: count))
  }

  /// The highest of each register, and whether any source is dense.
  private static func union(
    _ space: borrowing Keyspace, _ arguments: Arguments, from first: Int
  ) throws(CommandError) -> ([UInt8], anyIsDense: Bool) {
    var result = [UInt8](repeating: 0, count: HyperLogLog.registerCount)
    var anyIsDense = false
    for index in first..<arguments.count {
      guard let (value, _) = try read(space, arguments[index]) else { continue }
      guard let registers = value.registers else { throw damaged }
      anyIsDense = anyIsDense || value.isDense
      for (index, register) in registers.enumerated() where register > result[index] {
        result[index] = register
      }
    }
    return (result, anyIsDense)
  }

  private static func pfmerge(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let (registers, anyIsDense) = try union(space, arguments, from: 1)
    let old = try read(space, arguments[1])
    var value = old?.0 ?? HyperLogLog()
    // Before 4.0 the target was always dense.
    if anyIsDense || space.dialect.age < .since40 {
      guard value.makeDense() else { throw damaged }
    }
    for (index, register) in registers.enumerated() where register > 0 {
      guard value.set(index, register) != nil else { throw damaged }
    }
    value.invalidate()
    write(space, arguments[1], old?.1, value)
    space.reply.ok()
  }

  private static func pfdebug(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard arguments.count == 3 else {
      throw .text(
        "ERR Wrong number of arguments for the '\(arguments[1].text)' subcommand")
    }
    guard let (old, handle) = try read(space, arguments[2]) else {
      throw .message("ERR The specified key does not exist")
    }
    var value = old
    if arguments.isWord(1, "ENCODING") {
      return space.reply.status(value.isDense ? "dense" : "sparse")
    }
    guard arguments.isWord(1, "TODENSE") else {
      throw .unsupported("PFDEBUG \(arguments[1].text.uppercased())")
    }
    let wasSparse = !value.isDense
    guard value.makeDense() else { throw damaged }
    if wasSparse { write(space, arguments[2], handle, value) }
    space.reply.flag(wasSparse)
  }
}
