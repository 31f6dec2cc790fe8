/// BITFIELD: integers of 1 to 64 bits anywhere in a string.
enum BitfieldCommand {
  private enum Action {
    case get, set, increment
  }

  private enum Overflow {
    case wrap, saturate, fail
  }

  private struct Step {
    var action: Action
    var overflow: Overflow
    var isSigned: Bool
    var width: Int
    var offset: Int
    var value: Int64
  }

  /// BITFIELD key [GET|SET|INCRBY|OVERFLOW …].
  static func bitfield(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try run(&space, arguments, readOnly: false)
  }

  /// BITFIELD_RO key [GET …].
  static func bitfieldReadOnly(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try run(&space, arguments, readOnly: true)
  }

  private static func run(
    _ space: inout Keyspace, _ arguments: Arguments, readOnly: Bool
  ) throws(CommandError) {
    let steps = try parse(arguments, readOnly)
    let handle = try space.find(arguments[1], .string)
    let old = handle.map { space.text(of: $0) } ?? Bytes(start: nil, count: 0)
    let highest = steps.filter { $0.action != .get }
      .map { ($0.offset + $0.width - 1) >> 3 + 1 }.max()
    var bytes: Bytes = old
    var target: UnsafeMutableRawBufferPointer?
    if let highest {
      let text = space.mutableText(arguments[1], handle, count: max(old.count, highest))
      target = text
      bytes = Bytes(text)
    }
    space.reply.array(steps.count)
    for step in steps {
      let now = read(bytes, step)
      guard step.action != .get, let target else {
        space.reply.integer(now)
        continue
      }
      guard let (value, answer) = result(step, now) else {
        space.reply.null()
        continue
      }
      write(value, to: target, step)
      space.reply.integer(answer)
    }
  }

  private static func parse(
    _ arguments: Arguments, _ readOnly: Bool
  ) throws(CommandError) -> [Step] {
    var (steps, overflow, index) = ([Step](), Overflow.wrap, 2)
    while index < arguments.count {
      if arguments.isWord(index, "OVERFLOW"), index + 1 < arguments.count {
        guard let kind = Self.overflow(arguments[index + 1]) else {
          throw .message("ERR Invalid OVERFLOW type specified")
        }
        overflow = kind
        index += 2
        continue
      }
      let action: Action
      if arguments.isWord(index, "GET") {
        action = .get
      } else if arguments.isWord(index, "SET") {
        action = .set
      } else if arguments.isWord(index, "INCRBY") {
        action = .increment
      } else {
        throw .syntax
      }
      guard index + (action == .get ? 2 : 3) < arguments.count else { throw .syntax }
      let (isSigned, width) = try type(arguments[index + 1])
      let offset = try offset(arguments[index + 2], width)
      let value = action == .get ? 0 : try arguments.integer(index + 3)
      if readOnly, action != .get {
        throw .message("ERR BITFIELD_RO only supports the GET subcommand")
      }
      steps.append(
        Step(
          action: action, overflow: overflow, isSigned: isSigned, width: width, offset: offset,
          value: value))
      index += action == .get ? 3 : 4
    }
    return steps
  }

  private static func overflow(_ word: Bytes) -> Overflow? {
    word.isWord("WRAP") ? .wrap : word.isWord("SAT") ? .saturate : word.isWord("FAIL") ? .fail : nil
  }

  private static func type(_ text: Bytes) throws(CommandError) -> (isSigned: Bool, width: Int) {
    let error = CommandError.text(
      "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but "
        + "i64 is.")
    guard let first = text.first, first == UInt8(ascii: "i") || first == UInt8(ascii: "u"),
      let width = IntegerText.canonical(text.part(1..<text.count))
    else { throw error }
    let isSigned = first == UInt8(ascii: "i")
    guard width >= 1, width <= (isSigned ? 64 : 63) else { throw error }
    return (isSigned, Int(width))
  }

  private static func offset(_ text: Bytes, _ width: Int) throws(CommandError) -> Int {
    guard text.first == UInt8(ascii: "#") else { return try BitCommands.bitOffset(text) }
    return try BitCommands.bitOffset(text.part(1..<text.count), times: width)
  }

  /// The integer that is there; what lies behind the end is zero.
  private static func read(_ bytes: Bytes, _ step: Step) -> Int64 {
    var value: UInt64 = 0
    for bit in step.offset..<(step.offset + step.width) {
      let byte = bit >> 3 < bytes.count ? bytes[bit >> 3] : 0
      value = value << 1 | UInt64(byte >> UInt8(7 - bit & 7) & 1)
    }
    if step.isSigned {
      let unused = UInt64(64 - step.width)
      return Int64(bitPattern: value << unused) >> Int64(unused)
    }
    return Int64(bitPattern: value)
  }

  private static func write(
    _ value: Int64, to bytes: UnsafeMutableRawBufferPointer, _ step: Step
  ) {
    for index in 0..<step.width {
      let bit = step.offset + index
      let mask = UInt8(0x80) >> UInt8(bit & 7)
      let isSet = UInt64(bitPattern: value) >> UInt64(step.width - 1 - index) & 1 == 1
      bytes[bit >> 3] = isSet ? bytes[bit >> 3] | mask : bytes[bit >> 3] & ~mask
    }
  }

  /// What is stored and what is answered; `nil` where it does not fit and should fail.
  private static func result(_ step: Step, _ now: Int64) -> (stored: Int64, answer: Int64)? {
    let isSet = step.action == .set
    let (low, high) = bounds(step)
    // A sum of two 64-bit integers fits 128 bits; so does an unsigned value given as negative.
    let base = Int128(now)
    let given = isSet && !step.isSigned ? setValue(step) : Int128(step.value)
    let exact = isSet ? given : base + given
    var value = exact
    if exact < low || exact > high {
      switch step.overflow {
      case .fail: return nil
      case .saturate: value = exact < low ? low : high
      case .wrap: value = wrapped(exact, step)
      }
    }
    let stored = Int64(truncatingIfNeeded: value)
    return (stored, isSet ? now : stored)
  }

  /// SET takes a negative number for an unsigned field as the large one of the same bits.
  private static func setValue(_ step: Step) -> Int128 {
    Int128(UInt64(bitPattern: step.value))
  }

  private static func bounds(_ step: Step) -> (Int128, Int128) {
    let span = Int128(1) << Int128(step.isSigned ? step.width - 1 : step.width)
    return (step.isSigned ? -span : 0, span - 1)
  }

  private static func wrapped(_ value: Int128, _ step: Step) -> Int128 {
    let unused = UInt64(64 - step.width)
    let bits = UInt64(truncatingIfNeeded: value) << unused
    return step.isSigned ? Int128(Int64(bitPattern: bits) >> Int64(unused)) : Int128(bits >> unused)
  }
}
