import RedisModel

/// What concerns the idempotent producers of streams (Redis 8.6).
enum ProducerCommands {
  /// What XADD says of the message.
  struct Message {
    /// The producer.
    var producer: Bytes
    /// The message's id; `nil` where it is made of the entry's fields.
    var name: Bytes?

    /// Reads from the word at `index` on, which moves behind; `nil` where that is another word.
    init?(_ arguments: Arguments, _ index: inout Int, _ age: Dialect.Age) throws(CommandError) {
      guard age >= .since86 else { return nil }
      let isAutomatic = arguments.isWord(index, "IDMPAUTO")
      guard isAutomatic || arguments.isWord(index, "IDMP") else { return nil }
      let end = index + (isAutomatic ? 2 : 3)
      guard end <= arguments.count else { throw .syntax }
      producer = arguments[index + 1]
      name = isAutomatic ? nil : arguments[index + 2]
      index = end
    }

    /// The name under which the message is remembered.
    fileprivate func withName<R>(
      _ arguments: Arguments, fieldsFrom start: Int, _ body: (Bytes) -> R
    ) -> R {
      if let name { return body(name) }
      var digest = Digest160.zero
      for index in start..<arguments.count { digest.mixIn(arguments[index]) }
      let words = [digest.word0, digest.word1, digest.word2, digest.word3, digest.word4]
      return words.withUnsafeBytes { body($0) }
    }
  }

  /// Answers with the entry that a message gave when it came before.
  ///
  /// - Returns: false where it comes for the first time.
  static func answerDuplicate(
    _ space: inout Keyspace, _ message: Message, _ stream: UnsafeMutablePointer<StreamValue>,
    _ arguments: Arguments, fieldsFrom start: Int
  ) throws(CommandError) -> Bool {
    guard let address = stream.pointee.producers else { return false }
    let producers = StreamProducers.at(address)
    let span = Int64(clamping: producers.pointee.durationSeconds) * 1000
    // Nothing is forgotten while data are loaded: the moment is not that of the commands.
    let oldest = space.isLoading ? 0 : UInt64(max(0, space.nowMs - span))
    let found = message.withName(arguments, fieldsFrom: start) {
      producers.pointee.entry(of: $0, by: message.producer, since: oldest, space.heap)
    }
    // A file has the ids that the server gave: with a star it says that none was given. The server
    // may know the message by a name that only it can make.
    guard let id = found ?? (space.isLoading ? stream.pointee.lastID : nil) else { return false }
    producers.pointee.duplicates &+= 1
    space.answer(id)
    return true
  }

  /// Remembers the message of a new entry.
  static func remember(
    _ message: Message, _ id: StreamID, _ stream: UnsafeMutablePointer<StreamValue>,
    _ arguments: Arguments, fieldsFrom start: Int, _ space: borrowing Keyspace
  ) {
    let heap = space.heap
    let producers = stream.pointee.makeProducers(heap)
    producers.pointee.added &+= 1
    message.withName(arguments, fieldsFrom: start) { name in
      producers.pointee.add(
        StreamProducers.Message(name: name, id: id, isOwn: message.name == nil),
        by: message.producer, heap)
    }
  }

  /// XCFGSET key [IDMP-DURATION seconds] [IDMP-MAXSIZE n].
  static func xcfgset(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var (duration, countMax): (Int64?, Int64?) = (nil, nil)
    var index = 2
    while index < arguments.count {
      guard index + 1 < arguments.count else { throw .syntax }
      let value = try arguments.integer(index + 1)
      if arguments.isWord(index, "IDMP-DURATION") {
        guard (1...86_400).contains(value) else { throw .outOfRange }
        duration = value
      } else if arguments.isWord(index, "IDMP-MAXSIZE") {
        guard (1...10_000).contains(value) else { throw .outOfRange }
        countMax = value
      } else {
        throw .syntax
      }
      index += 2
    }
    guard let stream = try space.stream(arguments[1]) else { throw .noSuchKey }
    let producers = stream.pointee.makeProducers(space.heap)
    if let duration { producers.pointee.durationSeconds = UInt64(duration) }
    if let countMax { producers.pointee.countMax = UInt64(countMax) }
    producers.pointee.removeAll(space.heap)
    space.reply.ok()
  }

  /// XIDMPRECORD key producer message id, which a rewrite writes for each message remembered.
  static func xidmprecord(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let id = try StreamArguments.id(arguments[4])
    guard let stream = try space.stream(arguments[1]) else { throw .noSuchKey }
    let producers = stream.pointee.makeProducers(space.heap)
    producers.pointee.added &+= 1
    producers.pointee.add(
      StreamProducers.Message(name: arguments[3], id: id, isOwn: false), by: arguments[2],
      space.heap)
    space.reply.ok()
  }
}
