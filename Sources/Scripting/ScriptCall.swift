import CLua
import Engine
import RedisModel

/// A script that is running, as the commands that it calls see it.
final class ScriptCall {
  private let space: UnsafeMutablePointer<Keyspace>
  private let dialect: ScriptDialect
  private let isReadOnly: Bool
  /// Whether single commands are replicated and not the script.
  private var replicatesCommands: Bool
  private var hasWritten = false
  private var wasRandom = false
  /// The command whose answer another server might give otherwise; `nil` for none yet.
  private var unordered: String?
  /// The last answer: the interpreter reads it behind our back.
  private var room = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 8)
  /// Commands that wrote.
  private(set) var writeCount = 0
  /// What a command could not do; `nil` where all was done.
  private(set) var unsupported: String?

  /// - Parameters:
  ///   - space: the data, at the same place until the script ends.
  ///   - isReadOnly: the script may not write.
  init(
    _ space: UnsafeMutablePointer<Keyspace>, _ dialect: ScriptDialect, isReadOnly: Bool
  ) {
    self.space = space
    self.dialect = dialect
    self.isReadOnly = isReadOnly
    replicatesCommands = !dialect.replicatesScripts
  }

  deinit { room.deallocate() }

  // MARK: from the interpreter

  /// Executes a command.
  static let execute: clua_call = { context, arguments, count, isRESP3, answer in
    guard let context, let arguments, let answer else { return }
    let call = Unmanaged<ScriptCall>.fromOpaque(context).takeUnretainedValue()
    call.withArguments(UnsafeBufferPointer(start: arguments, count: count)) { arguments in
      answer.pointee = call.execute(arguments, isRESP3: isRESP3)
    }
  }

  /// Whether there is such a command.
  static let knows: clua_knows = { context, arguments, count in
    guard let context, let arguments else { return false }
    let call = Unmanaged<ScriptCall>.fromOpaque(context).takeUnretainedValue()
    return call.withArguments(UnsafeBufferPointer(start: arguments, count: count)) { arguments in
      switch call.space.pointee.scriptedCommand(arguments) {
      case .known, .wrongArgumentCount: true
      case .unknown, .uncertain: false
      }
    }
  }

  /// Whether single commands are replicated.
  static let replicates: clua_replicates = { context, asks in
    guard let context else { return false }
    let call = Unmanaged<ScriptCall>.fromOpaque(context).takeUnretainedValue()
    if asks {
      if call.dialect.hasFunctions { return true }
      if call.hasWritten { return false }
      call.replicatesCommands = true
    }
    return call.replicatesCommands
  }

  /// The longest text of a number, bytes.
  private static let numberByteCountMax = 64

  /// Calls `body` with the arguments as texts.
  private func withArguments<R>(
    _ given: UnsafeBufferPointer<clua_argument>, _ body: (Arguments) -> R
  ) -> R {
    let count = given.count
    return withUnsafeTemporaryAllocation(
      byteCount: count * Self.numberByteCountMax, alignment: 1
    ) { numbers in
      withUnsafeTemporaryAllocation(of: Bytes.self, capacity: count) { texts in
        for index in 0..<count {
          let argument = given[index]
          guard argument.is_number else {
            texts.initializeElement(at: index, to: argument.text.bytes)
            continue
          }
          let text = space.pointee.doubleText(argument.number)
          let start = index * Self.numberByteCountMax
          let copy = UnsafeMutableRawBufferPointer(
            rebasing: numbers[start..<(start + min(text.count, Self.numberByteCountMax))])
          copy.copyMemory(from: Bytes(rebasing: text[..<copy.count]))
          texts.initializeElement(at: index, to: Bytes(copy))
        }
        // The interpreter refuses a call without arguments.
        let start = texts.baseAddress.map { UnsafePointer($0) }
        return body(Arguments(start: start ?? Self.nothing, count: count))
      }
    }
  }

  private static nonisolated(unsafe) let nothing: UnsafePointer<Bytes> = {
    let place = UnsafeMutablePointer<Bytes>.allocate(capacity: 1)
    place.initialize(to: Bytes(start: nil, count: 0))
    return UnsafePointer(place)
  }()

  // MARK: commands

  private func execute(_ arguments: Arguments, isRESP3: Bool) -> clua_answer {
    switch space.pointee.scriptedCommand(arguments) {
    case .known(let entry, let index):
      return refusal(of: entry, arguments) ?? call(index, entry, arguments, isRESP3: isRESP3)
    case .unknown: return refuse(dialect.texts.unknownCommand)
    case .wrongArgumentCount: return refuse(dialect.texts.wrongArgumentCount)
    case .uncertain: return refuse(unsupported: arguments)
    }
  }

  /// Why the script may not call a command; `nil` where it may.
  private func refusal(of entry: CommandEntry, _ arguments: Arguments) -> clua_answer? {
    if entry.flags.contains(.noscript) { return refuse(dialect.texts.notAllowed) }
    if dialect.hasFunctions, blocks(arguments) {
      let name = String(decoding: arguments[0], as: UTF8.self)
      return refuse(text: "ERR \(name) command is not allowed with BLOCK option from scripts")
    }
    let writes = entry.flags.contains(.write)
    if writes, isReadOnly {
      return refuse("ERR Write commands are not allowed from read-only scripts.")
    }
    if writes, wasRandom, !replicatesCommands { return refuse(dialect.randomWrite) }
    if writes, space.pointee.isOutOfMemory { return refuse("OOM out of memory") }
    if writes, let unordered {
      unsupported = unsupported ?? "script that writes behind \(unordered)"
    }
    if writes { hasWritten = true }
    if entry.flags.contains(.random) { wasRandom = true }
    return nil
  }

  private func call(
    _ index: Int, _ entry: CommandEntry, _ arguments: Arguments, isRESP3: Bool
  ) -> clua_answer {
    if !space.pointee.call(index, arguments), !HostCommand.execute(arguments, on: space) {
      return refuse(unsupported: arguments)
    }
    if entry.flags.contains(.write), space.pointee.reply.errorCount == 0 { writeCount += 1 }
    return answer(entry, arguments, isRESP3: isRESP3)
  }

  /// The answer that `space.reply` has, for the interpreter.
  private func answer(
    _ entry: CommandEntry, _ arguments: Arguments, isRESP3: Bool
  ) -> clua_answer {
    let isSorted = entry.flags.contains(.sortForScript) && !replicatesCommands
    let count = space.pointee.reply.withParts { parts in
      keep(parts)
      return parts.count
    }
    if isSorted { SortedAnswer.sort(kept(count)) }
    if space.pointee.isLoading, unordered == nil {
      note(UncertainAnswer.reason(arguments, Bytes(kept(count)), isSorted: isSorted, on: space))
    }
    var answer = clua_answer()
    answer.parts = clua_bytes(Bytes(kept(count)))
    if isRESP3 { answer.shape = Int32(AnswerShape.of(arguments).rawValue) }
    return answer
  }

  private func note(_ reason: UncertainAnswer.Reason?) {
    switch reason {
    case .read(let name): unordered = name
    case .written(let name): unsupported = unsupported ?? "\(name) in a script"
    case nil: break
    }
  }

  /// Whether a command is XREAD or XREADGROUP with BLOCK.
  private func blocks(_ arguments: Arguments) -> Bool {
    guard arguments[0].isWord("XREAD") || arguments[0].isWord("XREADGROUP") else { return false }
    for index in 1..<arguments.count {
      if arguments[index].isWord("STREAMS") { return false }
      if arguments[index].isWord("BLOCK") { return true }
    }
    return false
  }

  private func kept(_ count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: room[..<count])
  }

  private func keep(_ bytes: Bytes) {
    if bytes.count > room.count {
      room.deallocate()
      room = .allocate(byteCount: bytes.count * 2, alignment: 8)
    }
    room.copyMemory(from: bytes)
  }

  private func refuse(_ text: StaticString) -> clua_answer {
    var answer = clua_answer()
    answer.parts = clua_bytes(
      Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount))
    answer.is_refused = true
    return answer
  }

  private func refuse(unsupported arguments: Arguments) -> clua_answer {
    let name = String(decoding: arguments[0], as: UTF8.self).uppercased()
    unsupported = space.pointee.unsupportedPart ?? name
    return refuse(text: "ERR \(name) is not supported")
  }

  private func refuse(text: String) -> clua_answer {
    var (text, answer) = (text, clua_answer())
    let count = text.withUTF8 {
      keep(Bytes($0))
      return $0.count
    }
    answer.parts = clua_bytes(Bytes(kept(count)))
    answer.is_refused = true
    return answer
  }
}
