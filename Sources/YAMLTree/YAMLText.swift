import ByteKit

/// A text made ready for libyaml, and the way from its marks back to bytes, lines and columns.
///
/// libyaml counts characters and takes NEL, LS and PS for line breaks, as YAML 1.1 did. In 1.2 they
/// are content: each is replaced by a character of the same length that the text does not have, and
/// put back into the scalars.
struct YAMLText {
  /// The bytes that libyaml reads: without the byte order mark, substitutes in place.
  let bytes: [UInt8]
  /// The length of the byte order mark, 0 or 3.
  let markByteCount: Int
  /// Substitutes and what they stand for; empty for nearly all texts.
  private let substitutes: [(substitute: Unicode.Scalar, original: Unicode.Scalar)]
  /// Offsets into `bytes` at which lines start.
  private let lineStarts: [Int]
  /// Characters of more than one byte: their index and the bytes that they and those before add.
  private let wide: [(index: Int, extra: Int)]

  /// - Throws: if the text is too long or not UTF-8.
  init(_ input: [UInt8]) throws(YAMLError) {
    let hasMark = input.starts(with: [0xEF, 0xBB, 0xBF])
    markByteCount = hasMark ? 3 : 0
    var text = hasMark ? Array(input[3...]) : input
    let start = YAMLPosition(line: 1, column: 1, offset: 0)
    guard input.count <= YAMLLimits.byteCount else {
      throw YAMLError(
        .limit, "\(input.count) bytes are too many: at most \(YAMLLimits.byteCount) are read",
        at: start)
    }
    if text.contains(where: { $0 >= 0x80 }) {
      substitutes = YAMLText.substitute(&text)
      wide = YAMLText.wideCharacters(text)
    } else {
      substitutes = []
      wide = []
    }
    var starts = [0]
    for offset in text.indices {
      let isBreak =
        text[offset] == 0x0A
        || text[offset] == 0x0D && !(offset + 1 < text.count && text[offset + 1] == 0x0A)
      if isBreak { starts.append(offset + 1) }
    }
    bytes = text
    lineStarts = starts
    if let offset = YAMLText.invalidOffset(text) {
      throw YAMLError(
        .encoding, "byte 0x\(String(text[offset], radix: 16)) is no UTF-8: save the file as UTF-8",
        at: position(ofOffset: offset))
    }
  }

  /// The first byte that is no UTF-8.
  private static func invalidOffset(_ text: [UInt8]) -> Int? {
    text.withUnsafeBytes { buffer in
      if UTF8Text.isValid(buffer) { return nil }
      var offset = 0
      while let start = buffer.baseAddress, offset < buffer.count {
        let length = UTF8Text.sequenceLength(start + offset, buffer.count - offset)
        if length == 0 { return offset }
        offset += length
      }
      return nil
    }
  }

  /// Replaces NEL, LS and PS.
  private static func substitute(
    _ text: inout [UInt8]
  ) -> [(substitute: Unicode.Scalar, original: Unicode.Scalar)] {
    var used: Set<Unicode.Scalar> = []
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars where !scalar.isASCII {
      used.insert(scalar)
    }
    let originals: [(scalar: Unicode.Scalar, range: ClosedRange<UInt32>)] = [
      ("\u{85}", 0xA1...0x7FF), ("\u{2028}", 0xE000...0xE7FF), ("\u{2029}", 0xE800...0xEFFF),
    ]
    var result: [(substitute: Unicode.Scalar, original: Unicode.Scalar)] = []
    for (scalar, range) in originals where used.contains(scalar) {
      // A text that has all of these characters keeps its line breaks; nobody writes one.
      let free = range.lazy.compactMap(Unicode.Scalar.init).first { !used.contains($0) }
      guard let free else { continue }
      let wanted = Array(UTF8.encode(scalar) ?? .init())
      let replacement = Array(UTF8.encode(free) ?? .init())
      var offset = 0
      while offset + wanted.count <= text.count {
        if text[offset..<offset + wanted.count].elementsEqual(wanted) {
          text.replaceSubrange(offset..<offset + wanted.count, with: replacement)
        }
        offset += 1
      }
      result.append((free, scalar))
    }
    return result
  }

  private static func wideCharacters(_ text: [UInt8]) -> [(index: Int, extra: Int)] {
    var result: [(index: Int, extra: Int)] = []
    var extra = 0
    var continuations = 0
    for (offset, byte) in text.enumerated() {
      if byte & 0xC0 == 0x80 {
        continuations += 1
        extra += 1
        if let last = result.indices.last { result[last].extra = extra }
      } else if byte >= 0xC0 {
        result.append((offset - continuations, extra))
      }
    }
    return result
  }

  /// The offset into `bytes` of the character `index`.
  func offset(ofCharacter index: Int) -> Int {
    var low = 0
    var high = wide.count
    while low < high {
      let middle = (low + high) / 2
      if wide[middle].index < index { low = middle + 1 } else { high = middle }
    }
    return min(index + (low == 0 ? 0 : wide[low - 1].extra), bytes.count)
  }

  /// The position of an offset into `bytes`.
  func position(ofOffset offset: Int) -> YAMLPosition {
    var low = 0
    var high = lineStarts.count
    while low < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    let lineStart = lineStarts[max(low - 1, 0)]
    return YAMLPosition(
      line: max(low, 1), column: offset - lineStart + 1, offset: offset + markByteCount)
  }

  /// `text` with the characters that were replaced.
  func restored(_ text: String) -> String {
    if substitutes.isEmpty { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(substitutes.first { $0.substitute == scalar }?.original ?? scalar)
    }
    return String(result)
  }

  /// The bytes of the line that holds `offset`, from there to its end.
  func restOfLine(from offset: Int) -> ArraySlice<UInt8> {
    let end = bytes[offset...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.endIndex
    return bytes[offset..<end]
  }

  /// The bytes of line `number`, from 1.
  func line(_ number: Int) -> ArraySlice<UInt8> {
    guard lineStarts.indices.contains(number - 1) else { return [] }
    return restOfLine(from: lineStarts[number - 1])
  }
}
