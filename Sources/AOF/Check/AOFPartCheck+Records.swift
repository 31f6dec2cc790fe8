// What each record says.
extension AOFPartCheck {
  mutating func look(at line: AOFAnnotation) {
    if line.isCut {
      facts.cutAnnotation = AOFRecordPlace(offset: line.offset, line: line.line, command: nil)
    }
    for index in servers.indices where !servers[index].knowsAnnotations {
      refuse(
        index, .formatError, at: line.offset, "takes an annotation for a wrong format")
    }
    let mask = mask { !$0.knowsAnnotations }
    guard mask != 0, problems.takes(.annotation) else { return }
    add(
      AOFProblem(
        .annotation, in: facts.file, at: line.offset, line: line.line,
        "an annotation, which the server takes for a wrong format: it does not start",
        servers: mask))
  }

  @inline(never)
  mutating func look(at command: AOFCommand) {
    lookAtForm(of: command)
    lookAtOrder(of: command)
    if command.isArgument(0, "EVAL") || command.isArgument(0, "EVALSHA") {
      facts.holdsScripts = true
    }
    var groups: [(CommandJudge.Judgement, Int)] = []
    var isSuspect = true
    for index in servers.indices {
      let judgement = judge.judge(command, server: index)
      if !judgement.isRefusal { isSuspect = false }
      if judgement == .fine { continue }
      apply(judgement, to: command, server: index)
      if let found = groups.firstIndex(where: { $0.0 == judgement }) {
        groups[found].1 |= 1 << index
      } else {
        groups.append((judgement, 1 << index))
      }
    }
    for (judgement, mask) in groups { report(judgement, command, mask) }
    if isSuspect { suspect(command) }
    if command.isArgument(0, "MULTI") {
      facts.endBeforeMulti = facts.commandsEnd
      isOpenUntilDiscard = true
      if !command.oddities.contains(.nestedMulti) { multi = place(of: command) }
    } else if command.isArgument(0, "DISCARD") {
      isOpenUntilDiscard = false
    } else if command.isArgument(0, "EXEC") {
      isOpenUntilDiscard = false
      for index in servers.indices {
        if facts.refusals[index] == nil { facts.refusals[index] = pending[index] }
        pending[index] = nil
      }
    }
  }

  /// Notes a command that makes the lengths before it doubtful.
  mutating func suspect(_ command: AOFCommand) {
    let end = command.offset + command.byteCount
    if let known = suspects, known.end == command.offset {
      suspects = (known.start, end)
    } else if suspects?.end != end {
      suspects = (place(of: command), end)
    }
  }

  private mutating func lookAtForm(of command: AOFCommand) {
    let odd = command.oddities
    guard !odd.isDisjoint(with: .ofForm) else { return }
    if odd.contains(.longNumberLine) {
      for index in servers.indices where !servers[index].takesLongLines {
        refuse(
          index, .formatError, at: command.offset, "does not take a line of this length")
      }
    }
    if odd.contains(.wrongLineEnd) {
      suspect(command)
      let isZero = command.isWhole && command.bytes.suffix(2).allSatisfy { $0 == 0 }
      add(
        command, isZero ? .zeroTail : .lineEnd, isWarning: !isZero,
        isZero
          ? "zero bytes where CR LF should end an argument: they have taken the place of data"
          : "other bytes than CR LF behind an argument; servers pass over them")
      return
    }
    let what =
      odd.contains(.textAfterNumber)
      ? "text behind a number"
      : odd.contains(.bareLineFeed)
        ? "a line that ends in LF alone" : "a number that is not written as servers do"
    add(command, .form, isWarning: true, "\(what); servers take it, redis-check-aof does not")
  }

  private mutating func lookAtOrder(of command: AOFCommand) {
    let odd = command.oddities
    if odd.contains(.nestedMulti) {
      fail(command, .nestedMulti, "a MULTI within a transaction; servers answer with an error")
    }
    if odd.contains(.execWithoutMulti) {
      fail(command, .withoutMulti, "an EXEC without a MULTI; servers answer with an error")
    }
    if odd.contains(.discardInMulti) {
      for index in servers.indices where servers[index].queuesTransactions {
        wait(index, command, "crashes of a DISCARD in the file when it comes to EXEC")
      }
      add(
        command, .discard, isWarning: false,
        "a DISCARD within a transaction: servers hold it back with the other commands, so that the "
          + "transaction goes on")
    } else if command.transaction == nil, command.isArgument(0, "DISCARD") {
      fail(command, .withoutMulti, "a DISCARD without a MULTI; servers answer with an error")
    }
    if odd.contains(.watchInMulti) {
      for index in servers.indices where servers[index].crashesOnWatch {
        wait(index, command, "crashes of a WATCH within a transaction")
      }
      fail(command, .watch, "a WATCH within a transaction; servers answer with an error or crash")
    }
    lookAtSelect(command)
  }

  private mutating func lookAtSelect(_ command: AOFCommand) {
    guard command.isArgument(0, "SELECT") else { return }
    if command.oddities.contains(.badSelect) {
      guard command.argumentCount == 2 else { return }
      fail(
        command, .select,
        "a SELECT of no number: the following commands go to the database of before")
    } else if command.database >= databases {
      fail(
        command, .select,
        "SELECT \(command.database), where the highest of \(databases) databases is "
          + "\(databases - 1): the following commands go to the database of before")
    }
  }
}
