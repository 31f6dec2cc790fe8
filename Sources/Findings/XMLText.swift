import ByteKit

/// Text within XML.
enum XMLText {
  /// `text` as character data or within an attribute. Control characters, which XML 1.0 cannot hold
  /// in any form, are shown as in messages.
  static func escaped(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var result = ""
    for scalar in lines.map({ PrintableText.line(String($0)) }).joined(separator: "\n")
      .unicodeScalars
    {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
