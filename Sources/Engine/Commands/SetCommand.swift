/// SET and its kin: a string with options and an expiry.
enum SetCommand {
  /// The options of SET, GETEX, MSETEX.
  private struct Options {
    var expiry: Int64?
    var expiryIndex: Int?
    var expiryUnit: Unit = .seconds
    var keepsExpiry = false
    var persists = false
    var onlyNew = false
    var onlyOld = false
    var gets = false
    var equals: (value: Bytes, wanted: Bool)?
  }

  /// How a moment is stated.
  enum Unit {
    case seconds, milliseconds, unixSeconds, unixMilliseconds

    /// The unit that a word names.
    init?(_ word: Bytes) {
      if word.isWord("EX") {
        self = .seconds
      } else if word.isWord("PX") {
        self = .milliseconds
      } else if word.isWord("EXAT") {
        self = .unixSeconds
      } else if word.isWord("PXAT") {
        self = .unixMilliseconds
      } else {
        return nil
      }
    }
  }

  /// The moment in Unix milliseconds that a positive number of a unit says.
  ///
  /// - Throws: where it is no integer, not positive, or too large.
  static func moment(
    _ text: Bytes, _ unit: Unit, command: Bytes, _ space: borrowing Keyspace
  ) throws(CommandError) -> Int64 {
    guard var value = IntegerText.canonical(text) else { throw .notInteger }
    let invalid = space.invalidExpiry(command)
    let isSeconds = unit == .seconds || unit == .unixSeconds
    guard value > 0, !isSeconds || value <= .max / 1000 else { throw invalid }
    if isSeconds { value *= 1000 }
    if unit == .seconds || unit == .milliseconds {
      let (sum, overflow) = value.addingReportingOverflow(space.nowMs)
      if overflow { throw invalid }
      value = sum
    }
    return value
  }

  /// SET key value [NX|XX] [GET] [EX|PX|EXAT|PXAT moment|KEEPTTL] [IFEQ|IFNE value].
  static func set(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let key = arguments[1]
    if arguments.count == 3 {
      space.putString(key, space.find(key), arguments[2], expiry: nil)
      return space.reply.ok()
    }
    var options = Options()
    var index = 3
    while index < arguments.count {
      index = try readSetOption(arguments, index, &options, space)
    }
    if options.onlyNew && options.onlyOld || options.keepsExpiry && options.expiryIndex != nil
      || options.gets && options.onlyNew && space.dialect.age < .since70
    {
      throw .syntax
    }
    try readExpiry(arguments, &options, space)
    try set(&space, arguments, options)
  }

  private static func set(
    _ space: inout Keyspace, _ arguments: Arguments, _ options: Options
  ) throws(CommandError) {
    let key = arguments[1]
    let handle = space.find(key)
    if options.gets || options.equals != nil, let handle, handle.form.type != .string {
      throw .wrongType
    }
    var refused = handle == nil ? options.onlyOld : options.onlyNew
    if let equals = options.equals {
      // An absent key equals nothing: IFEQ fails, IFNE holds.
      let isEqual = handle.map { space.text(of: $0).equals(equals.value) } ?? false
      refused = refused || isEqual != equals.wanted
    }
    if options.gets {
      if let handle { space.reply.bulk(space.text(of: handle)) } else { space.reply.null() }
    } else if refused {
      space.reply.null()
    } else {
      space.reply.ok()
    }
    if refused { return }
    let expiry = options.keepsExpiry ? handle.flatMap { $0.expiry } : options.expiry
    space.putString(key, handle, arguments[2], expiry: expiry)
  }

  /// Takes the option at `index` in.
  ///
  /// - Returns: where the next one is.
  private static func readSetOption(
    _ arguments: Arguments, _ index: Int, _ options: inout Options, _ space: borrowing Keyspace
  ) throws(CommandError) -> Int {
    let (word, age) = (arguments[index], space.dialect.age)
    if word.isWord("NX") {
      options.onlyNew = true
    } else if word.isWord("XX") {
      options.onlyOld = true
    } else if age >= .since60, word.isWord("KEEPTTL") {
      options.keepsExpiry = true
    } else if age >= .since62, word.isWord("GET") {
      options.gets = true
    } else if let unit = Unit(word), index + 1 < arguments.count, options.expiryIndex == nil,
      age >= .since62 || unit == .seconds || unit == .milliseconds
    {
      options.expiryIndex = index + 1
      options.expiryUnit = unit
      return index + 2
    } else if index + 1 < arguments.count, options.equals == nil,
      age >= .since84 || space.dialect.valkey >= 81, word.isWord("IFEQ")
    {
      options.equals = (arguments[index + 1], true)
      return index + 2
    } else if index + 1 < arguments.count, options.equals == nil, age >= .since84,
      word.isWord("IFNE")
    {
      options.equals = (arguments[index + 1], false)
      return index + 2
    } else {
      throw .syntax
    }
    return index + 1
  }

  private static func readExpiry(
    _ arguments: Arguments, _ options: inout Options, _ space: borrowing Keyspace
  ) throws(CommandError) {
    guard let index = options.expiryIndex else { return }
    options.expiry = try moment(
      arguments[index], options.expiryUnit, command: arguments[0], space)
  }

  /// SETEX key seconds value.
  static func setex(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try set(&space, arguments, unit: .seconds)
  }

  /// PSETEX key milliseconds value.
  static func psetex(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    try set(&space, arguments, unit: .milliseconds)
  }

  private static func set(
    _ space: inout Keyspace, _ arguments: Arguments, unit: Unit
  ) throws(CommandError) {
    let expiry = try moment(arguments[2], unit, command: arguments[0], space)
    space.putString(arguments[1], space.find(arguments[1]), arguments[3], expiry: expiry)
    space.reply.ok()
  }

  /// GETEX key [EX|PX|EXAT|PXAT moment|PERSIST].
  static func getex(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var options = Options()
    var index = 2
    while index < arguments.count {
      let word = arguments[index]
      guard options.expiryIndex == nil, !options.persists else { throw .syntax }
      if word.isWord("PERSIST") {
        options.persists = true
      } else if let unit = Unit(word), index + 1 < arguments.count {
        index += 1
        options.expiryIndex = index
        options.expiryUnit = unit
      } else {
        throw .syntax
      }
      index += 1
    }
    guard let handle = try space.find(arguments[1], .string) else { return space.reply.null() }
    try readExpiry(arguments, &options, space)
    space.reply.bulk(space.text(of: handle))
    if let expiry = options.expiry {
      if !space.isLoading, expiry <= space.nowMs { return space.delete(handle) }
      space.setExpiry(expiry, of: handle)
    } else if options.persists {
      space.setExpiry(nil, of: handle)
    }
  }

  /// MSETEX count key value … [NX|XX] [EX|PX|EXAT|PXAT moment|KEEPTTL].
  static func msetex(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let count = try arguments.integer(1, or: .message("ERR invalid numkeys value"))
    guard count > 0, count <= Int64(Int32.max) else {
      throw .message("ERR invalid numkeys value")
    }
    let end = 2 + 2 * Int(count)
    guard end <= arguments.count else {
      throw .message("ERR wrong number of key-value pairs")
    }
    var options = Options()
    var index = end
    while index < arguments.count {
      index = try readSetOption(arguments, index, &options, space)
    }
    if options.onlyNew && options.onlyOld || options.keepsExpiry && options.expiryIndex != nil
      || options.gets || options.equals != nil
    {
      throw .syntax
    }
    try readExpiry(arguments, &options, space)
    for index in stride(from: 2, to: end, by: 2) {
      let isThere = space.find(arguments[index]) != nil
      if isThere ? options.onlyNew : options.onlyOld { return space.reply.integer(0) }
    }
    for index in stride(from: 2, to: end, by: 2) {
      let handle = space.find(arguments[index])
      let expiry = options.keepsExpiry ? handle.flatMap { $0.expiry } : options.expiry
      space.putString(arguments[index], handle, arguments[index + 1], expiry: expiry)
    }
    space.reply.integer(1)
  }
}
