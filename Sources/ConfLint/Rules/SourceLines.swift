import Findings

/// A line of a file: its number and its bytes without the line feed.
struct SourceLine {
  /// The number, from 1.
  var number: Int
  /// Where its bytes lie in the file.
  var range: Range<Int>
}

extension Array where Element == UInt8 {
  /// The lines, without their line feeds; what follows the last line feed is a line if it is not
  /// empty.
  var sourceLines: [SourceLine] {
    var result: [SourceLine] = []
    var start = 0
    while start < count {
      let end = self[start...].firstIndex(of: UInt8(ascii: "\n")) ?? count
      result.append(SourceLine(number: result.count + 1, range: start..<end))
      start = end + 1
    }
    return result
  }
}

extension UInt8 {
  /// Whether servers take the byte as a blank between words: space, tab, CR or LF.
  var isConfBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }
  /// Whether it is an ASCII letter of upper case.
  var isUpper: Bool { self >= 0x41 && self <= 0x5A }
  /// The byte in lower case, if it is an ASCII letter.
  var lowered: UInt8 { isUpper ? self | 0x20 : self }
  /// Whether it is a decimal digit.
  var isDigit: Bool { self >= 0x30 && self <= 0x39 }
}

extension Collection where Element == UInt8 {
  /// The bytes as text in lower case; what is not UTF-8 becomes a replacement character.
  var loweredText: String { String(decoding: map(\.lowered), as: UTF8.self) }
  /// The bytes as text.
  var text: String { String(decoding: self, as: UTF8.self) }
}
