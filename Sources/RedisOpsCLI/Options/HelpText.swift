extension String {
  /// The text with each paragraph on one line, so that help fits the terminal's width. Lines that
  /// are indented, such as examples, stay as they are.
  var flowing: String {
    // Every run asks for the texts of many commands.
    var bytes = Array(utf8)
    let newline = UInt8(ascii: "\n")
    let blank = UInt8(ascii: " ")
    var isOpen = false
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: newline) ?? bytes.count
      let isFixed = start == end || bytes[start] == blank
      if isOpen, !isFixed { bytes[start - 1] = blank }
      isOpen = !isFixed
      start = end + 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
