import CLua
import RedisModel

/// What differs between servers in scripts.
///
/// Source: the same eighty scripts run by eleven servers (`lua-probes.json` of the fact sheet).
struct ScriptDialect {
  /// Errors of redis.call, each with the code in front that it has.
  struct Texts {
    var unknownCommand: StaticString
    var wrongArgumentCount: StaticString
    var notAllowed: StaticString
    var noArguments: StaticString
    var badArguments: StaticString
  }

  /// The server.
  let version: ServerVersion
  /// Errors are tables with a code, `pcall` makes texts of them, and there are functions.
  let hasFunctions: Bool
  /// Tables of the server cannot be changed.
  let hasFixedTables: Bool
  /// Errors end in a blank.
  let endsErrorsInBlank: Bool
  /// A script is replicated as it stands, so that it must do the same everywhere: answers of sets
  /// are sorted, and nothing is written behind a random command.
  let replicatesScripts: Bool
  /// A script can ask to have its commands replicated instead.
  let hasReplicateCommands: Bool
  /// SELECT in a script ends with it.
  let selectsLocally: Bool
  /// Valkey as a product of its own, not the first copy of Redis 7.2.
  let isValkey8: Bool
  /// From Valkey 9 on engines of scripts are modules, and messages differ.
  let isValkey9: Bool
  /// Errors of redis.call.
  let texts: Texts

  /// - Parameter version: the server.
  init(_ version: ServerVersion) {
    self.version = version
    func since(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
      version.product == .valkey || version.isAtLeast(.redis, major, minor, patch)
    }
    hasFunctions = since(7, 0)
    hasFixedTables = since(6, 2, 7)
    endsErrorsInBlank = !since(6, 2)
    replicatesScripts = !since(5, 0)
    hasReplicateCommands = since(3, 2)
    selectsLocally = since(2, 8, 12)
    isValkey8 = version.isAtLeast(.valkey, 8, 0)
    isValkey9 = version.isAtLeast(.valkey, 9, 0)
    texts = Self.texts(hasFunctions: hasFunctions, isValkey8: isValkey8, isValkey9: isValkey9)
  }

  private static func texts(hasFunctions: Bool, isValkey8: Bool, isValkey9: Bool) -> Texts {
    if isValkey8 {
      return Texts(
        unknownCommand: "ERR Unknown command called from script",
        wrongArgumentCount: "ERR Wrong number of args calling command from script",
        notAllowed: isValkey9
          ? "ERR This Valkey command is not allowed from script"
          : "ERR This Redis command is not allowed from script",
        noArguments: "Please specify at least one argument for this call",
        badArguments: "Command arguments must be strings or integers")
    }
    if hasFunctions {
      return Texts(
        unknownCommand: "ERR Unknown Redis command called from script",
        wrongArgumentCount: "ERR Wrong number of args calling Redis command from script",
        notAllowed: "ERR This Redis command is not allowed from script",
        noArguments: "Please specify at least one argument for this redis lib call",
        badArguments: "Lua redis lib command arguments must be strings or integers")
    }
    return Texts(
      unknownCommand: "Unknown Redis command called from Lua script",
      wrongArgumentCount: "Wrong number of args calling Redis command From Lua script",
      notAllowed: "This Redis command is not allowed from scripts",
      noArguments: "Please specify at least one argument for redis.call()",
      badArguments: "Lua redis() command arguments must be strings or integers")
  }

  /// The error for a write behind a random command.
  var randomWrite: StaticString {
    hasReplicateCommands
      ? """
      Write commands not allowed after non deterministic commands. Call \
      redis.replicate_commands() at the start of your script in order to switch to single \
      commands replication mode.
      """ : "Write commands not allowed after non deterministic commands"
  }

  /// The version that a script reads as REDIS_VERSION: Valkey goes on saying what it came from.
  private var redisVersion: ServerVersion {
    version.product == .redis ? version : ServerVersion(.redis, 7, 2, 4)
  }

  private static func number(_ version: ServerVersion) -> Int32 {
    Int32(truncatingIfNeeded: version.major << 16 | version.minor << 8 | version.patch)
  }

  /// getfenv, setfenv and newproxy, which went with the corrections of October 2025; those are in
  /// Debian's 7.0.15.
  private var hasEnvironments: Bool {
    if version.product == .valkey { return !isValkey8 }
    let last = [(6, 2, 19), (7, 0, 14), (7, 2, 10), (7, 4, 5), (8, 0, 3), (8, 2, 1)]
    let line = last.first { ($0.0, $0.1) == (version.major, version.minor) }
    if let line { return version.patch <= line.2 }
    return (version.major, version.minor) < (8, 0)
  }

  /// Calls `body` with what an interpreter is told of the server.
  ///
  /// - Parameter random: the state of math.random, which outlives the interpreter.
  func withConfiguration<R>(
    isForFunctions: Bool, _ limits: ScriptLimits, random: UnsafeMutablePointer<UInt64>,
    _ body: (borrowing clua_config) -> R
  ) -> R {
    func since(_ major: Int, _ minor: Int) -> Bool {
      version.product == .valkey || version.isAtLeast(.redis, major, minor)
    }
    var config = clua_config()
    config.memory_max = limits.memoryMax
    config.work_max = limits.instructionMax
    config.load_work_max = limits.loadingInstructionMax
    config.time_max_ms = limits.timeMaxMs
    config.random = random
    config.is_for_functions = isForFunctions
    config.has_fixed_tables = hasFixedTables
    config.has_error_tables = hasFunctions
    config.ends_errors_in_blank = endsErrorsInBlank
    config.says_nonexistent = since(4, 0)
    config.omits_script_name = isValkey9
    config.seeds_each_script = !hasFunctions
    config.has_print = !hasFunctions
    config.has_dofile = !since(3, 0)
    config.has_environments = hasEnvironments
    config.has_compare_helper = !hasFixedTables
    config.has_clock = version.product == .valkey ? isValkey8 : since(7, 4)
    config.has_replication = hasReplicateCommands
    config.has_replica_name = since(5, 0)
    config.has_resp3 = since(6, 0)
    config.has_version = hasFunctions
    config.has_array_metatable = version.isAtLeast(.redis, 8, 2)
    config.is_valkey = isValkey8
    config.version_number = Self.number(redisVersion)
    config.valkey_version_number = Self.number(version)
    config.no_arguments = texts.noArguments.cString
    config.bad_arguments = texts.badArguments.cString
    config.sha1 = { start, count, digits in
      let bytes = UnsafeRawBufferPointer(start: start, count: count)
      var index = 0
      for byte in SHA1.hash(bytes).description.utf8 {
        digits?[index] = byte
        index += 1
      }
    }
    return redisVersion.numbers.withCString { redis in
      version.numbers.withCString { own in
        config.version = redis
        config.valkey_version = own
        return body(config)
      }
    }
  }
}

extension StaticString {
  /// The text with the zero byte behind it that each has.
  fileprivate var cString: UnsafePointer<CChar> {
    UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
  }
}

extension ScriptDialect {
  /// The version of the snapshots that the server writes.
  var snapshotVersion: Int {
    let lines = ServerRelease.all.filter { $0.product == version.product }
    let line = lines.last { ($0.major, $0.minor) <= (version.major, version.minor) }
    return line?.rdbVersion ?? 0
  }
}
