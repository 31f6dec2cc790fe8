import TestSupport
import Testing

@testable import RedisCodecs

/// Nodes of streams, whole and damaged.
@Suite struct StreamNodeTests {
  /// An entry as a test states it.
  struct Item: Equatable, Sendable {
    var milliseconds: Int
    var sequence: Int
    var pairs: [[String]]
    var isDeleted = false
    var hasOwnFields = false
  }

  /// A node's master entry, and what a test wants to be wrong with it.
  struct Node: Sendable {
    var fields = ["f", "g"]
    var items: [Item] = []
    var live: Int?
    var deleted: Int?
    var fieldCount: Int?
    var end = 0
    var elementCountError = 0
    var flags: Int?

    var blob: [UInt8] {
      var list = ListpackBuilder()
      list.add(live ?? items.count { !$0.isDeleted })
      list.add(deleted ?? items.count { $0.isDeleted })
      list.add(fieldCount ?? fields.count)
      for field in fields { list.add(field) }
      list.add(end)
      for item in items {
        list.add(flags ?? (item.isDeleted ? 1 : 0) | (item.hasOwnFields ? 0 : 2))
        list.add(item.milliseconds)
        list.add(item.sequence)
        if item.hasOwnFields { list.add(item.pairs.count) }
        for pair in item.pairs {
          if item.hasOwnFields { list.add(pair[0]) }
          list.add(pair[1])
        }
        let count = item.hasOwnFields ? 4 + 2 * item.pairs.count : 3 + item.pairs.count
        list.add(count + elementCountError)
      }
      return list.blob()
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var node: Node
    var message: String
  }

  private static let items = [
    Item(milliseconds: 0, sequence: 0, pairs: [["f", "a"], ["g", "b"]]),
    Item(milliseconds: 5, sequence: -3, pairs: [["f", "c"], ["g", "d"]], isDeleted: true),
    Item(milliseconds: 90000, sequence: 7, pairs: [["x", "y"]], hasOwnFields: true),
    Item(
      milliseconds: 90000, sequence: 8, pairs: [], isDeleted: true, hasOwnFields: true),
  ]

  @Test func `entries come with their fields, deleted ones too`() throws {
    let node = Node(items: Self.items)
    #expect(try read(node.blob) == Self.items)
  }

  @Test func `a node without master fields`() throws {
    let items = [Item(milliseconds: 1, sequence: 1, pairs: [])]
    #expect(try read(Node(fields: [], items: items).blob) == items)
  }

  @Test func `integers may be stored as text`() throws {
    // Servers store what does not fit their integer forms, and old ones other numbers too, as text.
    var list = ListpackBuilder()
    for text in ["1", "0", "1", "f", "0", "2", "-9223372036854775808", "18", "v", "4"] {
      list.add(text)
    }
    #expect(
      try read(list.blob()) == [Item(milliseconds: .min, sequence: 18, pairs: [["f", "v"]])])
  }

  private static let refused: [Refusal] = {
    let items = Self.items
    func with(_ change: (inout Node) -> Void) -> Node {
      var node = Node(items: items)
      change(&node)
      return node
    }
    return [
      Refusal(
        testDescription: "no live entries", node: with { $0.live = 0 },
        message: "the node counts 0 live and 2 deleted"),
      Refusal(
        testDescription: "fewer than no deleted entries", node: with { $0.deleted = -1 },
        message: "the node counts 2 live and -1 deleted"),
      Refusal(
        testDescription: "a wrong count of live entries", node: with { $0.live = 3 },
        message: "stream listpack truncated or miscounted: 2 live and 2 deleted"),
      Refusal(
        testDescription: "a wrong count of deleted entries", node: with { $0.deleted = 1 },
        message: "stream listpack truncated or miscounted: 2 live and 2 deleted"),
      Refusal(
        testDescription: "fewer than no fields", node: with { $0.fieldCount = -1 },
        message: "the node's first entry has -1 fields"),
      Refusal(
        testDescription: "more fields than bytes", node: with { $0.fieldCount = 1_000_000 },
        message: "the node's first entry has 1000000 fields"),
      Refusal(
        testDescription: "a master entry that does not end", node: with { $0.end = 1 },
        message: "the master entry ends with 1"),
      Refusal(
        testDescription: "a wrong element count", node: with { $0.elementCountError = 1 },
        message: "an entry of 5 elements states 6 at its end"),
      Refusal(
        testDescription: "unknown flags", node: with { $0.flags = 4 },
        message: "entry flags 4; 0 to 3 exist"),
      Refusal(
        testDescription: "negative flags", node: with { $0.flags = -1 },
        message: "entry flags -1; 0 to 3 exist"),
      Refusal(
        testDescription: "text for a number", node: with { $0.fieldCount = 1 },
        message: "the master entry's end is no integer"),
    ]
  }()

  @Test(arguments: refused)
  func `damage is named`(_ test: Refusal) {
    var thrown: CodecError?
    do throws(CodecError) { _ = try read(test.node.blob) } catch { thrown = error }
    #expect(thrown?.structure == .stream)
    #expect(thrown?.message.hasPrefix(test.message) == true, "\(thrown?.message ?? "")")
  }

  @Test func `an empty listpack is no node`() {
    #expect(throws: CodecError(.stream, at: 0, "empty listpack inside stream")) {
      try read(ListpackBuilder().blob())
    }
  }

  @Test func `a listpack count that is not that of the elements`() {
    let blob = Node(items: Self.items).blob
    var damaged = blob
    damaged[4] += 1
    #expect(throws: CodecError.self) { try read(damaged) }
    (damaged[4], damaged[5]) = (255, 255)
    #expect(throws: Never.self) { try read(damaged) }
  }

  @Test func `every changed byte gives entries or an error`() {
    let sound = Node(items: Self.items).blob
    var accepted = 0
    for mask: UInt8 in [0xff, 1, 0x80, 0x40] {
      for place in sound.indices {
        var damaged = sound
        damaged[place] ^= mask
        if let items = try? read(damaged) {
          accepted += 1
          #expect(items.count == Self.items.count, "byte \(place)")
        }
      }
    }
    #expect(accepted > 0, "some bytes are text")
    for cut in sound.indices {
      #expect(throws: CodecError.self) { try read(Array(sound[..<cut])) }
    }
  }

  private func read(_ blob: [UInt8]) throws(CodecError) -> [Item] {
    try withExactCopy(blob) { (bytes) throws(CodecError) in
      var fields: [Element] = []
      var node = try StreamNodeReader(bytes, masterFields: &fields)
      var items: [Item] = []
      while !node.isAtEnd {
        let entry = try node.readEntry()
        var item = Item(
          milliseconds: Int(entry.millisecondsDelta), sequence: Int(entry.sequenceDelta),
          pairs: [], isDeleted: entry.isDeleted, hasOwnFields: entry.hasOwnFields)
        for index in 0..<entry.fieldCount {
          let field = entry.hasOwnFields ? try node.readElement() : fields[index]
          let value = try node.readElement()
          item.pairs.append([field, value].map { String(decoding: $0.bytes, as: UTF8.self) })
        }
        try node.readEntryEnd(entry)
        items.append(item)
      }
      try node.checkTotals(
        live: items.count { !$0.isDeleted }, deleted: items.count { $0.isDeleted })
      return items
    }
  }
}
