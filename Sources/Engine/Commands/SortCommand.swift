import RedisCodecs
import RedisModel

/// SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC|DESC] [ALPHA] [STORE key].
enum SortCommand {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [.init("SORT", sort), .init("SORT_RO", sort)]

  private struct Options {
    var by: Bytes?
    var offset = 0
    var count = -1
    var gets: [Bytes] = []
    var isDescending = false
    var isAlphabetic = false
    var store: Bytes?

    /// Whether nothing is sorted: BY a pattern without a star.
    var leavesOrder: Bool { by.map { !$0.contains(UInt8(ascii: "*")) } ?? false }
  }

  /// An element and what it is sorted by.
  private struct Item {
    var element: [UInt8]
    var number = 0.0
    var text: [UInt8]?
  }

  private static func sort(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let options = try readOptions(arguments)
    let (elements, keepsOrder) = try elements(space, arguments[1], options)
    var items = elements.map { Item(element: $0) }
    if !options.leavesOrder {
      for index in items.indices { try weigh(&items[index], options, space) }
      items.sort { compare($0, $1, options) }
    } else if keepsOrder, options.isDescending {
      items.reverse()
    }
    let start = min(max(0, options.offset), items.count)
    let end = options.count < 0 ? items.count : min(items.count, start + options.count)
    let chosen = items[start..<end]
    guard let target = options.store else { return answer(&space, chosen, options) }
    var list = ListValue(space.heap)
    for item in chosen {
      for value in values(space, item, options) {
        (value ?? []).withUnsafeBytes { list.push(PackedEntry($0), atHead: false, space.heap) }
      }
    }
    if list.count == 0 {
      list.value.destroy(space.heap)
      space.delete(target)
    } else {
      space.put(target, list.value)
    }
    space.reply.integer(chosen.isEmpty ? 0 : list.count)
  }

  private static func readOptions(_ arguments: Arguments) throws(CommandError) -> Options {
    var options = Options()
    var index = 2
    while index < arguments.count {
      let left = arguments.count - index - 1
      if arguments.isWord(index, "ASC") {
        options.isDescending = false
      } else if arguments.isWord(index, "DESC") {
        options.isDescending = true
      } else if arguments.isWord(index, "ALPHA") {
        options.isAlphabetic = true
      } else if left >= 2, arguments.isWord(index, "LIMIT") {
        options.offset = Int(clamping: try arguments.integer(index + 1))
        options.count = Int(clamping: try arguments.integer(index + 2))
        index += 2
      } else if left >= 1, arguments.isWord(index, "STORE"), !arguments.isWord(0, "SORT_RO") {
        options.store = arguments[index + 1]
        index += 1
      } else if left >= 1, arguments.isWord(index, "BY") {
        options.by = arguments[index + 1]
        index += 1
      } else if left >= 1, arguments.isWord(index, "GET") {
        options.gets.append(arguments[index + 1])
        index += 1
      } else {
        throw .syntax
      }
      index += 1
    }
    return options
  }

  /// What is sorted, and whether it has an order of its own.
  private static func elements(
    _ space: borrowing Keyspace, _ key: Bytes, _ options: Options
  ) throws(CommandError) -> (elements: [[UInt8]], keepsOrder: Bool) {
    guard let handle = space.find(key) else { return ([], false) }
    var elements: [[UInt8]] = []
    switch handle.form.type {
    case .list:
      let list = ListValue(handle.value)
      list.forEach(count: list.count) { elements.append($0.bytes) }
      return (elements, false)
    case .set:
      SetValue(handle.value).forEach {
        elements.append($0.bytes)
        return true
      }
      // What is stored unsorted is sorted by text all the same, so that it is repeatable.
      if options.leavesOrder, options.store != nil {
        elements.sort { $0.lexicographicallyPrecedes($1) }
      }
      return (elements, false)
    case .zset:
      ZsetValue(handle.value).forEach { member, _ in
        elements.append(member.bytes)
        return true
      }
      return (elements, true)
    default: throw .wrongType
    }
  }

  private static func weigh(
    _ item: inout Item, _ options: Options, _ space: borrowing Keyspace
  ) throws(CommandError) {
    let text = options.by.map { lookUp(space, $0, item.element) } ?? item.element
    if options.isAlphabetic {
      item.text = text
      return
    }
    guard let text else { return }
    guard let number = text.withUnsafeBytes({ DoubleText.parseLoosely($0) }), !number.isNaN else {
      throw .message("ERR One or more scores can't be converted into double")
    }
    item.number = number
  }

  /// Whether `left` stands before `right`.
  private static func compare(_ left: Item, _ right: Item, _ options: Options) -> Bool {
    let (first, second) = options.isDescending ? (right, left) : (left, right)
    if !options.isAlphabetic {
      if first.number != second.number { return first.number < second.number }
    } else if options.by != nil {
      guard let text = first.text, let other = second.text else {
        return first.text == nil && second.text != nil
      }
      if text != other { return text.lexicographicallyPrecedes(other) }
    }
    return first.element.lexicographicallyPrecedes(second.element)
  }

  /// The value that a pattern leads to: `#` is the element itself; a star stands for it; behind
  /// `->` stands a field.
  private static func lookUp(
    _ space: borrowing Keyspace, _ pattern: Bytes, _ element: [UInt8]
  ) -> [UInt8]? {
    if pattern.count == 1, pattern[0] == UInt8(ascii: "#") { return element }
    guard let star = pattern.firstIndex(of: UInt8(ascii: "*")) else { return nil }
    var (end, field) = (pattern.count, Bytes?.none)
    if let arrow = (star + 1..<max(star + 1, pattern.count - 1)).first(where: {
      pattern[$0] == UInt8(ascii: "-") && pattern[$0 + 1] == UInt8(ascii: ">")
    }), arrow + 2 < pattern.count {
      end = arrow
      field = pattern.part((arrow + 2)..<pattern.count)
    }
    let key = Array(pattern[..<star]) + element + Array(pattern[(star + 1)..<end])
    return key.withUnsafeBytes { key in
      guard let handle = space.find(key) else { return nil }
      if let field {
        guard handle.form.type == .hash else { return nil }
        return space.live(field, HashValue(handle.value))?.bytes
      }
      return handle.form.type == .string ? Array(space.text(of: handle)) : nil
    }
  }

  private static func values(
    _ space: borrowing Keyspace, _ item: Item, _ options: Options
  ) -> [[UInt8]?] {
    if options.gets.isEmpty { return [item.element] }
    return options.gets.map { lookUp(space, $0, item.element) }
  }

  private static func answer(
    _ space: inout Keyspace, _ items: ArraySlice<Item>, _ options: Options
  ) {
    space.reply.array(items.count * max(1, options.gets.count))
    for item in items {
      for value in values(space, item, options) {
        if let value { value.withUnsafeBytes { space.reply.bulk($0) } } else { space.reply.null() }
      }
    }
  }
}
