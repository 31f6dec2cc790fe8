import ByteKit
import RedisModel

// What follows from a command for each server, and what is listed.
extension AOFPartCheck {
  /// What follows for the server at `index`.
  mutating func apply(
    _ judgement: CommandJudge.Judgement, to command: AOFCommand, server index: Int
  ) {
    let server = servers[index]
    switch judgement {
    case .unknown(isUnsure: false):
      refuse(index, .exits, at: command.offset, "knows no such command")
    case .unknownSubcommand(isUnsure: false):
      refuse(index, .exits, at: command.offset, "knows no such subcommand")
    case .wrongArity(_, let isTooFew):
      if server.checksArity {
        refuse(index, .exits, at: command.offset, "does not take this number of arguments")
      } else if isTooFew {
        wait(index, command, "reads past the arguments of a command, which mostly crashes it")
      }
    case .subscribes:
      if server.refusesSubscribe, command.transaction == nil { facts.errorCounts[index] += 1 }
    case .fine, .notAWrite, .unknown, .unknownSubcommand: break
    }
  }

  mutating func refuse(
    _ index: Int, _ kind: AOFRefusal.Kind, at offset: Int, _ message: String
  ) {
    guard facts.refusals[index] == nil else { return }
    facts.refusals[index] = AOFRefusal(
      kind: kind, offset: offset, commandsEnd: facts.commandsEnd, message: message)
  }

  /// A crash of the server at `index`: at once, or when the transaction that holds the command back
  /// is executed.
  mutating func wait(_ index: Int, _ command: AOFCommand, _ message: String) {
    guard command.transaction != nil, servers[index].queuesTransactions else {
      return refuse(index, .crashes, at: command.offset, message)
    }
    guard pending[index] == nil else { return }
    pending[index] = AOFRefusal(
      kind: .crashes, offset: command.offset, commandsEnd: facts.commandsEnd, message: message)
  }

  func mask(_ isMember: (AOFServerTraits) -> Bool) -> Int {
    servers.indices.reduce(0) { isMember(servers[$1]) ? $0 | 1 << $1 : $0 }
  }

  func place(of command: AOFCommand) -> AOFRecordPlace {
    AOFRecordPlace(offset: command.offset, line: command.line, command: command.index)
  }

  mutating func add(_ problem: AOFProblem) { facts.problems.append(problem) }

  /// Adds a problem with a command, if it is one of those to list.
  mutating func add(
    _ command: AOFCommand, _ kind: AOFProblem.Kind, isWarning: Bool, _ message: String,
    servers: Int = AOFProblem.allServers
  ) {
    guard problems.takes(kind) else { return }
    list(command, kind, isWarning: isWarning, message, servers: servers)
  }

  mutating func list(
    _ command: AOFCommand, _ kind: AOFProblem.Kind, isWarning: Bool, _ message: String,
    servers: Int
  ) {
    add(
      AOFProblem(
        kind, isWarning: isWarning, in: facts.file, at: command.offset, line: command.line,
        command: command.index, message, servers: servers))
  }

  /// A command that every server answers with an error.
  mutating func fail(_ command: AOFCommand, _ kind: AOFProblem.Kind, _ message: String) {
    for index in servers.indices { facts.errorCounts[index] += 1 }
    add(command, kind, isWarning: false, message)
  }

  mutating func report(
    _ judgement: CommandJudge.Judgement, _ command: AOFCommand, _ mask: Int
  ) {
    let kind: AOFProblem.Kind
    switch judgement {
    case .fine: return
    case .unknown, .unknownSubcommand: kind = .unknownCommand
    case .wrongArity: kind = .arity
    case .notAWrite: kind = .notAWrite
    case .subscribes: kind = .subscribe
    }
    guard problems.takes(kind) else { return }
    let isWarning =
      switch judgement {
      case .unknown(let isUnsure), .unknownSubcommand(let isUnsure): isUnsure
      case .notAWrite: true
      case .subscribes: command.transaction != nil
      case .fine, .wrongArity: false
      }
    list(
      command, kind, isWarning: isWarning, message(judgement, command),
      servers: mask)
  }

  /// What a judgement means, in words.
  private func message(_ judgement: CommandJudge.Judgement, _ command: AOFCommand) -> String {
    let name = PrintableText.line(
      String(decoding: command.name.prefix(CommandName.byteCountMax), as: UTF8.self))
    switch judgement {
    case .fine: return ""
    case .unknown(let isUnsure):
      return isUnsure
        ? "whether the server knows the command \(name) is not known"
        : "unknown command \(name): the server does not start, unless a module has it"
    case .unknownSubcommand(let isUnsure):
      return isUnsure
        ? "whether the server knows this subcommand of \(name) is not known"
        : "unknown subcommand of \(name): the server does not start"
    case .wrongArity(let expected, _):
      let right = expected < 0 ? "\(-expected) or more" : "\(expected)"
      return
        "\(name) with \(command.argumentCount) arguments, its name included, where \(right) are "
        + "expected: the server refuses it, or reads past them"
    case .notAWrite:
      return "\(name) is no command that servers write; loading it changes nothing"
    case .subscribes:
      return "\(name) in the file, which servers answer with an error while they load"
    }
  }
}
