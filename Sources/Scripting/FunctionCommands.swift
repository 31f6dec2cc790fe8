import Engine
import RedisModel

/// FUNCTION and FCALL.
extension ServerScripts {
  /// FCALL and FCALL_RO.
  func callFunction(
    _ arguments: Arguments, isReadOnly: Bool, on space: inout Keyspace
  ) throws(ScriptError) {
    guard let function = store.function(arguments[1]) else {
      throw ScriptError("ERR Function not found")
    }
    let parameters = try Parameters(arguments, invalid: "ERR Bad number of keys provided")
    let isHarmless = function.flags.contains(.noWrites)
    if isReadOnly, !isHarmless {
      throw ScriptError("ERR Can not execute a script with write flag using *_ro command.")
    }
    let interpreter = try functionInterpreter()
    function.name.withUnsafeBytes {
      run(
        function.callback, in: interpreter, parameters, name: $0, isReadOnly: isHarmless,
        on: &space)
    }
  }

  /// FUNCTION.
  func manageFunctions(
    _ arguments: Arguments, on space: inout Keyspace
  ) throws(ScriptError) {
    let subcommand = String(decoding: arguments[1], as: UTF8.self)
    switch (subcommand.uppercased(), arguments.count) {
    case ("LOAD", 3...): try load(arguments, on: &space)
    case ("DELETE", 3): try delete(Array(arguments[2]), on: &space)
    case ("FLUSH", 2...3):
      try Self.checkFlush(arguments, "ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
      removeFunctions()
      space.reply.ok()
    case ("LIST", 2...): try list(arguments, on: &space)
    case ("DUMP", 2):
      let payload = FunctionPayload.write(
        store.sorted.map(\.code), version: dialect.snapshotVersion)
      payload.withUnsafeBytes { space.reply.bulk($0) }
    case ("RESTORE", 3...4): try restore(arguments, on: &space)
    case ("STATS", 2): answerStatistics(on: &space)
    case ("KILL", 2): throw ScriptError("NOTBUSY No scripts in execution right now.")
    default:
      throw ScriptError(
        "ERR unknown subcommand or wrong number of arguments for '\(subcommand)'. "
          + "Try FUNCTION HELP.")
    }
  }

  // MARK: loading

  private func load(_ arguments: Arguments, on space: inout Keyspace) throws(ScriptError) {
    var replaces = false
    for index in 2..<(arguments.count - 1) {
      let option = String(decoding: arguments[index], as: UTF8.self)
      guard option.uppercased() == "REPLACE" else {
        throw ScriptError("ERR Unknown option given: \(option)")
      }
      replaces = true
    }
    let name = try add(library: Array(arguments[arguments.count - 1]), replaces: replaces)
    name.withUnsafeBytes { space.reply.bulk($0) }
  }

  /// Loads a library, as FUNCTION LOAD and snapshots do.
  ///
  /// - Parameter code: the whole text.
  /// - Returns: its name.
  /// - Throws: what the server answers; nothing has then changed.
  @discardableResult
  func add(library code: [UInt8], replaces: Bool) throws(ScriptError) -> [UInt8] {
    let head = try LibraryHead(code, dialect)
    if !replaces, store.libraries[head.name] != nil {
      throw ScriptError("ERR Library '\(Self.text(head.name))' already exists")
    }
    let interpreter = try functionInterpreter()
    let body = code[head.codeStart...]
    guard let functions = body.withUnsafeBytes({ interpreter.load($0) }) else {
      noteFailure(of: interpreter)
      throw ScriptError("ERR \(interpreter.message)")
    }
    do throws(ScriptError) {
      guard !functions.isEmpty else { throw ScriptError("ERR No functions registered") }
      for function in functions {
        if let owner = store.owner(of: function.name), owner != head.name {
          throw ScriptError("ERR Function \(Self.text(function.name)) already exists")
        }
      }
    } catch {
      for function in functions { interpreter.release(function.callback) }
      throw error
    }
    try remove(head.name)
    store.add(FunctionLibrary(name: head.name, code: code, functions: functions))
    return head.name
  }

  private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

  /// Takes a library out.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  private func remove(_ name: [UInt8]) throws(ScriptError) -> Bool {
    guard let library = store.remove(name) else { return false }
    let interpreter = try functionInterpreter()
    for function in library.functions { interpreter.release(function.callback) }
    return true
  }

  private func delete(_ name: [UInt8], on space: inout Keyspace) throws(ScriptError) {
    guard try remove(name) else { throw ScriptError("ERR Library not found") }
    space.reply.ok()
  }

  // MARK: restoring

  private enum Policy { case append, replace, flush }

  private func restore(_ arguments: Arguments, on space: inout Keyspace) throws(ScriptError) {
    var policy = Policy.append
    if arguments.count > 3 {
      switch String(decoding: arguments[3], as: UTF8.self).uppercased() {
      case "APPEND": policy = .append
      case "REPLACE": policy = .replace
      case "FLUSH": policy = .flush
      default:
        throw ScriptError(
          "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
      }
    }
    guard let codes = FunctionPayload.read(arguments[2], versionMax: dialect.snapshotVersion)
    else {
      throw ScriptError("ERR DUMP payload version or checksum are wrong")
    }
    // All of them, or none: what is there comes back where one of them fails.
    let before = store.sorted.map(\.code)
    if policy == .flush { removeFunctions() }
    do throws(ScriptError) {
      for code in codes {
        let head = try LibraryHead(code, dialect)
        if policy != .replace, store.libraries[head.name] != nil {
          throw ScriptError("ERR Library \(Self.text(head.name)) already exists")
        }
        try add(library: code, replaces: true)
      }
    } catch {
      removeFunctions()
      for code in before { _ = try? add(library: code, replaces: true) }
      throw error
    }
    space.reply.ok()
  }

  // MARK: questions

  private func list(_ arguments: Arguments, on space: inout Keyspace) throws(ScriptError) {
    var (withCode, pattern, index) = (false, GlobPattern?.none, 2)
    while index < arguments.count {
      let option = String(decoding: arguments[index], as: UTF8.self)
      switch option.uppercased() {
      case "WITHCODE" where !withCode: withCode = true
      case "LIBRARYNAME" where pattern == nil:
        index += 1
        guard index < arguments.count else {
          throw ScriptError("ERR library name argument was not given")
        }
        pattern = GlobPattern(FunctionStore.key(arguments[index]))
      default: throw ScriptError("ERR Unknown argument \(option)")
      }
      index += 1
    }
    let found = store.sorted.filter { library in
      guard let pattern else { return true }
      return FunctionStore.key(library.name).withUnsafeBytes { pattern.matches($0) }
    }
    space.reply.array(found.count)
    for library in found { answer(library, withCode: withCode, on: &space) }
  }

  private func answer(
    _ library: FunctionLibrary, withCode: Bool, on space: inout Keyspace
  ) {
    space.reply.array(withCode ? 8 : 6)
    Self.bulk("library_name", on: &space)
    library.name.withUnsafeBytes { space.reply.bulk($0) }
    Self.bulk("engine", on: &space)
    Self.bulk("LUA", on: &space)
    Self.bulk("functions", on: &space)
    space.reply.array(library.functions.count)
    for function in library.functions {
      space.reply.array(6)
      Self.bulk("name", on: &space)
      function.name.withUnsafeBytes { space.reply.bulk($0) }
      Self.bulk("description", on: &space)
      if let description = function.description {
        description.withUnsafeBytes { space.reply.bulk($0) }
      } else {
        space.reply.null()
      }
      Self.bulk("flags", on: &space)
      let flags = function.flagNames
      space.reply.array(flags.count)
      for flag in flags { space.reply.status(text: flag) }
    }
    guard withCode else { return }
    Self.bulk("library_code", on: &space)
    library.code.withUnsafeBytes { space.reply.bulk($0) }
  }

  private func answerStatistics(on space: inout Keyspace) {
    space.reply.array(4)
    Self.bulk("running_script", on: &space)
    space.reply.null()
    Self.bulk("engines", on: &space)
    space.reply.array(2)
    Self.bulk("LUA", on: &space)
    space.reply.array(4)
    Self.bulk("libraries_count", on: &space)
    space.reply.integer(store.libraries.count)
    Self.bulk("functions_count", on: &space)
    space.reply.integer(store.functionCount)
  }

  private static func bulk(_ text: StaticString, on space: inout Keyspace) {
    space.reply.bulk(Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
