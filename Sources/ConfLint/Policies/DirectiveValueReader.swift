import ByteKit

/// Reads what a policy says is a directive's value, as the server would read it: from the text as
/// it was written, by the directive's type, whatever YAML thinks of it.
struct DirectiveValueReader {
  let directive: DirectiveType

  /// A value and the text that a configuration file would have.
  struct Reading {
    let value: ExpressionValue
    let text: String
  }

  /// The value of one scalar; nil, and reported, if the server would refuse it.
  func read(_ source: SourceNode) -> Reading? {
    guard let scalar = source.node.scalar else {
      source.report(.wrongKind, "\(directive.name) takes a value, found \(source.node.kindName)")
      return nil
    }
    if scalar.isNull {
      source.report(
        .nothing, "\(directive.name) has nothing here: write \"\" for empty, or absent: true")
      return nil
    }
    let text = scalar.text
    switch directive.type {
    case .bool: return bool(text, source)
    case .quantity(.bytes): return size(text, source)
    case .quantity(.duration): return duration(text, source)
    case .quantity(let dimension):
      return directive.isOctal ? octal(text, source) : number(text, dimension, source)
    case .list(.savePoint): return savePoints(text, source)
    default: return word(scalar.text, isPlain: scalar.style == .plain, source)
    }
  }

  private func bool(_ text: String, _ source: SourceNode) -> Reading? {
    switch text.lowercased() {
    case "yes", "no":
      return Reading(value: .bool(text.lowercased() == "yes"), text: text.lowercased())
    case "true", "false":
      let word = text.lowercased() == "true" ? "yes" : "no"
      source.report(.trueForYes, "\(directive.name) is \(word) to the server: write \(word)")
      return Reading(value: .bool(word == "yes"), text: word)
    default:
      source.report(
        .noAnswer,
        "\(directive.name) is yes or no, and the server refuses '\(PrintableText.line(text))'")
      return nil
    }
  }

  /// Digits with a sign or not, as the server reads integers; leading zeros mean 8 to one reader of
  /// YAML and 10 to another.
  private func digits(_ text: Substring) -> ExactNumber? {
    var digits = text.utf8[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    guard digits.allSatisfy({ (48...57).contains($0) }), digits.count == 1 || digits.first != 48,
      let number = ExactNumber(decimal: digits)
    else { return nil }
    return isNegative ? ExactNumber.zero.subtracting(number) : number
  }

  private func refuse(_ text: String, _ form: String, _ source: SourceNode) -> Reading? {
    var advice = ""
    let zeroless = text.drop { $0 == "0" }
    if text.hasPrefix("0"), digits(zeroless) != nil { advice = "; meant \(zeroless)?" }
    let digitsOnly = text.filter { $0 != "_" && $0 != " " }
    if advice.isEmpty, digitsOnly != text { advice = "; meant \(digitsOnly)?" }
    source.report(
      .noNumber, "\(directive.name) is '\(PrintableText.line(text))', expected \(form)\(advice)")
    return nil
  }

  private func number(_ text: String, _ dimension: Dimension, _ source: SourceNode) -> Reading? {
    let body = dimension == .percent && text.hasSuffix("%") ? text.dropLast() : text[...]
    guard let number = digits(body) else { return refuse(text, "decimal digits", source) }
    return Reading(value: .quantity(number, dimension), text: text)
  }

  private func size(_ text: String, _ source: SourceNode) -> Reading? {
    let form = "decimal digits and b, k, kb, m, mb, g or gb, without a blank or fraction"
    if text.hasSuffix("%"), let number = digits(text.dropLast()) {
      return Reading(value: .quantity(number, .percent), text: text)
    }
    let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "-" }
    guard digits(number) != nil, !text.contains(".") else { return refuse(text, form, source) }
    if let quantity = try? QuantityParser.parse(text, units: .expression),
      quantity.dimension == .bytes || quantity.dimension == .number
    {
      return Reading(value: .quantity(quantity.number, .bytes), text: text)
    }
    if number == text, let bytes = digits(number) {
      return Reading(value: .quantity(bytes, .bytes), text: text)
    }
    return refuse(text, form, source)
  }

  private func duration(_ text: String, _ source: SourceNode) -> Reading? {
    if let count = digits(text[...]), let value = count.multiplied(by: ExactNumber(directive.unit))
    {
      return Reading(value: .quantity(value, .duration), text: text)
    }
    if let quantity = try? QuantityParser.parse(text, units: .expression),
      quantity.dimension == .duration,
      let written = QuantityText.configurationText(
        quantity.number, .duration, unit: directive.unit)
    {
      return Reading(value: .quantity(quantity.number, .duration), text: written)
    }
    return refuse(text, "decimal digits, or a duration such as 60s or 5min", source)
  }

  private func octal(_ text: String, _ source: SourceNode) -> Reading? {
    var digits = text[...]
    if digits.hasPrefix("0o") {
      digits = digits.dropFirst(2)
      source.report(
        .octalPrefix, "\(directive.name) is octal to the server without 0o: write 0\(digits)")
    }
    if let bad = digits.first(where: { !("0"..."7").contains($0) }) {
      var advice = ""
      if digits.utf8.allSatisfy({ (48...57).contains($0) }), let decimal = Int(digits) {
        advice = "\(bad) is not an octal digit, meant 0\(String(decimal, radix: 8))?"
      }
      source.report(
        .noNumber,
        "\(directive.name) is '\(PrintableText.line(text))', expected octal digits"
          + (advice.isEmpty ? "" : ": " + advice))
      return nil
    }
    guard let value = UInt32(digits, radix: 8) else {
      return refuse(text, "octal digits such as 0700", source)
    }
    return Reading(value: .number(value), text: "0" + digits.drop { $0 == "0" })
  }

  private func word(_ text: String, isPlain: Bool, _ source: SourceNode) -> Reading? {
    if !directive.words.isEmpty {
      if let known = directive.words.first(where: { $0.lowercased() == text.lowercased() }) {
        return Reading(value: .text(known), text: known)
      }
      var advice = NearestWord.advice(text, in: directive.words)
      let meant = ["true": "yes", "false": "no"][text.lowercased()]
      if let meant, directive.words.contains(meant) { advice = "; meant the word \(meant)?" }
      source.report(
        .badValue,
        "\(directive.name) is '\(PrintableText.line(text))'\(advice); the server takes "
          + directive.words.joined(separator: ", "))
      return nil
    }
    let isSecret = directive.isSensitive || ["user", "rename-command"].contains(directive.name)
    if isPlain, isSecret, text.utf8.allSatisfy({ (48...57).contains($0) }) {
      source.report(
        .unquoted, "\(directive.name) is text: put quotes around it, so that no reader counts")
    }
    if isPlain, isSecret, source.node.scalar?.isFollowedByComment == true {
      source.report(
        .cutByComment, "a comment ends this value of \(directive.name): quote it if # belongs to it"
      )
    }
    return Reading(value: .text(text), text: text)
  }

  // MARK: Save points

  private func savePoints(_ text: String, _ source: SourceNode) -> Reading? {
    var points: [ExpressionValue] = []
    let words = text.split(separator: " ")
    guard words.count % 2 == 0 else {
      return refuse(text, "pairs of seconds and changes, such as \"900 1\"", source)
    }
    for index in stride(from: 0, to: words.count, by: 2) {
      guard let point = savePoint(words[index], words[index + 1]) else {
        return refuse(text, "pairs of seconds and changes, such as \"900 1\"", source)
      }
      points.append(point)
    }
    return Reading(value: .list(points), text: text)
  }

  private func savePoint(_ seconds: Substring, _ changes: Substring) -> ExpressionValue? {
    guard let seconds = digits(seconds), let changes = digits(changes),
      let time = seconds.multiplied(by: Dimension.microsecondsPerSecond)
    else { return nil }
    return .list([.quantity(time, .duration), .quantity(changes, .number)])
  }

  /// The save points of a list: `["900 1", "300 10"]` or `[[900, 1], [300, 10]]`. Numbers alone
  /// could be either, and are refused.
  func readSavePoints(_ source: SourceNode) -> [Reading]? {
    var result: [Reading] = []
    for item in source.list("save") {
      if let pair = item.node.items {
        guard pair.count == 2, let seconds = pair[0].scalar?.text,
          let changes = pair[1].scalar?.text,
          let point = savePoint(seconds[...], changes[...])
        else {
          item.report(.noNumber, "a save point is [seconds, changes], such as [900, 1]")
          return nil
        }
        result.append(Reading(value: .list([point]), text: "\(seconds) \(changes)"))
        continue
      }
      guard let text = item.text("a save point") else { return nil }
      guard text.contains(" ") else {
        source.report(
          .badValue,
          "this may be one save point or several: write [\"900 1\"] or [[900, 1]]")
        return nil
      }
      guard let reading = savePoints(text, item) else { return nil }
      result.append(reading)
    }
    return result
  }
}
