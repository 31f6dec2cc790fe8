/// How many columns of a terminal text takes, and how to make it take fewer.
public enum TextWidth {
  /// The columns of `text`, which holds no control characters.
  public static func columns(of text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// The columns of one scalar: 0 for marks that combine, 2 for wide characters of East Asia and
  /// pictographs, else 1.
  public static func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    return wide.contains { $0.contains(value) } ? 2 : 1
  }

  /// The blocks of wide and full-width characters. Source: Unicode 15, `EastAsianWidth.txt`, gaps
  /// within a block closed.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
    0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
    0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x1F300...0x1F64F,
    0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]

  /// `text` in at most `limit` columns: what is too long loses its middle to `…`.
  ///
  /// Keys differ at the end as often as at the start, so both stay.
  public static func truncatingMiddle(_ text: String, to limit: Int) -> String {
    guard columns(of: text) > limit else { return text }
    guard limit > 1 else { return limit == 1 ? "…" : "" }
    // A cluster (a letter with its marks) stays together.
    let headRoom = limit / 2
    let head = prefix(text, headRoom)
    let tailRoom = limit - 1 - columns(of: head)
    let tail = String(prefix(text.reversed(), tailRoom).reversed())
    return head + "…" + tail
  }

  /// `text` in at most `limit` columns: what is too long loses its end to `…`.
  public static func truncatingEnd(_ text: String, to limit: Int) -> String {
    guard columns(of: text) > limit else { return text }
    return limit > 0 ? prefix(text, limit - 1) + "…" : ""
  }

  /// The first characters that fit into `limit` columns.
  private static func prefix(_ characters: some Sequence<Character>, _ limit: Int) -> String {
    var result = ""
    var used = 0
    for character in characters {
      let width = columns(of: String(character))
      if used + width > limit { break }
      result.append(character)
      used += width
    }
    return result
  }
}
