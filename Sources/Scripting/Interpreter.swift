import CLua

/// Bytes that lie elsewhere.
typealias Bytes = UnsafeRawBufferPointer

extension Bytes {
  /// Whether these are the letters of `word`, in either case.
  ///
  /// - Parameter word: in upper case.
  func isWord(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for index in 0..<count {
      let byte = self[index]
      if (byte &- 0x61 < 26 ? byte &- 32 : byte) != word.utf8Start[index] { return false }
    }
    return true
  }
}

extension clua_bytes {
  /// Lends bytes to the interpreter.
  init(_ bytes: Bytes) {
    self.init(
      start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
  }

  /// The bytes, valid as long as where they lie is.
  var bytes: Bytes { Bytes(start: start, count: start == nil ? 0 : count) }
}

/// An interpreter of Lua with the libraries of a server, for scripts or for functions.
final class Interpreter {
  private let state: OpaquePointer

  /// An interpreter with the dialect's globals; `nil` where there is no memory for it.
  ///
  /// - Parameter random: the state of math.random, which outlives it.
  init?(
    _ dialect: ScriptDialect, isForFunctions: Bool, _ limits: ScriptLimits,
    random: UnsafeMutablePointer<UInt64>
  ) {
    let opened = dialect.withConfiguration(
      isForFunctions: isForFunctions, limits, random: random
    ) { config in withUnsafePointer(to: config) { clua_open($0) } }
    guard let opened else { return nil }
    state = opened
  }

  deinit { clua_close(state) }

  /// Compiles a script.
  ///
  /// - Parameter name: the 40 digits of its SHA-1.
  /// - Returns: what `run` takes; `nil` where it is none, as `message` says.
  func compile(_ code: Bytes, name: Bytes) -> Int32? {
    let script = clua_compile(state, clua_bytes(code), clua_bytes(name))
    return script < 0 ? nil : script
  }

  /// Runs a script or a function and calls `body` with the parts of its answer.
  func run<R>(
    _ script: Int32, _ call: ScriptCall, keys: [clua_bytes], arguments: [clua_bytes],
    name: Bytes, _ body: (Bytes) -> R
  ) -> R {
    keys.withUnsafeBufferPointer { keys in
      arguments.withUnsafeBufferPointer { arguments in
        var run = clua_run()
        run.context = Unmanaged.passUnretained(call).toOpaque()
        run.call = ScriptCall.execute
        run.knows = ScriptCall.knows
        run.replicates = ScriptCall.replicates
        run.keys = keys.baseAddress
        run.key_count = keys.count
        run.arguments = arguments.baseAddress
        run.argument_count = arguments.count
        run.name = clua_bytes(name)
        clua_run_script(state, script, &run)
      }
    }
    return body(clua_parts(state).bytes)
  }

  /// Runs the body of a library.
  ///
  /// - Returns: the functions that it registered; `nil` where it failed, as `message` says.
  func load(_ code: Bytes) -> [LibraryFunction]? {
    let isLoaded = clua_load_library(state, clua_bytes(code))
    var count = 0
    let found = UnsafeBufferPointer(
      start: clua_registrations(state, &count), count: count)
    guard isLoaded else {
      for registration in found { release(registration.callback) }
      return nil
    }
    return found.map { registration in
      LibraryFunction(
        name: Array(registration.name.bytes),
        description: registration.description.start == nil
          ? nil : Array(registration.description.bytes),
        flags: ScriptFlags(rawValue: registration.flags), callback: registration.callback)
    }
  }

  /// Forgets a script or a function.
  func release(_ script: Int32) { clua_release(state, script) }

  /// Whether the last run, or library, came to a limit that servers do not have.
  var wasLimited: Bool { clua_was_limited(state) }

  /// Sets what the next runs may use.
  func limit(_ limits: ScriptLimits) {
    clua_set_limits(
      state, limits.instructionMax, limits.loadingInstructionMax, limits.timeMaxMs)
  }

  /// Why the last script was not compiled, or the last library not loaded.
  var message: String { String(decoding: clua_text(state).bytes, as: UTF8.self) }
}
