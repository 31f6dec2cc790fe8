import RedisModel

/// XREAD and XREADGROUP. Nobody waits: what is not there now is not answered.
enum ReadCommands {
  /// What both say before the keys.
  private struct Request {
    var group: Bytes?
    var consumer = Bytes(start: nil, count: 0)
    var count = 0
    var acknowledges = false
    /// Where the first key is; as many ids as keys follow the keys.
    var keys = 0
    var keyCount = 0
  }

  /// XREAD [COUNT n] [BLOCK ms] STREAMS key … id ….
  static func xread(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let request = try read(arguments, isGroup: false)
    var served: [(Bytes, [(StreamNode, StreamNode.Entry)])] = []
    for index in 0..<request.keyCount {
      let (key, text) = (
        arguments[request.keys + index], arguments[request.keys + request.keyCount + index]
      )
      let stream = try space.stream(key)
      let isEnd = text.count == 1 && text[0] == UInt8(ascii: "$")
      let after = isEnd ? stream?.pointee.lastID ?? .zero : try StreamArguments.id(text)
      guard let stream, let first = after.next else { continue }
      let found = entries(stream.pointee, from: first, count: request.count)
      if !found.isEmpty { served.append((key, found)) }
    }
    if served.isEmpty { return space.reply.nullArray() }
    space.reply.array(served.count)
    for (key, found) in served {
      space.reply.array(2)
      space.reply.bulk(key)
      space.reply.array(found.count)
      for (node, entry) in found { space.answer(node, entry) }
    }
  }

  private static func entries(
    _ stream: StreamValue, from first: StreamID, count: Int
  ) -> [(StreamNode, StreamNode.Entry)] {
    var found: [(StreamNode, StreamNode.Entry)] = []
    stream.forEach(from: first) { node, entry in
      found.append((node, entry))
      return count == 0 || found.count < count
    }
    return found
  }

  private static func read(
    _ arguments: Arguments, isGroup: Bool
  ) throws(CommandError) -> Request {
    var (request, index) = (Request(), 1)
    let name = isGroup ? "xreadgroup" : "xread"
    while index < arguments.count {
      let left = arguments.count - index - 1
      if arguments.isWord(index, "BLOCK"), left >= 1 {
        let timeout = try arguments.integer(
          index + 1, or: .message("ERR timeout is not an integer or out of range"))
        if timeout < 0 { throw .message("ERR timeout is negative") }
        index += 1
      } else if arguments.isWord(index, "COUNT"), left >= 1 {
        request.count = Int(max(0, try arguments.integer(index + 1)))
        index += 1
      } else if arguments.isWord(index, "STREAMS"), left >= 1 {
        guard left % 2 == 0 else {
          throw .text(
            "ERR Unbalanced '\(name)' list of streams: for each stream key an ID or '$' must be "
              + "specified.")
        }
        request.keys = index + 1
        request.keyCount = left / 2
        break
      } else if isGroup, arguments.isWord(index, "GROUP"), left >= 2 {
        request.group = arguments[index + 1]
        request.consumer = arguments[index + 2]
        index += 2
      } else if isGroup, arguments.isWord(index, "NOACK") {
        request.acknowledges = true
      } else {
        throw .syntax
      }
      index += 1
    }
    if request.keyCount == 0 { throw .syntax }
    if isGroup, request.group == nil { throw .message("ERR Missing GROUP option for XREADGROUP") }
    return request
  }

  /// Where a group reads on.
  private enum Start {
    case new
    case history(StreamID)
  }

  private struct Source {
    var key: Bytes
    var stream: UnsafeMutablePointer<StreamValue>
    var group: UnsafeMutablePointer<ConsumerGroup>
    var start: Start

    /// Whether there is an answer: the past always has one.
    var isServed: Bool {
      guard case .new = start else { return true }
      return stream.pointee.count > 0 && stream.pointee.lastLiveID > group.pointee.lastID
    }
  }

  /// XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key … id ….
  static func xreadgroup(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let request = try read(arguments, isGroup: true)
    var sources: [Source] = []
    for index in 0..<request.keyCount {
      let key = arguments[request.keys + index]
      let text = arguments[request.keys + request.keyCount + index]
      guard let name = request.group, let stream = try space.stream(key),
        let group = stream.pointee.group(name, space.heap)
      else {
        throw .text(
          "NOGROUP No such key '\(key.text)' or consumer group "
            + "'\(request.group?.text ?? "")' in XREADGROUP with GROUP option")
      }
      if text.count == 1, text[0] == UInt8(ascii: "$") {
        throw .text(
          "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history "
            + "of this consumer by specifying a proper ID, or use the > ID to get new messages. "
            + "The $ ID would just return an empty result set.")
      }
      let isNew = text.count == 1 && text[0] == UInt8(ascii: ">")
      sources.append(
        Source(
          key: key, stream: stream, group: group,
          start: isNew ? .new : .history(try StreamArguments.id(text))))
    }
    let served = sources.filter(\.isServed)
    if space.dialect.age >= .since72 {
      for source in sources { _ = consumer(request, source, space) }
    }
    if served.isEmpty { return space.reply.nullArray() }
    space.reply.array(served.count)
    for source in served {
      space.reply.array(2)
      space.reply.bulk(source.key)
      switch source.start {
      case .new: deliver(&space, request, source)
      case .history(let id): repeatHistory(&space, request, source, after: id)
      }
    }
  }

  /// The consumer's cell; a consumer comes to be by reading.
  private static func consumer(
    _ request: Request, _ source: Source, _ space: borrowing Keyspace
  ) -> UnsafeMutableRawPointer {
    let cell =
      source.group.pointee.consumer(request.consumer, space.heap)
      ?? source.group.pointee.makeConsumer(request.consumer, seenMs: space.nowMs, space.heap)
    ConsumerCell.facts(cell).pointee.seenMs = space.nowMs
    return cell
  }

  private static func deliver(_ space: inout Keyspace, _ request: Request, _ source: Source) {
    let owner = consumer(request, source, space)
    let (stream, group) = (source.stream, source.group)
    let found = group.pointee.lastID.next.map {
      entries(stream.pointee, from: $0, count: request.count)
    }
    space.reply.array(found?.count ?? 0)
    for (node, entry) in found ?? [] {
      let hasGap =
        stream.pointee.maxDeletedID != .zero && entry.id <= stream.pointee.maxDeletedID
      if group.pointee.entriesRead != ConsumerGroup.unknownCount, !hasGap {
        group.pointee.entriesRead += 1
      } else if stream.pointee.entriesAdded > 0 {
        group.pointee.entriesRead = stream.pointee.estimatedReads(upTo: entry.id)
      }
      group.pointee.lastID = entry.id
      ConsumerCell.facts(owner).pointee.activeMs = space.nowMs
      if !request.acknowledges {
        group.pointee.setPending(
          PendingEntry(
            id: entry.id, consumer: owner, deliveredMs: space.nowMs, deliveryCount: 1),
          space.heap)
      }
      space.answer(node, entry)
    }
  }

  private static func repeatHistory(
    _ space: inout Keyspace, _ request: Request, _ source: Source, after id: StreamID
  ) {
    let owner = consumer(request, source, space)
    let (stream, group) = (source.stream, source.group)
    var found: [PendingEntry] = []
    var place = group.pointee.pending.firstPosition { $0.id <= id }
    while let entry = group.pointee.pending.entry(at: place) {
      if entry.consumer == owner { found.append(entry) }
      if request.count > 0, found.count == request.count { break }
      place = group.pointee.pending.next(place)
    }
    space.reply.array(found.count)
    for var pending in found {
      guard let (node, entry) = stream.pointee.entry(pending.id) else {
        space.reply.array(2)
        space.answer(pending.id)
        space.reply.nullArray()
        continue
      }
      pending.deliveredMs = space.nowMs
      pending.deliveryCount += 1
      group.pointee.setPending(pending, space.heap)
      space.answer(node, entry)
    }
  }
}
