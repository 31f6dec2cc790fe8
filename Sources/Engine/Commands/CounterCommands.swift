/// Strings that are numbers.
enum CounterCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("INCR") { space, arguments throws(CommandError) in try add(&space, arguments, 1) },
    .init("DECR") { space, arguments throws(CommandError) in try add(&space, arguments, -1) },
    .init("INCRBY", incrby), .init("DECRBY", decrby), .init("INCRBYFLOAT", incrbyfloat),
  ]

  private static func incrby(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try add(&space, arguments, arguments.integer(2))
  }

  private static func decrby(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let step = try arguments.integer(2)
    if step == .min { throw .message("ERR decrement would overflow") }
    try add(&space, arguments, -step)
  }

  private static func add(
    _ space: inout Keyspace, _ arguments: Arguments, _ step: Int64
  ) throws(CommandError) {
    let key = arguments[1]
    guard let handle = try space.find(key, .string) else {
      space.put(key, Value(form: .integer, word: UInt64(bitPattern: step)))
      return space.reply.integer(step)
    }
    let isInteger = handle.form == .integer
    let stored =
      isInteger
      ? Int64(bitPattern: handle.value.word) : IntegerText.canonical(space.text(of: handle))
    guard let stored else { throw .notInteger }
    let (sum, overflow) = stored.addingReportingOverflow(step)
    if overflow { throw .message("ERR increment or decrement would overflow") }
    if isInteger {
      KeyCell.setValue(Value(form: .integer, word: UInt64(bitPattern: sum)), of: handle.cell)
    } else {
      space.putString(key, handle, space.integerText(sum), expiry: handle.expiry)
    }
    space.reply.integer(sum)
  }

  private static func incrbyfloat(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let key = arguments[1]
    let handle = try space.find(key, .string)
    var value: LongDouble = 0
    if let handle {
      guard let stored = LongDoubleText.parse(space.text(of: handle)) else { throw .notFloat }
      value = stored
    }
    guard let step = LongDoubleText.parse(arguments[2]) else { throw .notFloat }
    guard let text = LongDoubleText.text(value + step) else {
      throw .message("ERR increment would produce NaN or Infinity")
    }
    text.withUnsafeBytes { bytes in
      space.putString(key, handle, bytes, expiry: handle.flatMap { $0.expiry })
      space.reply.bulk(bytes)
    }
  }
}
