/// Bytes and text made fit for a terminal and for messages.
///
/// What could drive a terminal or hide in a line (control characters, bidirectional overrides,
/// invisible format characters, line separators) is shown as `\xNN`, byte by byte, and so is all
/// that is no UTF-8.
public enum PrintableText {
  /// The bytes of a key that a message shows unless told otherwise.
  public static let byteCountMax = 128

  /// `bytes` between quotes, `"` and `\` behind a backslash: `"user:\x01\"x\""`.
  ///
  /// - Parameter limit: longer bytes are cut at a character border and end with their length:
  ///   `"user:…" (5000 bytes)`.
  public static func quoted(_ bytes: UnsafeRawBufferPointer, limit: Int = byteCountMax) -> String {
    var text = "\""
    let kept = append(bytes, limit: limit, quoting: true, to: &text)
    text += kept < bytes.count ? "…\" (\(bytes.count) bytes)" : "\""
    return text
  }

  /// `bytes` between quotes, as `quoted(_:limit:)` of a buffer.
  public static func quoted(_ bytes: [UInt8], limit: Int = byteCountMax) -> String {
    bytes.withUnsafeBytes { quoted($0, limit: limit) }
  }

  /// `bytes` without quotes, for a column of a table; a backslash is doubled, so that the text
  /// names one key only.
  ///
  /// - Parameter limit: longer bytes are cut at a character border and end with `…`.
  public static func plain(_ bytes: UnsafeRawBufferPointer, limit: Int = .max) -> String {
    var text = ""
    let kept = append(bytes, limit: limit, quoting: false, to: &text)
    return kept < bytes.count ? text + "…" : text
  }

  /// `bytes` without quotes, as `plain(_:limit:)` of a buffer.
  public static func plain(_ bytes: [UInt8], limit: Int = .max) -> String {
    bytes.withUnsafeBytes { plain($0, limit: limit) }
  }

  /// `text` as one line: what is not printable is escaped, the rest stays as it is.
  public static func line(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy(isPrintable) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isPrintable(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        for byte in UTF8.encode(scalar) ?? .init() { appendEscape(byte, to: &result) }
      }
    }
    return result
  }

  /// Whether a terminal shows `scalar` as a mark of its own, or as part of one.
  public static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .privateUse, .lineSeparator,
      .paragraphSeparator:
      return false
    default:
      return true
    }
  }

  /// Appends up to `limit` of `bytes`.
  ///
  /// - Returns: how many were taken.
  private static func append(
    _ bytes: UnsafeRawBufferPointer, limit: Int, quoting: Bool, to text: inout String
  ) -> Int {
    guard let start = bytes.baseAddress else { return 0 }
    var position = 0
    while position < bytes.count {
      let length = UTF8Text.sequenceLength(start + position, bytes.count - position)
      let unit = UnsafeRawBufferPointer(start: start + position, count: max(length, 1))
      if unit.count > limit - position { break }
      let scalar = length > 0 ? String(decoding: unit, as: UTF8.self).unicodeScalars.first : nil
      if let scalar, isPrintable(scalar) {
        if scalar == "\\" || quoting && scalar == "\"" { text += "\\" }
        text.unicodeScalars.append(scalar)
      } else {
        for byte in unit { appendEscape(byte, to: &text) }
      }
      position += unit.count
    }
    return position
  }

  private static func appendEscape(_ byte: UInt8, to text: inout String) {
    let digits = String(byte, radix: 16)
    text += byte < 16 ? "\\x0\(digits)" : "\\x\(digits)"
  }
}
