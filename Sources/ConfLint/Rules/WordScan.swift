/// Words of a line as they are written, quotes and escapes included.
enum WordScan {
  /// The ranges of the words within `range`: a quoted stretch belongs to its word, and an open
  /// quote reaches to the end.
  static func words(_ bytes: [UInt8], in range: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var index = range.lowerBound
    while index < range.upperBound {
      while index < range.upperBound, bytes[index].isConfBlank { index += 1 }
      guard index < range.upperBound else { break }
      let start = index
      var quote: UInt8?
      while index < range.upperBound {
        let byte = bytes[index]
        if let open = quote {
          if byte == UInt8(ascii: "\\"), index + 1 < range.upperBound {
            index += 1
          } else if byte == open {
            quote = nil
          }
        } else if byte.isConfBlank {
          break
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
          quote = byte
        }
        index += 1
      }
      result.append(start..<min(index, range.upperBound))
    }
    return result
  }

  /// Whether a word is a name of letters, digits, dashes and underscores.
  static func isPlainName(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.allSatisfy {
      $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0.lowered)
    }
  }
}

/// Quotes of configuration files.
enum Quoting {
  /// `bytes` in double quotes, so that servers read the same bytes again.
  static func doubleQuoted(_ bytes: ArraySlice<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = [UInt8(ascii: "\"")]
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case 0x0A: text += Array("\\n".utf8)
      case 0x0D: text += Array("\\r".utf8)
      case 0x09: text += Array("\\t".utf8)
      case 0x20..<0x7F: text.append(byte)
      default:
        text += Array("\\x".utf8)
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
    }
    text.append(UInt8(ascii: "\""))
    return String(decoding: text, as: UTF8.self)
  }

  /// The content of a word in single quotes.
  static func singleQuotedContent(_ word: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var inner = word.dropFirst().dropLast()
    while let byte = inner.popFirst() {
      if byte == UInt8(ascii: "\\"), inner.first == UInt8(ascii: "'") {
        result.append(UInt8(ascii: "'"))
        inner.removeFirst()
      } else {
        result.append(byte)
      }
    }
    return result
  }

  /// `value` as one argument: quoted only where it must be.
  static func argument(_ value: [UInt8]) -> String {
    let isPlain =
      !value.isEmpty
      && value.allSatisfy {
        $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'")
          && $0 != UInt8(ascii: "\\")
      }
    return isPlain ? value.text : doubleQuoted(value[...])
  }
}

/// Bytes that are no UTF-8.
enum UTF8Scan {
  /// The offset, from the start of `bytes`, of the first byte that is no part of UTF-8.
  static func firstBadOffset(_ bytes: ArraySlice<UInt8>) -> Int? {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .error: return offset
      case .emptyInput: return nil
      }
    }
  }
}
