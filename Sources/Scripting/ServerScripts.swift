import CLua
import Engine
import RedisModel

/// Scripts and functions of a server: what it was given, and interpreters to run it.
///
/// A run is a function of the data, the script and the state of math.random: there is no clock, and
/// limits count instructions and bytes.
public final class ServerScripts: ScriptHost {
  let dialect: ScriptDialect
  let limits: ScriptLimits
  /// Scripts by their SHA-1.
  var cache: [Digest160: Script] = [:]
  /// Libraries of functions by their names.
  var store = FunctionStore()
  /// Of math.random, as the servers begin.
  let random: UnsafeMutablePointer<UInt64>
  private var scripts: Interpreter?
  private var functions: Interpreter?

  private static let firstRandom: UInt64 = 0x1234_ABCD_330E

  /// No scripts yet.
  ///
  /// - Parameter target: the server.
  public init(_ target: ServerVersion, limits: ScriptLimits = ScriptLimits()) {
    dialect = ScriptDialect(target)
    self.limits = limits
    random = .allocate(capacity: 1)
    random.initialize(to: Self.firstRandom)
  }

  deinit {
    scripts = nil
    functions = nil
    random.deallocate()
  }

  /// How many scripts EVAL and EVALSHA were given: only Redis before 7.0 writes these into files.
  public private(set) var evaluatedCount = 0

  /// The libraries of functions, in the order of their names.
  public var libraries: [FunctionLibrary] { store.sorted }

  /// Loads a library of a snapshot.
  ///
  /// - Parameter code: the whole text.
  /// - Returns: why that cannot be done; `nil` where it was.
  public func load(library code: [UInt8]) -> String? {
    do throws(ScriptError) {
      try add(library: code, replaces: false)
      return nil
    } catch {
      return error.text
    }
  }

  /// Executes EVAL and its kin, SCRIPT, FUNCTION and FCALL.
  public func execute(_ arguments: Arguments, on space: inout Keyspace) {
    let name = String(decoding: arguments[0], as: UTF8.self).uppercased()
    do throws(ScriptError) {
      switch name {
      case "EVAL", "EVAL_RO":
        evaluatedCount += 1
        try evaluate(arguments, isReadOnly: name == "EVAL_RO", on: &space)
      case "EVALSHA", "EVALSHA_RO":
        evaluatedCount += 1
        try evaluateCached(arguments, isReadOnly: name == "EVALSHA_RO", on: &space)
      case "SCRIPT": try manageScripts(arguments, on: &space)
      case "FCALL", "FCALL_RO":
        try callFunction(arguments, isReadOnly: name == "FCALL_RO", on: &space)
      default: try manageFunctions(arguments, on: &space)
      }
    } catch {
      space.reply.error(error.text, since: space.reply.mark)
    }
  }

  // MARK: interpreters

  /// The interpreter of scripts.
  func scriptInterpreter() throws(ScriptError) -> Interpreter {
    if let scripts { return scripts }
    let interpreter = try open(isForFunctions: false)
    scripts = interpreter
    return interpreter
  }

  /// The interpreter of functions.
  func functionInterpreter() throws(ScriptError) -> Interpreter {
    if let functions { return functions }
    let interpreter = try open(isForFunctions: true)
    functions = interpreter
    return interpreter
  }

  private func open(isForFunctions: Bool) throws(ScriptError) -> Interpreter {
    let interpreter = Interpreter(
      dialect, isForFunctions: isForFunctions, limits, random: random)
    guard let interpreter else { throw ScriptError("ERR no memory for an interpreter") }
    return interpreter
  }

  /// Forgets all scripts, and what they left in their interpreter.
  func removeScripts() {
    cache = [:]
    scripts = nil
  }

  /// Forgets all functions.
  func removeFunctions() {
    store = FunctionStore()
    functions = nil
  }

  // MARK: running

  /// What is not done of a script that comes to a limit: a server might have gone on.
  static let limitedScript = "script beyond the limits"

  /// The keys and the other arguments behind a count of keys.
  struct Parameters {
    var keys: [clua_bytes] = []
    var arguments: [clua_bytes] = []

    /// - Parameters:
    ///   - given: the command; the count of keys is at 2.
    ///   - invalid: the error for a count that is no number.
    init(_ given: Arguments, invalid: String) throws(ScriptError) {
      guard let count = Int(String(decoding: given[2], as: UTF8.self)) else {
        throw ScriptError(invalid)
      }
      guard count <= given.count - 3 else {
        throw ScriptError("ERR Number of keys can't be greater than number of args")
      }
      guard count >= 0 else { throw ScriptError("ERR Number of keys can't be negative") }
      for index in 3..<given.count {
        let bytes = clua_bytes(given[index])
        if index < 3 + count { keys.append(bytes) } else { arguments.append(bytes) }
      }
    }
  }

  /// Runs a script or a function; its answer goes behind what `space.reply` has.
  func run(
    _ script: Int32, in interpreter: Interpreter, _ parameters: Parameters, name: Bytes,
    isReadOnly: Bool, on space: inout Keyspace
  ) {
    // Commands of the script are answered to the script.
    var outer = ReplyBuffer()
    swap(&outer, &space.reply)
    let selected = space.selected
    var unsupported: String?
    // So many writes stay of a script that did not come to its end.
    var stoppedWriteCount = 0
    withUnsafeMutablePointer(to: &space) { place in
      let call = ScriptCall(place, dialect, isReadOnly: isReadOnly)
      interpreter.run(
        script, call, keys: parameters.keys, arguments: parameters.arguments, name: name
      ) { parts in
        place.pointee.reply = ReplyBuffer()
        swap(&outer, &place.pointee.reply)
        if dialect.selectsLocally { place.pointee.select(selected) }
        ScriptAnswer.append(parts, to: &place.pointee)
        if ScriptAnswer.isError(parts) { stoppedWriteCount = call.writeCount }
      }
      unsupported = call.unsupported
    }
    if interpreter.wasLimited {
      space.note(unsupported: Self.limitedScript)
    } else if let unsupported {
      space.note(unsupported: unsupported)
    } else if stoppedWriteCount > 0 {
      space.noteStoppedScript(writeCount: stoppedWriteCount)
    }
  }
}
