extension String {
  /// The text with each paragraph on one line, so that help fits the terminal's width. Lines that
  /// are indented, such as examples, stay as they are.
  var flowing: String {
    var lines: [Substring] = []
    var isOpen = false
    for line in split(separator: "\n", omittingEmptySubsequences: false) {
      let isFixed = line.isEmpty || line.hasPrefix(" ")
      if isOpen, !isFixed {
        lines[lines.count - 1] += " " + line
      } else {
        lines.append(line)
      }
      isOpen = !isFixed
    }
    return lines.joined(separator: "\n")
  }
}
