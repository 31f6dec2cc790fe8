import ByteKit
import RESP

// Records at the window's border, records in a form that only loaders take, large ones, damage.
extension AOFReader {
  /// Reads one record element by element.
  @inline(never)
  mutating func readSlowly() throws(AOFError) -> AOFRecord? {
    large.reset()
    do throws(InputError) {
      if try input.isAtEnd() { return nil }
    } catch {
      throw AOFError(error)
    }
    recordOffset = input.offset
    let first = input.cursor.load(as: UInt8.self)
    if first == UInt8(ascii: "#") { return .annotation(try readAnnotation()) }
    guard first == UInt8(ascii: "*") else { throw try wrongFront(first) }
    input.pin = input.cursor
    defer { input.pin = nil }
    return .command(try readCommand())
  }

  private mutating func readCommand() throws(AOFError) -> AOFCommand {
    var oddities: AOFOddities = []
    spans.removeAll()
    let count = try readNumber("a number of arguments", &oddities)
    guard count >= 1, count <= Int(Int32.max) else {
      throw AOFError(
        .count, at: recordOffset, "a command of \(count) arguments; it has at least its name")
    }
    for index in 0..<count {
      let offset = input.offset
      let byte = try nextByte(index, of: count)
      guard byte == UInt8(ascii: "$") else {
        throw AOFError(
          .argument, at: offset,
          "'$' should begin argument \(index + 1) of \(count), here stands \(Self.shown(byte)): "
            + "a length or a count before it is wrong")
      }
      let length = try readNumber("the length of an argument", &oddities)
      guard length >= 0 else {
        throw AOFError(
          .length, at: offset, "an argument of \(length) bytes", effect: .crash)
      }
      try readArgument(length, &oddities)
    }
    let byteCount = input.offset - recordOffset
    let base = large.isActive ? large.base : input.cursor - byteCount
    return finish(base: base, byteCount: byteCount, argumentCount: count, oddities: oddities)
  }

  /// The byte that should be a `$`.
  private mutating func nextByte(_ index: Int, of count: Int) throws(AOFError) -> UInt8 {
    do throws(InputError) {
      if try !input.isAtEnd() { return input.cursor.load(as: UInt8.self) }
    } catch {
      throw AOFError(error)
    }
    throw AOFError(
      .truncated, at: input.offset,
      "the file ends before argument \(index + 1) of the \(count) that are announced at "
        + "\(recordOffset) (\(hex(recordOffset)))")
  }

  /// Takes the bytes of an argument and the two behind them.
  private mutating func readArgument(
    _ count: Int, _ oddities: inout AOFOddities
  ) throws(AOFError) {
    let offset = input.offset
    guard count <= Int.max / 2 else { throw tooLong(count, at: offset) }
    let relativeOffset = offset - recordOffset
    if !large.isActive, relativeOffset &+ count > Self.windowByteCountMax { leaveWindow() }
    if large.isActive, holding == .front, relativeOffset &+ count > Self.frontByteCountMax {
      large.stopKeeping()
    }
    do throws(InputError) {
      if large.isActive {
        try pass(count)
      } else {
        try input.ensure(count &+ 2)
        input.cursor += count
      }
      try input.ensure(2)
    } catch {
      if error.kind == .truncated { throw tooLong(count, at: offset) }
      throw AOFError(error)
    }
    if !large.isActive || large.keeps {
      spans.append(.init(offset: relativeOffset, count: count))
    }
    let end = input.cursor.loadUnaligned(as: UInt16.self)
    if end != UInt16(0x0A0D).littleEndian { oddities.insert(.wrongLineEnd) }
    large.append(UnsafeRawBufferPointer(start: input.cursor, count: 2))
    input.cursor += 2
    try checkRoom()
  }

  private func tooLong(_ count: Int, at offset: Int) -> AOFError {
    AOFError(
      .truncated, at: offset,
      "the file ends within an argument of \(count) bytes and their CR LF",
      effect: count > Self.plausibleByteCountMax ? .hugeRead : .shortRead)
  }

  /// Goes on outside the window.
  private mutating func leaveWindow() {
    guard let start = input.pin else { return }
    large.begin(UnsafeRawBufferPointer(start: start, count: input.cursor - start))
    input.pin = nil
  }

  /// Passes over `count` bytes outside the window, and keeps them where they are wanted.
  private mutating func pass(_ count: Int) throws(InputError) {
    guard large.keeps else { return try input.skip(count) }
    if let remaining = input.remainingByteCount, count > remaining {
      throw InputError(.truncated, at: input.offset, "")
    }
    var left = count
    while left > 0 {
      try input.ensure(1)
      let piece = min(left, input.limit - input.cursor)
      large.append(UnsafeRawBufferPointer(start: input.cursor, count: piece))
      input.cursor += piece
      left -= piece
    }
  }

  /// That a large command could not be kept is no verdict on it.
  private func checkRoom() throws(AOFError) {
    guard let failure = large.failure else { return }
    throw AOFError(
      .unreadable, at: recordOffset,
      "no room for a large command in temporary files: \(systemErrorText(failure))")
  }

  // MARK: lines

  /// Moves behind the next line end; where there is none within `count` bytes, behind what there
  /// is. `isWhole`: whether there was one.
  private mutating func readLine(
    upTo count: Int
  ) throws(AOFError) -> (line: UnsafeRawBufferPointer, isWhole: Bool) {
    var seen = 0
    while true {
      let available = min(count, input.limit - input.cursor)
      for index in seen..<max(seen, available)
      where input.cursor.load(fromByteOffset: index, as: UInt8.self) == 0x0A {
        return (take(index + 1), true)
      }
      guard available < count else { return (take(count), false) }
      seen = available
      do throws(InputError) {
        if try input.peek(available + 1) == available { return (take(available), false) }
      } catch {
        throw AOFError(error)
      }
    }
  }

  /// Moves over `count` bytes of the window.
  private mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
    let bytes = UnsafeRawBufferPointer(start: input.cursor, count: count)
    large.append(bytes)
    input.cursor += count
    return bytes
  }

  /// Reads a mark, a number and a line end as loaders do: what follows the number is passed over.
  private mutating func readNumber(
    _ what: StaticString, _ oddities: inout AOFOddities
  ) throws(AOFError) -> Int {
    let offset = input.offset
    let (line, isWhole) = try readLine(upTo: Self.annotationByteCountMax)
    let text = LooseNumber(UnsafeRawBufferPointer(rebasing: line.dropFirst()))
    guard isWhole else { throw endlessNumber(line, text, at: offset, what) }
    if line.count > Self.oldLineByteCountMax { oddities.insert(.longNumberLine) }
    let rest = text.rest
    if text.isLoose { oddities.insert(.looseNumber) }
    if rest.count == 1 {
      oddities.insert(.bareLineFeed)
    } else if rest.count != 2 || rest[rest.startIndex] != 0x0D {
      oddities.insert(.textAfterNumber)
    }
    return text.value
  }

  /// What is wrong with a number that no line end follows.
  private func endlessNumber(
    _ line: UnsafeRawBufferPointer, _ text: LooseNumber, at offset: Int, _ what: StaticString
  ) -> AOFError {
    let isCount = line.first == UInt8(ascii: "*")
    let isAtEnd = line.count < Self.annotationByteCountMax
    let mayGrow = text.isCutShort && (!isCount || line.count == 1 || text.value > 0)
    if mayGrow, isAtEnd { return AOFError(.truncated, at: offset, "the file ends within \(what)") }
    // Servers take whatever number they find, and miss what should follow it.
    let isMissed = isAtEnd && (isCount ? text.value > 0 : text.value >= 0)
    let effect = isMissed ? AOFError.Effect.shortRead : .formatError
    if isAtEnd, line.last == 0 {
      return AOFError(
        .zeroTail, at: offset, "zero bytes within \(what), and then the file ends",
        effect: effect)
    }
    return AOFError(
      isCount ? .count : .length, at: offset, "no line end follows \(what)",
      effect: effect)
  }

  private mutating func readAnnotation() throws(AOFError) -> AOFAnnotation {
    let (bytes, isWhole) = try readLine(upTo: Self.annotationByteCountMax)
    guard isWhole || bytes.count < Self.annotationByteCountMax else {
      throw AOFError(
        .annotation, at: recordOffset,
        "an annotation of more than \(Self.annotationByteCountMax) bytes")
    }
    var end = bytes.count
    if isWhole { end -= 1 }
    if isWhole, end > 1, bytes[end - 1] == 0x0D { end -= 1 }
    let text = UnsafeRawBufferPointer(rebasing: bytes[1..<end])
    let seconds = isWhole ? Self.seconds(text) : nil
    if let seconds { progress.timestamp = seconds }
    let annotation = AOFAnnotation(
      offset: recordOffset, byteCount: bytes.count, line: line, text: text, timestamp: seconds,
      isCut: !isWhole)
    line += 1
    // What a server appends to half a line becomes part of it.
    if isWhole, openTransactionOffset == nil { soundOffset = input.offset }
    return annotation
  }

  /// The seconds of `TS:<digits>`.
  private static func seconds(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard text.count > 3, text.count <= 21, text.starts(with: "TS:".utf8) else { return nil }
    return Int64(String(decoding: text.dropFirst(3), as: UTF8.self))
  }

  // MARK: damage

  /// What is wrong with a record that begins with `byte`.
  private mutating func wrongFront(_ byte: UInt8) throws(AOFError) -> AOFError {
    let offset = recordOffset
    guard byte == 0 else {
      return AOFError(
        .garbage, at: offset,
        "'*' should begin a command, here stands \(Self.shown(byte))")
    }
    do throws(InputError) {
      while try !input.isAtEnd() {
        while input.cursor < input.limit, input.cursor.load(as: UInt8.self) == 0 {
          input.cursor += 1
        }
        if input.cursor < input.limit {
          return AOFError(
            .zeros, at: offset,
            "\(input.offset - offset) zero bytes where a command should begin")
        }
      }
    } catch {
      throw AOFError(error)
    }
    return AOFError(
      .zeroTail, at: offset,
      "zero bytes from here to the end, \(input.offset - offset) of them")
  }

  private static func shown(_ byte: UInt8) -> String {
    (0x21..<0x7F).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
  }
}
