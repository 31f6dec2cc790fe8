import AOF
import TestSupport
import Testing

/// What the reader makes of sound, odd and damaged bytes.
@Suite struct ReaderTests {
  /// Bytes, and where reading them ends.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    var commands = 0
    var kind: AOFError.Kind?
    var offset = 0
    var sound = 0
    var oddities: AOFOddities = []
    var openTransaction: Int?

    init(
      _ name: String, _ bytes: [UInt8], commands: Int = 0, kind: AOFError.Kind? = nil,
      offset: Int = 0, sound: Int, oddities: AOFOddities = [], openTransaction: Int? = nil
    ) {
      testDescription = name
      self.bytes = bytes
      self.commands = commands
      self.kind = kind
      self.offset = offset
      self.sound = sound
      self.oddities = oddities
      self.openTransaction = openTransaction
    }

    init(
      _ name: String, _ text: String, commands: Int = 0, kind: AOFError.Kind? = nil,
      offset: Int = 0, sound: Int, oddities: AOFOddities = [], openTransaction: Int? = nil
    ) {
      self.init(
        name, Array(text.utf8), commands: commands, kind: kind, offset: offset, sound: sound,
        oddities: oddities, openTransaction: openTransaction)
    }
  }

  static let ok = "*1\r\n$4\r\nPING\r\n"
  static let multi = "*1\r\n$5\r\nMULTI\r\n"

  static let cases: [Case] = [
    Case("nothing", "", sound: 0),
    Case("one command", ok, commands: 1, sound: 14),
    Case("an empty argument", "*1\r\n$0\r\n\r\n", commands: 1, sound: 10),
    Case("cut behind the star", ok + "*", commands: 1, kind: .truncated, offset: 14, sound: 14),
    Case("cut in a count", ok + "*1", commands: 1, kind: .truncated, offset: 14, sound: 14),
    Case("cut in its line end", ok + "*1\r", commands: 1, kind: .truncated, offset: 14, sound: 14),
    Case("cut behind a count", "*2\r\n", kind: .truncated, offset: 4, sound: 0),
    Case("cut in a length", "*1\r\n$1", kind: .truncated, offset: 4, sound: 0),
    Case("cut in an argument", "*1\r\n$4\r\nPI", kind: .truncated, offset: 8, sound: 0),
    Case("cut before a line end", "*1\r\n$4\r\nPING", kind: .truncated, offset: 8, sound: 0),
    Case("cut in a line end", "*1\r\n$4\r\nPING\r", kind: .truncated, offset: 8, sound: 0),
    Case("no argument", ok + "*0\r\n", commands: 1, kind: .count, offset: 14, sound: 14),
    Case("no argument, cut", "*0", kind: .count, sound: 0),
    Case("less than no argument", "*-1\r\n", kind: .count, sound: 0),
    Case("too many arguments", "*99999999999999999999\r\n", kind: .count, sound: 0),
    Case("no number", "*x\r\n", kind: .count, sound: 0),
    Case(
      "a count that never ends", "*1" + String(repeating: "x", count: 2000), kind: .count,
      sound: 0),
    Case("a negative length", "*1\r\n$-1\r\n", kind: .length, offset: 4, sound: 0),
    Case(
      "a length beyond all files", "*1\r\n$9223372036854775807\r\nx", kind: .truncated, offset: 26,
      sound: 0),
    Case(
      "a length too short", "*1\r\n$2\r\nPING\r\n" + ok, commands: 1, kind: .garbage, offset: 12,
      sound: 12, oddities: .wrongLineEnd),
    Case(
      "a count too small", "*1\r\n$3\r\nDEL\r\n$1\r\nk\r\n", commands: 1, kind: .garbage,
      offset: 13, sound: 13),
    Case(
      "a count too great", "*3\r\n$3\r\nDEL\r\n$1\r\nk\r\n" + ok, kind: .argument, offset: 20,
      sound: 0),
    Case("text", ok + "SET a 1\r\n", commands: 1, kind: .garbage, offset: 14, sound: 14),
    Case("a blank line", ok + "\r\n" + ok, commands: 1, kind: .garbage, offset: 14, sound: 14),
    Case("zeros to the end", ok + "\0\0\0\0", commands: 1, kind: .zeroTail, offset: 14, sound: 14),
    Case(
      "zeros in the middle", ok + "\0\0\0\0" + ok, commands: 1, kind: .zeros, offset: 14,
      sound: 14),
    Case(
      "lines that end in LF", "*1\n$4\nPING\r\n", commands: 1, sound: 12, oddities: .bareLineFeed),
    Case(
      "text behind numbers", "*1abc\r\n$4 \r\nPING\r\n", commands: 1, sound: 18,
      oddities: .textAfterNumber),
    Case("loose numbers", "*01\r\n$+4\r\nPING\r\n", commands: 1, sound: 16, oddities: .looseNumber),
    Case("wrong line ends", "*1\r\n$4\r\nPING??", commands: 1, sound: 14, oddities: .wrongLineEnd),
    Case("an open transaction", ok + multi + ok, commands: 3, sound: 14, openTransaction: 14),
    Case(
      "one that is cut", multi + ok + "*1\r\n", commands: 2, kind: .truncated, offset: 33, sound: 0,
      openTransaction: 0),
    Case(
      "a nested one", multi + multi, commands: 2, sound: 0, oddities: .nestedMulti,
      openTransaction: 0),
    Case("EXEC alone", "*1\r\n$4\r\nexec\r\n", commands: 1, sound: 14, oddities: .execWithoutMulti),
    Case(
      "DISCARD inside", multi + "*1\r\n$7\r\nDiscard\r\n", commands: 2, sound: 0,
      oddities: .discardInMulti, openTransaction: 0),
    Case(
      "WATCH inside", multi + "*2\r\n$5\r\nWATCH\r\n$1\r\nk\r\n", commands: 2, sound: 0,
      oddities: .watchInMulti, openTransaction: 0),
    Case(
      "SELECT of no number", "*2\r\n$6\r\nSELECT\r\n$1\r\nx\r\n", commands: 1, sound: 23,
      oddities: .badSelect),
    Case(
      "a long annotation", "#" + String(repeating: "x", count: 1023) + "\n", kind: .annotation,
      sound: 0),
    Case(
      "an annotation as long as can be", "#" + String(repeating: "x", count: 1021) + "\n",
      sound: 1023),
    Case("half an annotation", ok + "#TS:17", commands: 1, sound: 14),
  ]

  @Test(arguments: cases)
  func `bytes are read as a server's loader reads them`(_ example: Case) {
    let reading = Reading(example.bytes)
    #expect(reading.error?.kind == example.kind)
    if example.kind != nil { #expect(reading.error?.offset == example.offset) }
    #expect(reading.commands.count == example.commands)
    #expect(reading.soundOffset == example.sound)
    #expect(reading.openTransactionOffset == example.openTransaction)
    #expect(reading.commands.reduce([]) { $0.union($1.oddities) } == example.oddities)
  }

  @Test(arguments: cases)
  func `pieces do not change what is read`(_ example: Case) {
    let whole = Reading(example.bytes)
    for chunk in [1, 2, 3, 7] {
      for knowsSize in [true, false] {
        let pieces = Reading(
          example.bytes, chunkByteCount: chunk, knowsSize: knowsSize, windowByteCount: 16)
        #expect(pieces.records == whole.records)
        #expect(pieces.error?.kind == whole.error?.kind)
        #expect(pieces.error?.offset == whole.error?.offset)
        #expect(pieces.soundOffset == whole.soundOffset)
      }
    }
  }

  @Test func `databases, transactions and times are followed`() {
    let bytes =
      request("SET", "a", "1") + Array("#TS:1700000000\r\n".utf8) + request("select", "3")
      + request("MULTI") + request("SET", "b", "2") + request("SELECT", "4") + request("INCR", "n")
      + Array("#other\n".utf8) + request("EXEC") + request("SELECT", "x") + request("DEL", "a")
      + request("MULTI") + request("EXEC")
    let reading = Reading(bytes)
    #expect(reading.error == nil)
    #expect(reading.commands.map(\.database) == [0, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4])
    #expect(
      reading.commands.map { $0.transaction ?? 0 } == [0, 0, 1, 1, 1, 1, 1, 0, 0, 2, 2])
    #expect(
      reading.commands.map { $0.timestamp ?? 0 } == [0] + Array(repeating: 1_700_000_000, count: 10)
    )
    #expect(reading.commands.map(\.index) == Array(1...11))
    #expect(reading.commands.map(\.line).prefix(3) == [1, 9, 14])
    #expect(reading.transactionCount == 2)
    #expect(reading.soundOffset == bytes.count)
    #expect(reading.commands.flatMap(\.bytes).count == bytes.count - 16 - 7)
  }

  @Test func `a truncation at every offset is an answer`() {
    let bytes =
      request("SELECT", "1") + Array("#TS:1700000000\r\n".utf8) + request("MULTI")
      + request("SET", "key", "a value of some length") + request("EXEC") + request("DEL", "k")
    let whole = Reading(bytes)
    var borders = whole.commands.map { $0.offset + $0.byteCount } + [0]
    borders += whole.records.map {
      if case .annotation(let offset, _, _, _) = $0 { offset + 16 } else { 0 }
    }
    for count in 0...bytes.count {
      let cut = Reading(Array(bytes.prefix(count)))
      let isCutAnnotation = cut.records.contains {
        if case .annotation(_, _, _, true) = $0 { true } else { false }
      }
      #expect((cut.error == nil) == (borders.contains(count) || isCutAnnotation))
      if let error = cut.error { #expect(error.kind == .truncated) }
      #expect(cut.soundOffset <= count)
    }
  }
}
