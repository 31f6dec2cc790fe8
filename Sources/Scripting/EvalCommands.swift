import Engine
import RedisModel

/// A script that was compiled.
struct Script {
  /// What the interpreter knows it by.
  var number: Int32
  /// What it says of itself.
  var flags: ScriptFlags
  /// It says something of itself at all.
  var hasShebang: Bool
}

/// EVAL, EVALSHA, SCRIPT.
extension ServerScripts {
  /// EVAL and EVAL_RO.
  func evaluate(
    _ arguments: Arguments, isReadOnly: Bool, on space: inout Keyspace
  ) throws(ScriptError) {
    let parameters = try evalParameters(arguments)
    let digest = SHA1.hash(arguments[1])
    let script = try script(arguments[1], digest)
    try run(script, digest, parameters, isReadOnly: isReadOnly, on: &space)
  }

  /// EVALSHA and EVALSHA_RO.
  func evaluateCached(
    _ arguments: Arguments, isReadOnly: Bool, on space: inout Keyspace
  ) throws(ScriptError) {
    let parameters = try evalParameters(arguments)
    guard let digest = Self.digest(arguments[1]), let script = cache[digest] else {
      throw ScriptError("NOSCRIPT No matching script. Please use EVAL.")
    }
    try run(script, digest, parameters, isReadOnly: isReadOnly, on: &space)
  }

  private func evalParameters(_ arguments: Arguments) throws(ScriptError) -> Parameters {
    try Parameters(arguments, invalid: "ERR value is not an integer or out of range")
  }

  private static func digest(_ text: Bytes) -> Digest160? {
    Digest160(String(decoding: text, as: UTF8.self).lowercased())
  }

  private func run(
    _ script: Script, _ digest: Digest160, _ parameters: Parameters, isReadOnly: Bool,
    on space: inout Keyspace
  ) throws(ScriptError) {
    if isReadOnly, script.hasShebang, !script.flags.contains(.noWrites) {
      throw ScriptError("ERR Can not execute a script with write flag using *_ro command.")
    }
    let interpreter = try scriptInterpreter()
    var name = digest.description
    name.withUTF8 {
      run(
        script.number, in: interpreter, parameters, name: Bytes($0),
        isReadOnly: isReadOnly || script.flags.contains(.noWrites), on: &space)
    }
  }

  /// The script of a text, compiled once and kept.
  private func script(_ code: Bytes, _ digest: Digest160) throws(ScriptError) -> Script {
    if let known = cache[digest] { return known }
    let shebang = try Shebang(code, dialect)
    let interpreter = try scriptInterpreter()
    var name = digest.description
    let number = name.withUTF8 {
      interpreter.compile(Bytes(rebasing: code[shebang.codeStart...]), name: Bytes($0))
    }
    guard let number else {
      noteFailure(of: interpreter)
      throw ScriptError(
        "ERR Error compiling script (new function): \(interpreter.message)"
          + (dialect.endsErrorsInBlank ? " " : ""))
    }
    let script = Script(number: number, flags: shebang.flags, hasShebang: shebang.isThere)
    cache[digest] = script
    return script
  }

  // MARK: SCRIPT

  /// SCRIPT.
  func manageScripts(
    _ arguments: Arguments, on space: inout Keyspace
  ) throws(ScriptError) {
    let subcommand = String(decoding: arguments[1], as: UTF8.self)
    switch (subcommand.uppercased(), arguments.count) {
    case ("LOAD", 3):
      let digest = SHA1.hash(arguments[2])
      _ = try script(arguments[2], digest)
      var name = digest.description
      name.withUTF8 { space.reply.bulk(Bytes($0)) }
    case ("EXISTS", 3...):
      space.reply.array(arguments.count - 2)
      for index in 2..<arguments.count {
        space.reply.integer(Self.digest(arguments[index]).flatMap { cache[$0] } == nil ? 0 : 1)
      }
    case ("FLUSH", 2...):
      try Self.checkFlush(
        arguments, "ERR SCRIPT FLUSH only support SYNC|ASYNC option")
      removeScripts()
      space.reply.ok()
    case ("KILL", 2): throw ScriptError("NOTBUSY No scripts in execution right now.")
    case ("DEBUG", 3):
      switch String(decoding: arguments[2], as: UTF8.self).uppercased() {
      case "NO", "YES", "SYNC": space.reply.ok()
      default: throw ScriptError("ERR Use SCRIPT DEBUG YES/SYNC/NO")
      }
    default:
      throw ScriptError(
        "ERR Unknown subcommand or wrong number of arguments for '\(subcommand)'. "
          + "Try SCRIPT HELP.")
    }
  }

  /// Checks the option of a flush: none, SYNC or ASYNC.
  static func checkFlush(_ arguments: Arguments, _ text: String) throws(ScriptError) {
    if arguments.count == 2 { return }
    let option = String(decoding: arguments[2], as: UTF8.self).uppercased()
    guard arguments.count == 3, option == "SYNC" || option == "ASYNC" else {
      throw ScriptError(text)
    }
  }
}
