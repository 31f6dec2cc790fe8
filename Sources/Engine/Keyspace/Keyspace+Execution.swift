import RedisModel

/// What became of a command.
public enum CommandOutcome: Sendable {
  /// It was executed, or queued for EXEC.
  case done
  /// It was answered by an error: `reply.lastError`.
  case failed
  /// The server has such a command, but it, or a part of it (`unsupportedPart`), cannot be executed
  /// here; of a single command nothing was changed, but for the value of an unknown module, which
  /// RESTORE keeps.
  case unsupported
  /// The server has no such command.
  case unknown
}

extension Keyspace {
  /// Executes a command; `reply` has the answer until the next one.
  @discardableResult
  public mutating func execute(_ arguments: Arguments) -> CommandOutcome {
    reply.removeAll()
    if unsupportedPart != nil { unsupportedPart = nil }
    if stoppedScripts.count > 0 { stoppedScripts = StoppedScripts() }
    guard let index = commands.index(of: arguments[0]) else {
      // A version that was not asked may well know it.
      return commands.isOpenEnded ? .unsupported : refuseUnknown(arguments)
    }
    if !commands[index].takes(argumentCount: arguments.count) {
      return refuse("ERR wrong number of arguments for '\(commandName(arguments[0]))' command")
    }
    if commands[index].isContainer, let outcome = checkSubcommand(arguments) { return outcome }
    guard let handler = handlers[index] else { return .unsupported }
    if transaction.isOpen, !isExecutedAtOnce(arguments[0]) {
      transaction.queue(arguments, handler: index)
      reply.status("QUEUED")
      return .done
    }
    call(handler, arguments)
    if unsupportedPart != nil { return .unsupported }
    return reply.errorCount == 0 ? .done : .failed
  }

  /// Forgets a transaction that was begun and not executed.
  ///
  /// - Returns: whether there was one.
  public mutating func abandonTransaction() -> Bool {
    guard transaction.isOpen else { return false }
    transaction.end()
    return true
  }

  /// Executes a handler; an error takes the place of its answer.
  @inline(__always)
  mutating func call(_ handler: CommandHandler, _ arguments: Arguments) {
    let mark = reply.mark
    do throws(CommandError) {
      try handler(&self, arguments)
    } catch {
      if case .unsupported(let what) = error { unsupportedPart = what }
      reply.error(text(of: error), since: mark)
    }
  }

  @inline(never)
  private func text(of error: CommandError) -> String {
    if case .wrongType = error, dialect.age < .since28 {
      return "ERR Operation against a key holding the wrong kind of value"
    }
    return error.text
  }

  /// Whether a command is executed within a transaction too; a server that loads queues all but
  /// EXEC, or none.
  private func isExecutedAtOnce(_ name: Bytes) -> Bool {
    if name.isWord("EXEC") { return true }
    if isLoading { return !dialect.queuesWhileLoading }
    return name.isWord("DISCARD") || name.isWord("MULTI") || name.isWord("WATCH")
  }

  private mutating func refuse(_ text: String) -> CommandOutcome {
    if transaction.isOpen { transaction.isSpoilt = true }
    reply.error(text)
    return .failed
  }

  private func commandName(_ name: Bytes) -> String {
    name.text.lowercased()
  }

  /// The error for a subcommand that does not exist, or has too few or many arguments.
  private mutating func checkSubcommand(_ arguments: Arguments) -> CommandOutcome? {
    guard arguments.count > 1 else { return nil }
    let (name, word) = (arguments[0], arguments[1])
    guard let index = commands.index(of: name, subcommand: word) else {
      return refuse(
        "ERR unknown subcommand '\(word.part(0..<min(word.count, 128)).text)'. "
          + "Try \(name.text.uppercased()) HELP.")
    }
    guard !commands[index].takes(argumentCount: arguments.count) else { return nil }
    return refuse(
      "ERR wrong number of arguments for "
        + "'\(name.text.lowercased())|\(word.text.lowercased())' command")
  }

  private mutating func refuseUnknown(_ arguments: Arguments) -> CommandOutcome {
    let name = arguments[0].part(0..<min(arguments[0].count, 128)).text
    let (open, close, join) = dialect.quotesSimply ? ("'", "'", " ") : ("`", "`", ", ")
    var text = "ERR unknown command \(open)\(name)\(close)"
    if dialect.namesArguments {
      text += ", with args beginning with: "
      var (words, index) = ("", 1)
      while index < arguments.count, words.utf8.count < 128 {
        let word = arguments[index]
        words += open + word.part(0..<min(word.count, 128 - words.utf8.count)).text + close + join
        index += 1
      }
      text += words
    }
    _ = refuse(text)
    return .unknown
  }
}
